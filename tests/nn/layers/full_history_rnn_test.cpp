#include <cmath>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

using layers::FullHistoryRNN;

constexpr std::int64_t kSteps = 4;
constexpr std::int64_t kFeatures = 2;
constexpr std::int64_t kUnits = 3;

/// The tutorial's recurrent state, computed as it is written, all T (T - 1) / 2 products:
/// h_t = sigma(sum over i < t of W_hi h_i + W_xh x_t + b_h). Vectors are rows here, so W h is h W.
std::vector<double> reference(const LayerPtr& layer, const Tensor& x, bool shared) {
  const Tensor kernel = layer->weights()[0]->value();
  const Tensor recurrent = layer->weights()[1]->value();
  const Tensor bias = layer->weights()[2]->value();
  std::vector<double> h;
  for (std::int64_t t = 0; t < kSteps; ++t) {
    for (std::int64_t unit = 0; unit < kUnits; ++unit) {
      double z = bias.at(unit);
      for (std::int64_t k = 0; k < kFeatures; ++k)
        z += x.at(t * kFeatures + k) * kernel.at(k * kUnits + unit);
      for (std::int64_t i = 0; i < t; ++i) {
        const std::int64_t matrix = shared ? 0 : i * kUnits * kUnits;
        for (std::int64_t k = 0; k < kUnits; ++k) {
          z += h[static_cast<std::size_t>(i * kUnits + k)] *
               recurrent.at(matrix + k * kUnits + unit);
        }
      }
      h.push_back(1 / (1 + std::exp(-z)));
    }
  }
  return h;
}

TEST(FullHistoryRNN, SumsOverAllEarlierStates) {
  const Tensor x = f64({0.5, -1, 2, 0.25, -0.75, 1, 1.5, -2}, {1, kSteps, kFeatures});
  for (bool shared : {false, true}) {
    const LayerPtr layer =
        FullHistoryRNN(kUnits, {.shared_recurrent_kernel = shared,
                                .recurrent_initializer = "RandomNormal(mean=0.0, stddev=1.0)",
                                .bias_initializer = "RandomNormal(mean=0.0, stddev=1.0)",
                                .return_sequences = true,
                                .dtype = DType::Float64});
    const Tensor y = run_layer(layer, x);
    EXPECT_EQ(layer->weights()[1]->shape(),
              shared ? (Shape{kUnits, kUnits}) : (Shape{kSteps - 1, kUnits, kUnits}));
    expect_near(y, reference(layer, x, shared), 1e-13);
  }
}

TEST(FullHistoryRNN, ReturnsTheLastState) {
  const LayerPtr layer = FullHistoryRNN(1, {.activation = "linear",
                                            .shared_recurrent_kernel = true,
                                            .kernel_initializer = "ones",
                                            .recurrent_initializer = "ones"});
  // h = 1; 1 + 1 = 2; 1 + 1 + 2 = 4; 1 + 1 + 2 + 4 = 8.
  expect_near(run_layer(layer, f32({1, 1, 1, 1}, {1, 4, 1})), {8});
}

TEST(FullHistoryRNN, OneStepHasNoHistory) {
  const LayerPtr layer = FullHistoryRNN(1, {.activation = "linear", .kernel_initializer = "ones"});
  expect_near(run_layer(layer, f32({3}, {1, 1, 1})), {3});
  EXPECT_EQ(layer->weights().size(), 2u);
}

}  // namespace
}  // namespace sinew
