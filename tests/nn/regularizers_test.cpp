#include "sinew/nn/regularizers.h"

#include <cmath>

#include "nn/keras/inputs.h"
#include "nn/keras/weights.h"

namespace sinew {
namespace {

class Regularizers : public testing::TestWithParam<keras::RegularizerCase> {};

TEST_P(Regularizers, PenaltyIsKeras) {
  const Tensor weight = keras::each(wave({3, 4}, 0.4), [](double v) { return 1.5 * v; });
  const Regularizer regularizer = GetParam().identifier;
  for (const auto& [dtype, tolerance] : {std::pair{DType::Float64, 1e-7}, {DType::Float32, 1e-6}}) {
    Graph graph;
    expect_relative(eval(regularizer(graph.constant(weight.cast(dtype)))), {GetParam().penalty},
                    tolerance);
  }
}

TEST_P(Regularizers, IdentifierMakesTheSameAgain) {
  const std::string text = Regularizer(GetParam().identifier).identifier();
  EXPECT_EQ(Regularizer(text).identifier(), text);
}

INSTANTIATE_TEST_SUITE_P(All, Regularizers, testing::ValuesIn(keras::kRegularizers),
                         keras::case_name<keras::RegularizerCase>);

TEST(Regularizer, OrthogonalHasAGradient) {
  Graph graph;
  const Value weight = graph.constant(f64({1, 1, 0, 1}, {2, 2}));
  const Value penalty = regularizers::OrthogonalRegularizer(1.0)(weight);
  // The cosine of (1, 1) and (0, 1), the mean over one pair.
  const std::vector<Tensor> found =
      eval(std::vector<Value>{penalty, gradients(penalty, std::vector<Value>{weight})[0]});
  EXPECT_NEAR(found[0].at(0), std::sqrt(0.5), 1e-12);
  const double slope = std::sqrt(0.5) / 2;
  expect_near(found[1], {-slope, slope, std::sqrt(0.5), 0}, 1e-12);
}

TEST(Regularizer, Errors) {
  EXPECT_THAT(message_of<ValueError>([] { Regularizer("l3"); }),
              testing::HasSubstr("unknown regularizer 'l3'"));
  EXPECT_THAT(message_of<ValueError>([] { Regularizer("L1(l1=-1.0)"); }),
              testing::HasSubstr("factors must not be negative"));
  EXPECT_THAT(message_of<ValueError>([] { Regularizer("OrthogonalRegularizer(mode=\"row\")"); }),
              testing::HasSubstr("did you mean 'rows'?"));
  EXPECT_THAT(message_of<ShapeError>([] {
                Graph graph;
                Regularizer("orthogonal_regularizer")(graph.constant(Tensor(Shape{2})));
              }),
              testing::HasSubstr("takes matrices"));
}

}  // namespace
}  // namespace sinew
