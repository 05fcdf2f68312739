#include <algorithm>
#include <cmath>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

using namespace layers;

Tensor counted(const Shape& shape) {
  Tensor tensor(shape);
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    tensor.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(i * i % 17);
  return tensor;
}

TEST(UpSampling, NearestRepeatsCells) {
  const Tensor x = counted({2, 2, 3, 2, 2});
  const Tensor y = run_layer(UpSampling3D({2, 1, 3}), x);
  ASSERT_EQ(y.shape(), (Shape{2, 4, 3, 6, 2}));
  std::int64_t at = 0;
  for (std::int64_t n = 0; n < 2; ++n) {
    for (std::int64_t i = 0; i < 4; ++i) {
      for (std::int64_t j = 0; j < 3; ++j) {
        for (std::int64_t k = 0; k < 6; ++k) {
          for (std::int64_t c = 0; c < 2; ++c, ++at)
            EXPECT_EQ(y.at(at), x.at((((n * 2 + i / 2) * 3 + j) * 2 + k / 3) * 2 + c));
        }
      }
    }
  }
  expect_near(run_layer(UpSampling1D(), f32({1, 2}, {1, 2, 1})), {1, 1, 2, 2}, 0);
}

/// A cell's value is the mean of the two cells whose centres it lies between, weighted by distance.
TEST(UpSampling, BilinearMixesNeighbours) {
  const Tensor x = counted({1, 3, 4, 2});
  const Tensor y = run_layer(UpSampling2D({2, 3}, {.interpolation = "bilinear"}), x);
  ASSERT_EQ(y.shape(), (Shape{1, 6, 12, 2}));
  const auto source = [](std::int64_t cell, double times, std::int64_t extent, double share[2],
                         std::int64_t from[2]) {
    const double position = (static_cast<double>(cell) + 0.5) / times - 0.5;
    const double lower = std::floor(position);
    share[1] = position - lower;
    share[0] = 1 - share[1];
    for (int i : {0, 1}) {
      from[i] =
          std::min(std::max<std::int64_t>(static_cast<std::int64_t>(lower) + i, 0), extent - 1);
    }
  };
  for (std::int64_t i = 0; i < 6; ++i) {
    for (std::int64_t j = 0; j < 12; ++j) {
      double rows[2], columns[2];
      std::int64_t row[2], column[2];
      source(i, 2, 3, rows, row);
      source(j, 3, 4, columns, column);
      for (std::int64_t c = 0; c < 2; ++c) {
        double wanted = 0;
        for (int a : {0, 1}) {
          for (int b : {0, 1})
            wanted += rows[a] * columns[b] * x.at((row[a] * 4 + column[b]) * 2 + c);
        }
        EXPECT_NEAR(y.at((i * 12 + j) * 2 + c), wanted, 1e-5);
      }
    }
  }
}

TEST(Permute, ReordersAxesCountedFromOne) {
  const Tensor x = counted({2, 2, 3, 4});
  const Tensor y = run_layer(Permute({3, 1, 2}), x);
  ASSERT_EQ(y.shape(), (Shape{2, 4, 2, 3}));
  for (std::int64_t n = 0; n < 2; ++n) {
    for (std::int64_t i = 0; i < 4; ++i) {
      for (std::int64_t j = 0; j < 2; ++j) {
        for (std::int64_t k = 0; k < 3; ++k)
          EXPECT_EQ(y.at(((n * 4 + i) * 2 + j) * 3 + k), x.at(((n * 2 + j) * 3 + k) * 4 + i));
      }
    }
  }
}

TEST(RepeatVector, RepeatsFeatures) {
  expect_near(run_layer(RepeatVector(2), f32({1, 2, 3, 4}, {2, 2})), {1, 2, 1, 2, 3, 4, 3, 4}, 0);
}

TEST(Reshaping, Errors) {
  EXPECT_EQ(
      message_of<ValueError>([] {
        Permute({1, 3}, {.name = "p"});
      }),
      "Permute \"p\": dims is (1, 3); it must name each axis from 1 to 2 once (the batch's, 0, "
      "stays first)");
  EXPECT_EQ(message_of<ValueError>([] { RepeatVector(0, {.name = "r"}); }),
            "RepeatVector \"r\": n is 0; it must be at least 1");
  EXPECT_EQ(message_of<ValueError>([] {
              UpSampling2D({2, 0}, {.name = "u"});
            }),
            "UpSampling2D \"u\": size is 0; it must be at least 1");
  EXPECT_EQ(
      message_of<ValueError>([] { UpSampling2D(2, {.interpolation = "bilinera", .name = "u"}); }),
      "UpSampling2D \"u\": unknown interpolation 'bilinera': did you mean 'bilinear'? Known: "
      "nearest, bilinear");
}

}  // namespace
}  // namespace sinew
