#include <cmath>

#include "nn/layers/recurrent_reference.h"

namespace sinew {
namespace {

using layers::SimpleRNN;

Recurrence simple_rnn(const LayerPtr& layer, const Tensor& x,
                      const std::function<double(double)>& activation, Recurrence state = {}) {
  const Tensor recurrent_kernel = layer->weights()[1]->value();
  const std::int64_t units = recurrent_kernel.shape()[0];
  state.hidden.resize(static_cast<std::size_t>(units));
  for (std::int64_t step = 0; step < x.shape()[1]; ++step) {
    std::vector<double> hidden;
    for (std::int64_t unit = 0; unit < units; ++unit) {
      hidden.push_back(activation(affine(x, step, state.hidden, layer->weights()[0]->value(),
                                         recurrent_kernel, layer->weights()[2]->value(), unit)));
    }
    state.hidden = hidden;
    state.sequence.insert(state.sequence.end(), hidden.begin(), hidden.end());
  }
  return state;
}

layers::SimpleRNNOptions options_with(const ActivationFunction& activation) {
  return {.activation = activation,
          .bias_initializer = "RandomNormal(mean=0.0, stddev=0.7)",
          .return_sequences = true,
          .return_state = true,
          .dtype = DType::Float64};
}

TEST(SimpleRNN, FollowsItsFormula) {
  const Tensor x = sequence(5, 3);
  const std::vector<std::pair<const char*, std::function<double(double)>>> activations = {
      {"tanh", [](double z) { return std::tanh(z); }},
      {"relu", [](double z) { return std::max(z, 0.0); }},
      {"sigmoid", sigmoid},
      {"linear", [](double z) { return z; }},
      // No op of its own: step by step.
      {"softsign", [](double z) { return z / (1 + std::abs(z)); }}};
  for (const auto& [name, function] : activations) {
    const LayerPtr layer = SimpleRNN(4, options_with(name));
    const std::vector<Tensor> y = run_layer(layer, std::vector{x});
    const Recurrence expected = simple_rnn(layer, x, function);
    expect_near(y[0], expected.sequence, 1e-12);
    expect_near(y[1], expected.hidden, 1e-12);
  }
}

TEST(SimpleRNN, ReturnsTheLastStateByDefault) {
  const LayerPtr layer = SimpleRNN(
      1, {.activation = "linear", .kernel_initializer = "ones", .recurrent_initializer = "ones"});
  const std::vector<Tensor> y = run_layer(layer, std::vector{f32({1, 2, 4}, {1, 3, 1})});
  ASSERT_EQ(y.size(), 1u);
  expect_near(y[0], {7});
}

TEST(SimpleRNN, TakesAnInitialStateAndGoesBackwards) {
  const Tensor x = sequence(4, 2);
  layers::SimpleRNNOptions options = options_with("tanh");
  options.go_backwards = true;
  const LayerPtr layer = SimpleRNN(2, options);
  const Recurrence start = {.hidden = {0.5, -0.25}};
  const std::vector<Tensor> y = run_layer(layer, std::vector{x, f64(start.hidden, {1, 2})});
  expect_near(y[0],
              simple_rnn(
                  layer, reversed(x), [](double z) { return std::tanh(z); }, start)
                  .sequence,
              1e-12);
}

}  // namespace
}  // namespace sinew
