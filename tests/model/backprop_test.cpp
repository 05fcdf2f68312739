#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "model/small_models.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using namespace testing;

double sigmoid_of(double z) { return 1 / (1 + std::exp(-z)); }

/// A 2-2-1 network of sigmoids with its weights as plain numbers.
struct Hand {
  std::array<std::array<double, 2>, 2> w1 = {{{0.15, 0.25}, {0.20, 0.30}}};  // [input][hidden]
  std::array<double, 2> b1 = {0.35, 0.30};
  std::array<double, 2> w2 = {0.40, 0.45};
  double b2 = 0.60;

  std::vector<Tensor> tensors() const {
    return {Tensor::from<double>({w1[0][0], w1[0][1], w1[1][0], w1[1][1]}, {2, 2}),
            Tensor::from<double>({b1[0], b1[1]}, {2}), Tensor::from<double>({w2[0], w2[1]}, {2, 1}),
            Tensor::from<double>({b2}, {1})};
  }
};

Sequential network(const Hand& hand, double learning_rate) {
  Sequential model(
      {layers::Dense(2, {.activation = "sigmoid", .input_shape = {2}, .dtype = DType::Float64}),
       layers::Dense(1, {.activation = "sigmoid", .dtype = DType::Float64})});
  model.set_weights(hand.tensors());
  model.compile({.optimizer = optimizers::SGD({.learning_rate = learning_rate}), .loss = "mse"});
  return model;
}

// The tutorial, section 1.3.1: back-propagation gives the slope of the loss for each weight,
// gradient descent takes a step against it. By the chain rule, with a = sigma(z), sigma' = a (1 -
// a) and L = (a2 - y)^2:
//   delta2 = 2 (a2 - y) a2 (1 - a2)        dL/dw2_j = delta2 a1_j       dL/db2 = delta2
//   delta1_j = delta2 w2_j a1_j (1 - a1_j) dL/dw1_ij = delta1_j x_i     dL/db1_j = delta1_j
// (Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986,
// equations 4 to 7).
TEST(BackPropagation, IsTheChainRuleAppliedByHand) {
  constexpr double kRate = 0.5;
  const std::array<double, 2> x = {0.05, 0.10};
  const double y = 0.01;
  Hand hand;
  Sequential model = network(hand, kRate);
  // Several steps, so that each begins where the one before has ended.
  for (int step = 0; step < 5; ++step) {
    std::array<double, 2> a1;
    for (int j = 0; j < 2; ++j)
      a1[j] = sigmoid_of(x[0] * hand.w1[0][j] + x[1] * hand.w1[1][j] + hand.b1[j]);
    const double a2 = sigmoid_of(a1[0] * hand.w2[0] + a1[1] * hand.w2[1] + hand.b2);
    const double delta2 = 2 * (a2 - y) * a2 * (1 - a2);
    for (int j = 0; j < 2; ++j) {
      const double delta1 = delta2 * hand.w2[j] * a1[j] * (1 - a1[j]);
      for (int i = 0; i < 2; ++i) hand.w1[i][j] -= kRate * delta1 * x[i];
      hand.b1[j] -= kRate * delta1;
      hand.w2[j] -= kRate * delta2 * a1[j];
    }
    hand.b2 -= kRate * delta2;

    model.reset_metrics();
    const Logs logs = model.train_on_batch(Tensor::from<double>({x[0], x[1]}, {1, 2}),
                                           Tensor::from<double>({y}, {1, 1}));
    EXPECT_NEAR(logs["loss"], (a2 - y) * (a2 - y), 1e-12);
    const std::vector<Tensor> expected = hand.tensors(), found = model.get_weights();
    for (std::size_t w = 0; w < expected.size(); ++w) {
      for (std::int64_t i = 0; i < expected[w].numel(); ++i) {
        EXPECT_NEAR(found[w].at(i), expected[w].at(i), 1e-9)
            << "step " << step << ", weight " << w << ", element " << i;
      }
    }
  }
}

// w <- w - rate dL/dw on L = (w - 3)^2 has the closed form w_n = 3 + (w_0 - 3) (1 - 2 rate)^n.
TEST(GradientDescent, FollowsItsClosedForm) {
  Sequential model(
      {layers::Dense(1, {.use_bias = false, .input_shape = {1}, .dtype = DType::Float64})});
  model.set_weights({Tensor::from<double>({10}, {1, 1})});
  // A rate that float32 holds exactly: the optimizer keeps it as such.
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.125}), .loss = "mse"});
  const Tensor one = Tensor::from<double>({1}, {1, 1}), three = Tensor::from<double>({3}, {1, 1});
  for (int n = 1; n <= 20; ++n) {
    model.train_on_batch(one, three);
    EXPECT_NEAR(model.get_weights()[0].at(0), 3 + 7 * std::pow(0.75, n), 1e-12);
  }
}

/// The layers of the network as a function of Values, with weights as inputs of the graph.
TEST(SecondDerivative, OfANetworkAgreesWithDifferencesOfTheFirst) {
  const Hand hand;
  const auto slope_and_curvature = [&](double shift) {
    Graph graph;
    const std::vector<Tensor> tensors = hand.tensors();
    Tensor kernel = tensors[0].clone();
    kernel.data<double>()[1] += shift;
    const Value x = graph.constant(Tensor::from<double>({0.5, -0.3}, {1, 2}));
    const Value w1 = graph.input("w1", DType::Float64, {2, 2});
    const Value hidden = ops::sigmoid(ops::matmul(x, w1) + graph.constant(tensors[1]));
    const Value output =
        ops::sigmoid(ops::matmul(hidden, graph.constant(tensors[2])) + graph.constant(tensors[3]));
    const Value loss = ops::sum(ops::square(output));
    const std::vector<Value> inputs = {w1};
    const Value slope = gradients(loss, inputs)[0];
    const Value element =
        ops::sum(slope * graph.constant(Tensor::from<double>({0, 1, 0, 0}, {2, 2})));
    const Value curvature = gradients(element, inputs)[0];
    return eval({slope, curvature}, {{"w1", kernel}});
  };
  constexpr double kStep = 1e-5;
  const double difference =
      (slope_and_curvature(kStep)[0].at(1) - slope_and_curvature(-kStep)[0].at(1)) / (2 * kStep);
  const double exact = slope_and_curvature(0)[1].at(1);
  EXPECT_NE(exact, 0.0);
  EXPECT_NEAR(exact, difference, 1e-6 * std::abs(exact) + 1e-10);
}

}  // namespace
}  // namespace sinew
