#include "nn/layers/recurrent_reference.h"

namespace sinew {
namespace {

using layers::GRU;

/// Cho et al. 2014, with the reset gate after or before the product.
Recurrence gru(const LayerPtr& layer, const Tensor& x, bool reset_after, Recurrence state = {}) {
  const Tensor kernel = layer->weights()[0]->value(), recurrent = layer->weights()[1]->value();
  const Tensor bias = layer->weights()[2]->value();
  const std::int64_t units = recurrent.shape()[0], features = kernel.shape()[0];
  state.hidden.resize(static_cast<std::size_t>(units));
  const auto from_input = [&](std::int64_t step, std::int64_t column) {
    double z = bias.at(column);
    for (std::int64_t k = 0; k < features; ++k)
      z += x.at(step * features + k) * kernel.at(k * 3 * units + column);
    return z;
  };
  const auto from_state = [&](const std::vector<double>& h, std::int64_t column) {
    double z = reset_after ? bias.at(3 * units + column) : 0;
    for (std::int64_t k = 0; k < units; ++k)
      z += h[static_cast<std::size_t>(k)] * recurrent.at(k * 3 * units + column);
    return z;
  };
  for (std::int64_t step = 0; step < x.shape()[1]; ++step) {
    std::vector<double> reset, next;
    for (std::int64_t u = 0; u < units; ++u)
      reset.push_back(sigmoid(from_input(step, units + u) + from_state(state.hidden, units + u)));
    std::vector<double> kept;
    for (std::size_t u = 0; u < reset.size(); ++u) kept.push_back(reset[u] * state.hidden[u]);
    for (std::int64_t u = 0; u < units; ++u) {
      const double h = state.hidden[static_cast<std::size_t>(u)];
      const double update = sigmoid(from_input(step, u) + from_state(state.hidden, u));
      const double inner =
          reset_after ? reset[static_cast<std::size_t>(u)] * from_state(state.hidden, 2 * units + u)
                      : from_state(kept, 2 * units + u);
      const double candidate = std::tanh(from_input(step, 2 * units + u) + inner);
      next.push_back(update * h + (1 - update) * candidate);
    }
    state.hidden = next;
    state.sequence.insert(state.sequence.end(), next.begin(), next.end());
  }
  return state;
}

TEST(GRU, FollowsItsFormula) {
  const Tensor x = sequence(5, 3);
  for (bool reset_after : {true, false}) {
    const LayerPtr layer = GRU(4, {.bias_initializer = "RandomNormal(mean=0.0, stddev=0.7)",
                                   .return_sequences = true,
                                   .return_state = true,
                                   .reset_after = reset_after,
                                   .dtype = DType::Float64});
    const std::vector<Tensor> y = run_layer(layer, std::vector{x});
    const Recurrence wanted = gru(layer, x, reset_after);
    expect_near(y[0], wanted.sequence, 1e-12);
    expect_near(y[1], wanted.hidden, 1e-12);
    const std::vector<double> state{0.5, -1, 2, 0.25};
    const std::vector<Tensor> z = run_layer(layer, std::vector{x, f64(state, {1, 4})});
    expect_near(z[0], gru(layer, x, reset_after, {.hidden = state}).sequence, 1e-12);
  }
}

TEST(GRU, BackwardsIsTheReversedSequence) {
  const LayerPtr layer = GRU(3, {.go_backwards = true, .dtype = DType::Float64});
  const Tensor x = sequence(4, 2);
  const Tensor y = run_layer(layer, x);
  expect_near(y, gru(layer, reversed(x), true).hidden, 1e-12);
}

/// With all features or units dropped, or kept and doubled, what is left is known.
TEST(RecurrentDropout, DropsTheSameAtEachStep) {
  // The state is the sum of what it sees of x = 1: of each feature 2 times 1 or 0, at every step.
  const Tensor ones = Tensor::full({1, 3, 64}, 1.0);
  const LayerPtr inputs = layers::SimpleRNN(64, {.activation = "linear",
                                                 .kernel_initializer = "identity",
                                                 .recurrent_initializer = "zeros",
                                                 .dropout = 0.5,
                                                 .return_sequences = true});
  const Tensor y = run_layer(inputs, ones, true);
  double dropped = 0;
  for (std::int64_t i = 0; i < 64; ++i) {
    EXPECT_TRUE(y.at(i) == 0 || y.at(i) == 2);
    EXPECT_EQ(y.at(i), y.at(64 + i));
    EXPECT_EQ(y.at(i), y.at(128 + i));
    dropped += y.at(i) == 0;
  }
  EXPECT_GT(dropped, 12);
  EXPECT_LT(dropped, 52);
  expect_near(run_layer(inputs, ones), std::vector<double>(192, 1.0), 0);

  // h_t = 1 + 2 h_(t-1), or 1 where the state is dropped.
  const LayerPtr states = layers::SimpleRNN(64, {.activation = "linear",
                                                 .kernel_initializer = "identity",
                                                 .recurrent_initializer = "identity",
                                                 .recurrent_dropout = 0.5});
  const Tensor h = run_layer(states, ones, true);
  for (std::int64_t i = 0; i < 64; ++i) EXPECT_TRUE(h.at(i) == 1 || h.at(i) == 7) << h.at(i);
  expect_near(run_layer(states, ones), std::vector<double>(64, 3.0), 1e-5);
}

TEST(RecurrentDropout, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { GRU(3, {.dropout = 1.5, .name = "g"}); }),
            "GRU \"g\": dropout is 1.5; it must be between 0 and 1");
  EXPECT_EQ(message_of<ValueError>([] { GRU(0, {.name = "g"}); }),
            "GRU \"g\": units is 0; it must be at least 1");
}

}  // namespace
}  // namespace sinew
