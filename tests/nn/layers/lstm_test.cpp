#include <cmath>

#include "nn/layers/recurrent_reference.h"

namespace sinew {
namespace {

using layers::LSTM;

/// Keras's formulas, one number at a time; the weights' columns are the gates i, f, c, o.
Recurrence lstm(const LayerPtr& layer, const Tensor& x, double (*activation)(double),
                double (*recurrent)(double), Recurrence start = {}) {
  const Tensor kernel = layer->weights()[0]->value();
  const Tensor recurrent_kernel = layer->weights()[1]->value();
  const Tensor bias = layer->weights()[2]->value();
  const std::int64_t units = recurrent_kernel.shape()[0];
  Recurrence state = start;
  state.hidden.resize(static_cast<std::size_t>(units));
  state.cell.resize(static_cast<std::size_t>(units));
  for (std::int64_t step = 0; step < x.shape()[1]; ++step) {
    const auto gate = [&](std::int64_t number, std::int64_t unit) {
      return affine(x, step, state.hidden, kernel, recurrent_kernel, bias, number * units + unit);
    };
    std::vector<double> hidden;
    std::vector<double> cell;
    for (std::int64_t unit = 0; unit < units; ++unit) {
      const double before = state.cell[static_cast<std::size_t>(unit)];
      cell.push_back(recurrent(gate(1, unit)) * before +
                     recurrent(gate(0, unit)) * activation(gate(2, unit)));
      hidden.push_back(recurrent(gate(3, unit)) * activation(cell.back()));
    }
    state.hidden = hidden;
    state.cell = cell;
    state.sequence.insert(state.sequence.end(), hidden.begin(), hidden.end());
  }
  return state;
}

const layers::LSTMOptions kOptions = {.recurrent_initializer = "RandomNormal(mean=0.0, stddev=0.7)",
                                      .bias_initializer = "RandomNormal(mean=0.0, stddev=0.7)",
                                      .unit_forget_bias = false,
                                      .return_sequences = true,
                                      .return_state = true,
                                      .dtype = DType::Float64};

TEST(LSTM, FollowsItsFormulas) {
  const Tensor x = sequence(5, 3);
  const LayerPtr layer = LSTM(4, kOptions);
  const std::vector<Tensor> y = run_layer(layer, std::vector{x});
  const Recurrence expected = lstm(layer, x, std::tanh, sigmoid);
  ASSERT_EQ(y.size(), 3u);
  EXPECT_EQ(y[0].shape(), (Shape{1, 5, 4}));
  expect_near(y[0], expected.sequence, 1e-12);
  expect_near(y[1], expected.hidden, 1e-12);
  expect_near(y[2], expected.cell, 1e-12);
}

TEST(LSTM, OtherActivations) {
  const Tensor x = sequence(5, 3);
  layers::LSTMOptions options = kOptions;
  options.activation = "softsign";
  options.recurrent_activation = "hard_sigmoid";
  const LayerPtr layer = LSTM(4, options);
  const std::vector<Tensor> y = run_layer(layer, std::vector{x});
  const Recurrence expected = lstm(
      layer, x, [](double z) { return z / (1 + std::abs(z)); },
      [](double z) { return std::min(std::max(z / 6 + 0.5, 0.0), 1.0); });
  expect_near(y[0], expected.sequence, 1e-12);
  expect_near(y[2], expected.cell, 1e-12);
}

/// The op and the step-by-step form are the same function.
TEST(LSTM, StepByStepIsTheSame) {
  const Tensor x = sequence(6, 2);
  const LayerPtr fused = LSTM(3, kOptions);
  layers::LSTMOptions options = kOptions;
  // A function has no name, so that the layer cannot know it for tanh.
  options.activation = [](Value z) { return activations::tanh(z); };
  const LayerPtr unrolled = LSTM(3, options);
  for (const LayerPtr& layer : {fused, unrolled})
    layer->ensure_built({{DType::Float64, x.shape()}});
  for (std::size_t i = 0; i < 3; ++i) unrolled->weights()[i]->assign(fused->weights()[i]->value());
  const Tensor a = run_layer(fused, std::vector{x}).front();
  const Tensor b = run_layer(unrolled, std::vector{x}).front();
  for (std::int64_t i = 0; i < a.numel(); ++i) EXPECT_NEAR(a.at(i), b.at(i), 1e-13);
}

TEST(LSTM, TakesInitialStatesAndGoesBackwards) {
  const Tensor x = sequence(4, 2);
  layers::LSTMOptions options = kOptions;
  options.go_backwards = true;
  const LayerPtr layer = LSTM(2, options);
  const Recurrence start = {.hidden = {0.5, -0.25}, .cell = {1.0, -1.0}};
  const std::vector<Tensor> y =
      run_layer(layer, std::vector{x, f64(start.hidden, {1, 2}), f64(start.cell, {1, 2})});
  expect_near(y[0], lstm(layer, reversed(x), std::tanh, sigmoid, start).sequence, 1e-12);
}

TEST(LSTM, ForgetBiasBeginsAtOne) {
  const LayerPtr layer = LSTM(2);
  layer->ensure_built({{DType::Float32, {-1, 5, 3}}});
  expect_near(layer->weights()[2]->value(), {0, 0, 1, 1, 0, 0, 0, 0}, 0);
  EXPECT_EQ(layer->weights()[0]->shape(), (Shape{3, 8}));
  EXPECT_EQ(layer->weights()[1]->shape(), (Shape{2, 8}));
}

TEST(LSTM, Errors) {
  const LayerPtr layer = LSTM(4, {.name = "l"});
  layer->ensure_built({{DType::Float32, {-1, 5, 3}}});
  EXPECT_EQ(message_of<ShapeError>([&] {
              layer->ensure_built({{DType::Float32, {8, 5, 2}}});
            }),
            "LSTM \"l\": input has 2 features, but the layer was built for 3 (batch 8). Did the "
            "image size or the number "
            "of columns change?");
  EXPECT_EQ(
      message_of<ShapeError>([&] {
        layer->ensure_built({{DType::Float32, {8, 3}}});
      }),
      "LSTM \"l\": input has shape (8, 3), but the layer takes 3 axes (batch, steps, features)");
  const TensorType x = {DType::Float32, {8, 5, 3}};
  EXPECT_EQ(
      message_of<ShapeError>([&] {
        layer->ensure_built({x, {DType::Float32, {8, 4}}});
      }),
      "LSTM \"l\": takes a sequence, or a sequence and 2 initial states, but 2 inputs were given");
  EXPECT_EQ(message_of<ShapeError>([&] {
              layer->ensure_built({x, {DType::Float32, {8, 4}}, {DType::Float32, {8, 5}}});
            }),
            "LSTM \"l\": initial state 2 has shape (8, 5); it must be (None, 4)");
}

}  // namespace
}  // namespace sinew
