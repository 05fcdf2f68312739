#include "sinew/nn/activations.h"

#include <cmath>
#include <functional>
#include <numbers>

#include "nn/layer_harness.h"
#include "sinew/compiler/eval.h"

namespace sinew {
namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double softplus(double x) { return std::log1p(std::exp(x)); }
double elu(double x, double alpha) { return x > 0 ? x : alpha * std::expm1(x); }

struct Case {
  const char* name;
  std::function<double(double)> reference;
};

class Activations : public testing::TestWithParam<Case> {};

TEST_P(Activations, FollowsItsFormula) {
  const std::vector<double> xs = {-7.5, -3.0, -1.0, -0.25, -1e-3, 0.0, 1e-3,
                                  0.25, 1.0,  3.0,  5.9,   6.1,   9.0};
  Graph graph;
  const Value x = graph.input("x", DType::Float64, {static_cast<std::int64_t>(xs.size())});
  const Tensor y = eval(ActivationFunction(GetParam().name)(x), {{"x", f64(xs, x.shape())}});
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const double expected = GetParam().reference(xs[i]);
    EXPECT_NEAR(y.at(static_cast<std::int64_t>(i)), expected,
                1e-12 * std::max(1.0, std::abs(expected)))
        << GetParam().name << " at " << xs[i];
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Activations,
    testing::Values(
        Case{"linear", [](double x) { return x; }},
        Case{"relu", [](double x) { return std::max(x, 0.0); }},
        Case{"relu6", [](double x) { return std::min(std::max(x, 0.0), 6.0); }},
        Case{"leaky_relu", [](double x) { return x > 0 ? x : 0.2 * x; }},
        Case{"leaky_relu(negative_slope=0.3)", [](double x) { return x > 0 ? x : 0.3 * x; }},
        Case{"elu", [](double x) { return elu(x, 1.0); }},
        Case{"elu(alpha=0.5)", [](double x) { return elu(x, 0.5); }},
        Case{"selu",
             [](double x) { return 1.0507009873554804934 * elu(x, 1.6732632423543772848); }},
        Case{"sigmoid", sigmoid},
        Case{"hard_sigmoid", [](double x) { return std::min(std::max(x / 6.0 + 0.5, 0.0), 1.0); }},
        Case{"tanh", [](double x) { return std::tanh(x); }}, Case{"softplus", softplus},
        Case{"softsign", [](double x) { return x / (1.0 + std::abs(x)); }},
        Case{"silu", [](double x) { return x * sigmoid(x); }},
        Case{"swish", [](double x) { return x * sigmoid(x); }},
        Case{"gelu", [](double x) { return x * 0.5 * std::erfc(-x / std::numbers::sqrt2); }},
        Case{"gelu(approximate=true)",
             [](double x) {
               return 0.5 * x *
                      (1 + std::tanh(std::sqrt(2 / std::numbers::pi) *
                                     (x + 0.044715 * std::pow(x, 3))));
             }},
        Case{"mish", [](double x) { return x * std::tanh(softplus(x)); }},
        Case{"exponential", [](double x) { return std::exp(x); }}),
    [](const auto& info) {
      std::string name = info.param.name;
      for (char& letter : name)
        letter = std::isalnum(static_cast<unsigned char>(letter)) ? letter : '_';
      return name;
    });

TEST(ActivationFunction, SoftmaxIsOverTheLastAxis) {
  Graph graph;
  const Value x = graph.input("x", DType::Float64, {2, 2});
  const Tensor input = f64({0, std::log(3.0), 1, 1}, {2, 2});
  expect_near(eval(ActivationFunction("softmax")(x), {{"x", input}}), {0.25, 0.75, 0.5, 0.5},
              1e-14);
  expect_near(eval(ActivationFunction("log_softmax")(x), {{"x", input}}),
              {std::log(0.25), std::log(0.75), std::log(0.5), std::log(0.5)}, 1e-14);
}

TEST(ActivationFunction, LargeInputsDoNotOverflow) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {2});
  for (const char* name : {"softplus", "elu", "selu", "mish", "silu", "sigmoid"}) {
    const Tensor y = eval(ActivationFunction(name)(x), {{"x", f32({-500, 500}, {2})}});
    EXPECT_TRUE(std::isfinite(y.at(0)) && std::isfinite(y.at(1))) << name;
  }
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
}

}  // namespace
}  // namespace sinew
