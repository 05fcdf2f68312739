#include "sinew/nn/initializers.h"

#include <cmath>

#include "nn/keras/inputs.h"
#include "nn/keras/weights.h"

namespace sinew {
namespace {

struct Moments {
  double mean = 0;
  double deviation = 0;
  double largest = 0;
};

Moments moments(const Tensor& tensor) {
  Moments m;
  for (std::int64_t i = 0; i < tensor.numel(); ++i) m.mean += tensor.at(i);
  m.mean /= static_cast<double>(tensor.numel());
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    m.deviation += std::pow(tensor.at(i) - m.mean, 2);
    m.largest = std::max(m.largest, std::abs(tensor.at(i) - m.mean));
  }
  m.deviation = std::sqrt(m.deviation / static_cast<double>(tensor.numel()));
  return m;
}

struct Case {
  const char* identifier;
  double mean;
  double deviation;
  /// Largest distance from the mean that can occur; 0 when unbounded.
  double bound;
};

class InitializerStatistics : public testing::TestWithParam<Case> {};

/// Kernel (3, 3, 40, 80): fan_in 360, fan_out 720, 28,800 numbers.
TEST_P(InitializerStatistics, MeanDeviationAndBound) {
  const Case& c = GetParam();
  const Moments m = moments(Initializer(c.identifier)({3, 3, 40, 80}, DType::Float64, 7, 1));
  // Five standard errors of mean and deviation.
  EXPECT_NEAR(m.mean, c.mean, 5 * c.deviation / std::sqrt(28800.0));
  EXPECT_NEAR(m.deviation, c.deviation, 5 * c.deviation / std::sqrt(2 * 28800.0));
  if (c.bound > 0) {
    EXPECT_LE(m.largest, c.bound * 1.001 + 5 * c.deviation / std::sqrt(28800.0));
    EXPECT_GE(m.largest, c.bound * 0.99);
  }
}

const double kIn = 1.0 / 360;
const double kAverage = 1.0 / 540;
/// A normal cut at two deviations is drawn wider by 1 / 0.8796… so that its own deviation is as
/// asked.
const double kCut = 2 / 0.87962566103423978;

INSTANTIATE_TEST_SUITE_P(
    All, InitializerStatistics,
    testing::Values(
        Case{"glorot_uniform", 0, std::sqrt(kAverage), std::sqrt(3 * kAverage)},
        Case{"glorot_normal", 0, std::sqrt(kAverage), kCut* std::sqrt(kAverage)},
        Case{"he_uniform", 0, std::sqrt(2 * kIn), std::sqrt(6 * kIn)},
        Case{"he_normal", 0, std::sqrt(2 * kIn), kCut* std::sqrt(2 * kIn)},
        Case{"lecun_uniform", 0, std::sqrt(kIn), std::sqrt(3 * kIn)},
        Case{"lecun_normal", 0, std::sqrt(kIn), kCut* std::sqrt(kIn)},
        Case{"random_uniform", 0, 0.1 / std::sqrt(12.0), 0.05}, Case{"random_normal", 0, 0.05, 0},
        Case{"RandomUniform(minval=1.0, maxval=3.0)", 2, 2 / std::sqrt(12.0), 1},
        Case{"RandomNormal(mean=-1.0, stddev=0.5)", -1, 0.5, 0},
        // Without the correction: Keras's TruncatedNormal cuts a normal of the given deviation.
        Case{"TruncatedNormal(mean=3.0, stddev=0.1)", 3, 0.087962566103423978, 0.2},
        Case{"VarianceScaling(scale=3.0, mode=\"fan_out\", distribution=\"untruncated_normal\")", 0,
             std::sqrt(3.0 / 720), 0},
        Case{"HeNormal(input_axes=[2], output_axes=[3])", 0, std::sqrt(2.0 / 40),
             kCut* std::sqrt(2.0 / 40)},
        Case{"VarianceScaling(distribution=\"uniform\", input_axes=[0, 1], mode=\"fan_avg\", "
             "output_axes=[2])",
             0, std::sqrt(2.0 / 49), std::sqrt(6.0 / 49)}),
    [](const auto& info) { return "Case" + std::to_string(info.index); });

TEST(Initializer, ConstantsAreConstant) {
  expect_near(Initializer("zeros")({3}, DType::Float32, 0, 0), {0, 0, 0}, 0);
  expect_near(Initializer("ones")({2}, DType::Float32, 0, 0), {1, 1}, 0);
  expect_near(initializers::Constant(0.25)({2}, DType::Float32, 0, 0), {0.25, 0.25}, 0);
  expect_near(initializers::Identity(2.0)({2, 3}, DType::Float32, 0, 0), {2, 0, 0, 0, 2, 0}, 0);
}

class Stft : public testing::TestWithParam<keras::StftCase> {};

TEST_P(Stft, KernelIsKeras) {
  const Shape shape(std::vector<std::int64_t>(GetParam().shape.begin(), GetParam().shape.end()));
  expect_relative(Initializer(GetParam().identifier)(shape, DType::Float64, 0, 0),
                  GetParam().kernel, 3e-7);
}

INSTANTIATE_TEST_SUITE_P(Initializer, Stft, testing::ValuesIn(keras::kStft),
                         keras::case_name<keras::StftCase>);

TEST(Initializer, OrthogonalRowsOrColumns) {
  for (const Shape& shape : {Shape{4, 9}, Shape{9, 4}, Shape{6, 6}, Shape{2, 3, 5}}) {
    const Tensor q = initializers::Orthogonal({.gain = 2.0})(shape, DType::Float64, 3, 0);
    const std::int64_t columns = shape[-1];
    const std::int64_t rows = shape.numel() / columns;
    const bool by_rows = rows <= columns;
    const std::int64_t count = std::min(rows, columns);
    for (std::int64_t a = 0; a < count; ++a) {
      for (std::int64_t b = 0; b < count; ++b) {
        double product = 0;
        for (std::int64_t k = 0; k < std::max(rows, columns); ++k) {
          product += by_rows ? q.at(a * columns + k) * q.at(b * columns + k)
                             : q.at(k * columns + a) * q.at(k * columns + b);
        }
        EXPECT_NEAR(product, a == b ? 4.0 : 0.0, 1e-13) << shape.str();
      }
    }
  }
}

TEST(Initializer, FansCountTheReceptiveField) {
  const auto fans = initializers::compute_fans({3, 5, 7, 11});
  EXPECT_EQ(fans.in, 105);
  EXPECT_EQ(fans.out, 165);
  EXPECT_EQ(initializers::compute_fans({4, 6}).in, 4);
  EXPECT_EQ(initializers::compute_fans({4, 6}).out, 6);
  EXPECT_EQ(initializers::compute_fans({4}).in, 4);
  // An EinsumDense kernel (heads, features in, features out).
  EXPECT_EQ(initializers::compute_fans({2, 3, 5}, {1}, {0, -1}).in, 3);
  EXPECT_EQ(initializers::compute_fans({2, 3, 5}, {1}, {0, -1}).out, 10);
}

TEST(Initializer, NumbersDependOnSeedAndStreamOnly) {
  const Initializer glorot = "glorot_uniform";
  const auto bytes = [](const Tensor& t) {
    return std::vector<float>(t.data<float>().begin(), t.data<float>().end());
  };
  const auto first = bytes(glorot({8, 8}, DType::Float32, 1, 2));
  EXPECT_EQ(first, bytes(glorot({8, 8}, DType::Float32, 1, 2)));
  EXPECT_NE(first, bytes(glorot({8, 8}, DType::Float32, 1, 3)));
  EXPECT_NE(first, bytes(glorot({8, 8}, DType::Float32, 2, 2)));
  const Initializer fixed = initializers::GlorotUniform(42);
  EXPECT_EQ(bytes(fixed({8, 8}, DType::Float32, 1, 2)), bytes(fixed({8, 8}, DType::Float32, 9, 9)));
}

TEST(Initializer, IdentifiersRoundTrip) {
  for (const char* text :
       {"GlorotUniform", "Zeros", "TruncatedNormal(mean=0.0, stddev=0.02)", "Constant(value=0.1)",
        "GlorotUniform(seed=42)", "Orthogonal(gain=1.5)",
        "VarianceScaling(distribution=\"uniform\", mode=\"fan_out\", scale=2.0)"}) {
    EXPECT_EQ(Initializer(text).identifier(), text);
  }
  EXPECT_EQ(Initializer("he_normal").identifier(), "HeNormal");
  EXPECT_EQ(Initializer("uniform").identifier(), "RandomUniform(maxval=0.05, minval=-0.05)");
  EXPECT_EQ(initializers::TruncatedNormal({.stddev = 0.02}).identifier(),
            "TruncatedNormal(mean=0.0, stddev=0.02)");
}

TEST(Initializer, Errors) {
  EXPECT_THAT(
      message_of<ValueError>([] { Initializer("glorot_unifrom"); }),
      testing::HasSubstr("unknown initializer 'glorot_unifrom': did you mean 'glorot_uniform'?"));
  EXPECT_THAT(message_of<ValueError>([] { Initializer("Constant(valeu=1.0)"); }),
              testing::HasSubstr("did you mean 'value'?"));
  EXPECT_THAT(message_of<ValueError>([] { Initializer("VarianceScaling(mode=\"fan_inn\")"); }),
              testing::HasSubstr("did you mean 'fan_in'?"));
  EXPECT_THAT(message_of<ValueError>([] { Initializer("Constant(value="); }),
              testing::HasSubstr("at position 16"));
  EXPECT_THAT(message_of<ValueError>([] { Initializer("STFT(window=\"han\")"); }),
              testing::HasSubstr("did you mean 'hann'?"));
  EXPECT_THAT(message_of<ShapeError>([] {
                Initializer("stft")({4, 2}, DType::Float32, 0, 0);
              }),
              testing::HasSubstr("(frame length, channels, frequencies)"));
  EXPECT_THAT(message_of<ShapeError>([] { Initializer("orthogonal")({4}, DType::Float32, 0, 0); }),
              testing::HasSubstr("(4,)"));
}

}  // namespace
}  // namespace sinew
