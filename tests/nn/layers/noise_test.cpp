#include <cmath>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

using namespace layers;

const Tensor kOnes = Tensor::full({100, 100}, 1.0);

Tensor trained(const LayerPtr& layer, const Tensor& x, std::int64_t step = 0) {
  return run_layer(layer, std::vector<Tensor>{x}, true, 1, step).front();
}

struct Moments {
  double mean = 0;
  double variance = 0;
};
Moments moments(const Tensor& x) {
  Moments m;
  const auto count = static_cast<double>(x.numel());
  for (std::int64_t i = 0; i < x.numel(); ++i) m.mean += x.at(i) / count;
  for (std::int64_t i = 0; i < x.numel(); ++i)
    m.variance += (x.at(i) - m.mean) * (x.at(i) - m.mean) / count;
  return m;
}

/// Five standard errors of 10,000 normal numbers' mean and variance.
void expect_moments(const Tensor& x, double mean, double stddev) {
  EXPECT_NEAR(moments(x).mean, mean, 5 * stddev / 100);
  EXPECT_NEAR(moments(x).variance, stddev * stddev, 5 * std::sqrt(2.0) * stddev * stddev / 100);
}

TEST(GaussianNoise, AddsNormalNumbersInTraining) {
  expect_moments(trained(GaussianNoise(0.3), kOnes), 1, 0.3);
  expect_near(run_layer(GaussianNoise(0.3), f32({1, 2}, {1, 2})), {1, 2}, 0);
}

TEST(GaussianDropout, MultipliesByNormalNumbersInTraining) {
  expect_moments(trained(GaussianDropout(0.2), Tensor::full({100, 100}, 2.0)), 2, 2 * 0.5);
  expect_near(run_layer(GaussianDropout(0.2), f32({1, 2}, {1, 2})), {1, 2}, 0);
}

TEST(Noise, SeedAndStepKeyTheNumbers) {
  for (const LayerPtr& layer : {GaussianNoise(0.3), GaussianDropout(0.3), AlphaDropout(0.3)}) {
    EXPECT_EQ(trained(layer, kOnes, 3).at(5), trained(layer, kOnes, 3).at(5));
    EXPECT_NE(moments(trained(layer, kOnes, 3)).mean, moments(trained(layer, kOnes, 4)).mean);
  }
}

/// The formula of Klambauer et al. 2017: dropped elements become a alpha' + b, others a x + b.
TEST(AlphaDropout, KeepsMeanAndVariance) {
  const double rate = 0.4, lowest = -1.0507009873554805 * 1.6732632423543772;
  const double a = 1 / std::sqrt((1 - rate) * (1 + rate * lowest * lowest));
  const double b = -a * rate * lowest;
  Tensor x(Shape{100, 100});
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data<float>()[static_cast<std::size_t>(i)] = i % 2 == 0 ? -1.0F : 1.0F;
  const Tensor y = trained(AlphaDropout(rate), x);
  double dropped = 0;
  for (std::int64_t i = 0; i < y.numel(); ++i) {
    const bool is_dropped = std::abs(y.at(i) - (a * lowest + b)) < 1e-6;
    dropped += is_dropped;
    EXPECT_TRUE(is_dropped || std::abs(y.at(i) - (a * x.at(i) + b)) < 1e-6);
  }
  EXPECT_NEAR(dropped / 10000, rate, 5 * std::sqrt(rate * (1 - rate) / 10000));
  EXPECT_NEAR(moments(y).mean, 0, 0.05);
  EXPECT_NEAR(moments(y).variance, 1, 0.05);
}

TEST(SpatialDropout, DropsWholeChannels) {
  const std::vector<std::pair<LayerPtr, Shape>> table = {
      {SpatialDropout1D(0.5), {20, 6, 50}},
      {SpatialDropout2D(0.5), {20, 2, 3, 50}},
      {SpatialDropout3D(0.5), {20, 2, 3, 1, 50}}};
  for (const auto& [layer, shape] : table) {
    const Tensor y = trained(layer, Tensor::full(shape, 1.0));
    double dropped = 0;
    for (std::int64_t i = 0; i < y.numel(); ++i) {
      const std::int64_t first = i / 300 * 300 + i % 50;
      EXPECT_EQ(y.at(i), y.at(first));
      EXPECT_TRUE(y.at(i) == 0 || y.at(i) == 2);
      dropped += y.at(i) == 0;
    }
    EXPECT_NEAR(dropped / static_cast<double>(y.numel()), 0.5, 5 * 0.5 / std::sqrt(1000.0));
  }
}

TEST(ActivityRegularization, AddsToTheLossPerSample) {
  Graph graph;
  CallContext context{.graph = graph};
  const LayerPtr layer = ActivityRegularization({.l1 = 0.5, .l2 = 0.25});
  const Value x = graph.constant(f32({1, -2, 3, 0}, {2, 2}));
  EXPECT_EQ((*layer)(context, x).id(), x.id());
  ASSERT_EQ(context.losses.size(), 1u);
  graph.output("loss", context.losses[0]);
  const auto executable = compiler::compile(std::move(graph));
  executable->run({});
  EXPECT_NEAR(executable->output(0).at(0), (0.5 * 6 + 0.25 * 14) / 2, 1e-6);
}

TEST(Noise, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { GaussianDropout(1.0, {.name = "g"}); }),
            "GaussianDropout \"g\": rate is 1; it must be at least 0 and below 1");
  EXPECT_EQ(message_of<ValueError>([] { GaussianNoise(-0.5, {.name = "g"}); }),
            "GaussianNoise \"g\": stddev is -0.5; it must be between 0 and 1");
  EXPECT_EQ(message_of<ValueError>([] { SpatialDropout1D(1.5, {.name = "s"}); }),
            "SpatialDropout1D \"s\": rate is 1.5; it must be between 0 and 1");
  EXPECT_EQ(
      message_of<ShapeError>([] {
        SpatialDropout2D(0.5, {.name = "s"})->ensure_built({{DType::Float32, {-1, 4, 4}}});
      }),
      "SpatialDropout2D \"s\": input has shape (None, 4, 4), but the layer takes 4 axes (batch, "
      "rows, columns, channels)");
}

}  // namespace
}  // namespace sinew
