#include <cmath>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

using layers::Dropout;

std::vector<float> dropped(const LayerPtr& layer, const Tensor& x, std::int64_t seed,
                           std::int64_t step) {
  const Tensor y = run_layer(layer, std::vector<Tensor>{x}, true, seed, step).front();
  return {y.data<float>().begin(), y.data<float>().end()};
}

const Tensor kOnes = Tensor::full({100, 100}, 1.0);

TEST(Dropout, InferenceChangesNothing) {
  expect_near(run_layer(Dropout(0.9), f32({1, 2, 3}, {1, 3})), {1, 2, 3}, 0);
}

TEST(Dropout, KeepsTheExpectation) {
  const std::vector<float> y = dropped(Dropout(0.25), kOnes, 1, 0);
  double zeros = 0;
  for (float value : y) {
    zeros += value == 0;
    EXPECT_TRUE(value == 0 || std::abs(value - 1 / 0.75) < 1e-6);
  }
  // Five standard errors of a share of 10,000.
  EXPECT_NEAR(zeros / 10000, 0.25, 5 * std::sqrt(0.25 * 0.75 / 10000));
}

TEST(Dropout, SeedAndStepKeyTheMask) {
  const LayerPtr layer = Dropout(0.5);
  EXPECT_EQ(dropped(layer, kOnes, 1, 3), dropped(layer, kOnes, 1, 3));
  EXPECT_NE(dropped(layer, kOnes, 1, 3), dropped(layer, kOnes, 1, 4));
  EXPECT_NE(dropped(layer, kOnes, 1, 3), dropped(layer, kOnes, 2, 3));
  const LayerPtr fixed = Dropout(0.5, {.seed = 7});
  EXPECT_EQ(dropped(fixed, kOnes, 1, 3), dropped(fixed, kOnes, 2, 3));
}

TEST(Dropout, TwoLayersDrawTwoMasks) {
  Graph graph;
  CallContext context{.graph = graph, .training = true};
  context.seed = graph.constant(Tensor::scalar(std::int64_t{1}));
  context.step = context.seed;
  const Value x = graph.constant(kOnes);
  graph.output("a", (*Dropout(0.5))(context, x));
  graph.output("b", (*Dropout(0.5))(context, x));
  const auto executable = compiler::compile(std::move(graph));
  executable->run({});
  const Tensor a = executable->output(0).clone();
  const Tensor b = executable->output(1).clone();
  std::int64_t same = 0;
  for (std::int64_t i = 0; i < a.numel(); ++i) same += a.at(i) == b.at(i);
  EXPECT_NEAR(static_cast<double>(same) / 10000, 0.5, 0.025);
}

TEST(Dropout, NoiseShapeSharesDecisions) {
  const std::vector<float> y = dropped(Dropout(0.5, {.noise_shape = {-1, 1}}), kOnes, 1, 0);
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(y[i], y[i / 100 * 100]);
}

TEST(Dropout, RateOfOneDropsAll) {
  expect_near(run_layer(Dropout(1.0), f32({1, 2}, {1, 2}), true), {0, 0}, 0);
}

}  // namespace
}  // namespace sinew
