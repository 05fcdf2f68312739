// Layers that published networks need and Keras has not.

#include "sinew/applications/layers.h"

#include <cmath>

#include "applications/network_harness.h"

namespace sinew {
namespace {

using namespace testing;

/// What a layer makes of one input in inference.
Tensor result_of(const LayerPtr& layer, const Tensor& x) {
  Model model = Sequential({layer});
  return model.predict(x);
}

Tensor waves(const Shape& shape) {
  Tensor x(shape);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(std::sin(0.7 * i + 1));
  return x;
}

TEST(LearnedPositions, AddsARowForEachStep) {
  const LayerPtr layer = layers::LearnedPositions(50);
  const Tensor x = waves({2, 3, 4});
  const Tensor y = result_of(layer, x);
  const Tensor rows = layer->weights()[0]->value();
  EXPECT_EQ(rows.shape(), (Shape{50, 4}));
  for (std::int64_t i = 0; i < x.numel(); ++i)
    EXPECT_NEAR(y.at(i), x.at(i) + rows.at(i % 12), 1e-6);
}

TEST(LearnedPositions, KnowsItsLongestSequence) {
  const std::string message = message_of<ShapeError>([] {
    layers::LearnedPositions(4, {.name = "p"})(Input({5, 2}));
  });
  EXPECT_EQ(message,
            "LearnedPositions \"p\": input (None, 5, 2) has 5 steps, but the layer knows 4 "
            "positions");
}

TEST(SinusoidalPositions, AddsThePapersTable) {
  const Tensor x = waves({2, 5, 6});
  const Tensor y = result_of(layers::SinusoidalPositions({.input_scale = 3.0}), x);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const std::int64_t step = i / 6 % 5, feature = i % 6;
    const double angle =
        static_cast<double>(step) / std::pow(10000.0, static_cast<double>(feature / 2 * 2) / 6);
    const double position = feature % 2 == 0 ? std::sin(angle) : std::cos(angle);
    EXPECT_NEAR(y.at(i), 3 * x.at(i) + position, 1e-5);
  }
}

TEST(LocalResponseNormalization, IsThePapersFormula) {
  constexpr std::int64_t kChannels = 7, kRadius = 2;
  const Tensor x = waves({2, 2, 3, kChannels});
  const Tensor y = result_of(layers::LocalResponseNormalization({.alpha = 0.5}), x);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const std::int64_t channel = i % kChannels;
    double sum = 0;
    for (std::int64_t c = std::max<std::int64_t>(0, channel - kRadius);
         c <= std::min(kChannels - 1, channel + kRadius); ++c)
      sum += std::pow(x.at(i - channel + c), 2);
    EXPECT_NEAR(y.at(i), x.at(i) / std::pow(2 + 0.5 * sum, 0.75), 1e-5);
  }
}

/// (mean, log variance) -> GaussianSampling, compiled with the squared error.
Model sampling(double kl_weight) {
  const KerasTensor mean = Input({3}), log_variance = Input({3});
  Model model({mean, log_variance},
              layers::GaussianSampling({.kl_weight = kl_weight})({mean, log_variance}));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}

TEST(GaussianSampling, AddsTheDivergenceToTheLoss) {
  const Tensor mean = waves({4, 3}), log_variance = waves({4, 3});
  double divergence = 0;
  for (std::int64_t i = 0; i < 12; ++i) {
    const double m = mean.at(i), v = log_variance.at(i);
    divergence += 0.5 * (std::exp(v) + m * m - 1 - v) / 4;
  }
  Model model = sampling(0.25);
  // In inference the sample is the mean.
  const Tensor y = model.predict({mean, log_variance});
  EXPECT_TRUE(same_bits(y, mean));
  EXPECT_NEAR(model.test_on_batch({mean, log_variance}, mean)["loss"], 0.25 * divergence, 1e-5);
}

TEST(GaussianSampling, DrawsFromTheDistribution) {
  constexpr std::int64_t kRows = 4000;
  set_random_seed(4);
  // The squared distance from the mean is the variance, here e^0.5.
  const Tensor mean = Tensor::full({kRows, 3}, 2.0);
  const Tensor log_variance = Tensor::full({kRows, 3}, 0.5);
  Model model = sampling(0.0);
  const double variance = model.train_on_batch({mean, log_variance}, mean)["loss"];
  EXPECT_NEAR(variance, std::exp(0.5), 0.1);
}

TEST(GaussianSampling, Errors) {
  EXPECT_EQ(
      message_of<ValueError>([] { layers::GaussianSampling({.kl_weight = -1, .name = "s"}); }),
      "GaussianSampling \"s\": kl_weight is -1; it must be at least 0");
  EXPECT_EQ(message_of<ShapeError>([] {
              layers::GaussianSampling({.name = "s"})({Input({3}), Input({4})});
            }),
            "GaussianSampling \"s\": takes means and logarithms of variances of one shape (batch, "
            "…), but was given (None, 3) and (None, 4)");
}

}  // namespace
}  // namespace sinew
