#include "sinew/nn/activations.h"

#include <cmath>
#include <limits>
#include <set>

#include "nn/keras/activations.h"
#include "nn/keras/inputs.h"

namespace sinew {
namespace {

/// Value and derivative of an activation at these points.
std::vector<Tensor> evaluate(const char* identifier, const std::vector<double>& points,
                             DType dtype) {
  Graph graph;
  const Value x =
      graph.constant(f64(points, {static_cast<std::int64_t>(points.size())}).cast(dtype));
  const Value y = ActivationFunction(identifier)(x);
  return eval(std::vector<Value>{y, gradients(ops::sum(y), std::vector<Value>{x})[0]});
}

class Activations : public testing::TestWithParam<keras::Activation> {};

TEST_P(Activations, ValuesAndDerivativesAreKeras) {
  const keras::Activation& c = GetParam();
  const std::vector<Tensor> exact = evaluate(c.identifier, keras::kPoints, DType::Float64);
  // Keras rounds some of them to float32.
  expect_relative(exact[0], c.y, 3e-7);
  expect_relative(exact[1], c.slope, 3e-7);
  const std::vector<Tensor> rounded = evaluate(c.identifier, keras::kPoints, DType::Float32);
  expect_relative(rounded[0], c.y, 2e-6);
  expect_relative(rounded[1], c.slope, 2e-6);
}

TEST_P(Activations, Float32HoldsAtLargeArguments) {
  const keras::Activation& c = GetParam();
  const std::vector<Tensor> found = evaluate(c.identifier, keras::kLarge, DType::Float32);
  expect_relative(found[0], c.large, 2e-6);
  expect_relative(found[1], c.large_slope, 2e-6);
}

INSTANTIATE_TEST_SUITE_P(All, Activations, testing::ValuesIn(keras::kActivations),
                         keras::case_name<keras::Activation>);

class AxisActivations : public testing::TestWithParam<keras::AxisActivation> {};

TEST_P(AxisActivations, ValuesAndDerivativesAreKeras) {
  for (const auto& [dtype, tolerance] :
       {std::pair{DType::Float64, 1e-12}, {DType::Float32, 1e-5}}) {
    Graph graph;
    const Value x = 2.0 * graph.constant(wave({2, 4, 6}, 0.4).cast(dtype));
    const Value y = ActivationFunction(GetParam().identifier)(x);
    const Value weighted = ops::sum(y * graph.constant(wave(y.shape(), 9).cast(dtype)));
    const std::vector<Tensor> found =
        eval(std::vector<Value>{y, gradients(weighted, std::vector<Value>{x})[0]});
    expect_relative(found[0], GetParam().y, tolerance);
    expect_relative(found[1], GetParam().slope, tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(All, AxisActivations, testing::ValuesIn(keras::kAxisActivations),
                         keras::case_name<keras::AxisActivation>);

TEST(ActivationFunction, KnowsKerasNames) {
  std::set<std::string> names;
  for (const auto& c : keras::kActivations) names.insert(Identifier::parse(c.identifier, "").name);
  for (const auto& c : keras::kAxisActivations)
    names.insert(Identifier::parse(c.identifier, "").name);
  names.insert("sparsemax");
  EXPECT_EQ(activation_names(), std::vector<std::string>(names.begin(), names.end()));
}

TEST(ActivationFunction, SparsemaxIsNoNumberWhereItsRowIsNone) {
  Graph graph;
  const Value x = graph.constant(f32({1, NAN, 0, 2, 1, 0}, {2, 3}));
  const Tensor y = eval(ActivationFunction("sparsemax")(x));
  EXPECT_TRUE(std::isnan(y.at(0)));
  EXPECT_EQ(y.at(3), 1.0);
}

TEST(ActivationFunction, KeepsItsIdentifier) {
  EXPECT_EQ(ActivationFunction().identifier(), "linear");
  EXPECT_EQ(ActivationFunction("gelu(approximate=true)").identifier(), "gelu(approximate=true)");
  EXPECT_TRUE(ActivationFunction("tanh").is("tanh"));
  EXPECT_FALSE(ActivationFunction("elu(alpha=0.5)").is("elu"));
}

TEST(ActivationFunction, Errors) {
  EXPECT_THAT(message_of<ValueError>([] { ActivationFunction("rleu"); }),
              testing::HasSubstr("unknown activation 'rleu': did you mean 'relu'?"));
  EXPECT_THAT(message_of<ValueError>([] { ActivationFunction("elu(alhpa=2.0)"); }),
              testing::HasSubstr("activation elu: unknown option 'alhpa': did you mean 'alpha'?"));
  EXPECT_THAT(
      message_of<ValueError>([] { ActivationFunction([](Value x) { return x; }).identifier(); }),
      testing::HasSubstr("cannot be saved"));
  EXPECT_THAT(message_of<ValueError>([] { ActivationFunction("threshold"); }),
              testing::HasSubstr("option 'threshold' is missing"));
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {2, 5});
  EXPECT_THAT(message_of<ShapeError>([&] { ActivationFunction("glu")(x); }),
              testing::AllOf(testing::HasSubstr("(2, 5)"), testing::HasSubstr("no two halves")));
}

}  // namespace
}  // namespace sinew
