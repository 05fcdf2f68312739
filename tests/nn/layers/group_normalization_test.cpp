#include <cmath>

#include "nn/keras_record.h"

namespace sinew {
namespace {

using namespace layers;

TEST(GroupNormalization, NormalisesEachGroupOfASample) {
  const Tensor x = wave({2, 3, 6}, 0.5);
  const Tensor y = run_layer(GroupNormalization({.groups = 2, .dtype = DType::Float64}), x);
  for (std::int64_t n = 0; n < 2; ++n) {
    for (std::int64_t group = 0; group < 2; ++group) {
      const auto each = [&](const auto& body) {
        for (std::int64_t t = 0; t < 3; ++t)
          for (std::int64_t c = 0; c < 3; ++c) body((n * 3 + t) * 6 + group * 3 + c);
      };
      double mean = 0, variance = 0;
      each([&](std::int64_t i) { mean += x.at(i) / 9; });
      each([&](std::int64_t i) { variance += (x.at(i) - mean) * (x.at(i) - mean) / 9; });
      each([&](std::int64_t i) {
        EXPECT_NEAR(y.at(i), (x.at(i) - mean) / std::sqrt(variance + 1e-3), 1e-12);
      });
    }
  }
}

TEST(RMSNormalization, DividesByTheRootOfTheMeanSquare) {
  const LayerPtr layer = RMSNormalization({.dtype = DType::Float64});
  layer->ensure_built({{DType::Float64, {-1, 2}}});
  layer->weights()[0]->assign(f64({1, 10}, {2}));
  const double norm = std::sqrt(12.5 + 1e-6);
  expect_near(run_layer(layer, f64({3, 4}, {1, 2})), {3 / norm, 40 / norm}, 1e-12);
}

TEST(UnitNormalization, DividesByTheNorm) {
  expect_near(run_layer(UnitNormalization(), f32({3, 4, 0, 0}, {2, 2})), {0.6, 0.8, 0, 0}, 1e-6);
  expect_near(run_layer(UnitNormalization({.axis = {1, 2}}), f32({1, 1, 1, 1}, {1, 2, 2})),
              {0.5, 0.5, 0.5, 0.5}, 1e-6);
}

TEST(GroupNormalization, Errors) {
  const auto built = [](const LayerPtr& layer, const Shape& shape) {
    return message_of<ShapeError>([&] { layer->ensure_built({{DType::Float32, shape}}); });
  };
  EXPECT_EQ(
      built(GroupNormalization({.groups = 4, .name = "g"}), {-1, 6}),
      "GroupNormalization \"g\": 6 features (axis -1 of input (None, 6)) cannot be split into "
      "4 groups of equal size");
  EXPECT_EQ(built(GroupNormalization({.axis = 0, .name = "g"}), {-1, 6}),
            "GroupNormalization \"g\": axis 0 is the batch; group another axis, such as -1");
  EXPECT_EQ(built(UnitNormalization({.axis = {1, -1}, .name = "u"}), {-1, 6}),
            "UnitNormalization \"u\": axis names one axis twice");
  EXPECT_EQ(message_of<ValueError>([] { GroupNormalization({.groups = 0, .name = "g"}); }),
            "GroupNormalization \"g\": groups is 0; it must be at least 1");
}

}  // namespace
}  // namespace sinew
