#include "sinew/ops/conv.h"

#include <gmock/gmock.h>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

using layers::Conv2D;

double number(std::int64_t i) { return static_cast<double>(i * 7 % 11) - 5.0; }

Tensor numbers(const Shape& shape) {
  Tensor tensor(shape, DType::Float64);
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    tensor.data<double>()[static_cast<std::size_t>(i)] = number(i);
  return tensor;
}

/// One image, one channel, one filter.
LayerPtr one_filter(layers::Conv2DOptions options, const Shape& input, const Tensor& kernel) {
  options.dtype = DType::Float64;
  const LayerPtr layer = Conv2D(1, {kernel.shape()[0], kernel.shape()[1]}, options);
  layer->ensure_built({{DType::Float64, input}});
  layer->weights()[0]->assign(kernel);
  return layer;
}

/// Cross-correlation of an image with a kernel, the image being zero outside.
double correlate(const Tensor& x, const Tensor& w, std::int64_t top, std::int64_t left,
                 std::int64_t dilation = 1) {
  double sum = 0;
  for (std::int64_t u = 0; u < w.shape()[0]; ++u) {
    for (std::int64_t v = 0; v < w.shape()[1]; ++v) {
      const std::int64_t i = top + u * dilation;
      const std::int64_t j = left + v * dilation;
      const bool inside = i >= 0 && j >= 0 && i < x.shape()[1] && j < x.shape()[2];
      if (inside) sum += x.at(i * x.shape()[2] + j) * w.at(u * w.shape()[1] + v);
    }
  }
  return sum;
}

TEST(Conv2D, ValidIsACrossCorrelation) {
  const Tensor x = numbers({1, 5, 6, 1});
  const Tensor w = numbers({3, 2, 1, 1});
  const Tensor y = run_layer(one_filter({}, x.shape(), w), x);
  ASSERT_EQ(y.shape(), (Shape{1, 3, 5, 1}));
  for (std::int64_t i = 0; i < 3; ++i) {
    for (std::int64_t j = 0; j < 5; ++j) EXPECT_NEAR(y.at(i * 5 + j), correlate(x, w, i, j), 1e-12);
  }
}

/// TensorFlow's rule: ceil(5 / 2) = 3 outputs need (3 - 1) 2 + 2 - 5 = 1 more cell, which goes to
/// the end.
TEST(Conv2D, SameWithStridesPutsTheOddCellLast) {
  const Tensor x = numbers({1, 5, 6, 1});
  const Tensor w = numbers({2, 3, 1, 1});
  const Tensor y = run_layer(one_filter({.strides = 2, .padding = "same"}, x.shape(), w), x);
  ASSERT_EQ(y.shape(), (Shape{1, 3, 3, 1}));
  for (std::int64_t i = 0; i < 3; ++i) {
    for (std::int64_t j = 0; j < 3; ++j)
      EXPECT_NEAR(y.at(i * 3 + j), correlate(x, w, 2 * i, 2 * j), 1e-12);
  }
}

TEST(Conv2D, Dilation) {
  const Tensor x = numbers({1, 7, 7, 1});
  const Tensor w = numbers({3, 3, 1, 1});
  const Tensor y = run_layer(one_filter({.padding = "same", .dilation_rate = 2}, x.shape(), w), x);
  ASSERT_EQ(y.shape(), (Shape{1, 7, 7, 1}));
  for (std::int64_t i = 0; i < 7; ++i) {
    for (std::int64_t j = 0; j < 7; ++j)
      EXPECT_NEAR(y.at(i * 7 + j), correlate(x, w, i - 2, j - 2, 2), 1e-12);
  }
}

TEST(Conv2D, GroupsSeeTheirOwnChannels) {
  const LayerPtr layer = Conv2D(2, 1, {.groups = 2, .bias_initializer = "ones"});
  layer->ensure_built({{DType::Float32, {-1, 1, 1, 4}}});
  EXPECT_EQ(layer->weights()[0]->shape(), (Shape{1, 1, 2, 2}));
  layer->weights()[0]->assign(f32({1, 10, 2, 20}, {1, 1, 2, 2}));
  expect_near(run_layer(layer, f32({1, 2, 3, 4}, {1, 1, 1, 4})),
              {1 * 1 + 2 * 2 + 1, 3 * 10 + 4 * 20 + 1});
}

/// The tutorial's convolution y(i, j) = sum over m, n of x(m, n) w(i - m, j - n) + b, computed as
/// it is written: with the kernel's indices in [0, 3) and the image zero outside, its cells i, j in
/// [2, 5) and [2, 6) are those that need no zeros, which are the layer's "valid" cells.
TEST(Conv2D, FlippedKernelIsTheTrueConvolution) {
  const Tensor x = numbers({1, 5, 6, 1});
  const Tensor w = numbers({3, 3, 1, 1});
  const Tensor y = run_layer(
      one_filter({.bias_initializer = "Constant(value=0.5)", .flip_kernel = true}, x.shape(), w),
      x);
  ASSERT_EQ(y.shape(), (Shape{1, 3, 4, 1}));
  for (std::int64_t i = 2; i < 5; ++i) {
    for (std::int64_t j = 2; j < 6; ++j) {
      double expected = 0.5;
      for (std::int64_t m = 0; m < 5; ++m) {
        for (std::int64_t n = 0; n < 6; ++n) {
          const bool inside = i - m >= 0 && i - m < 3 && j - n >= 0 && j - n < 3;
          if (inside) expected += x.at(m * 6 + n) * w.at((i - m) * 3 + (j - n));
        }
      }
      EXPECT_NEAR(y.at((i - 2) * 4 + (j - 2)), expected, 1e-12);
    }
  }
}

/// Turning the kernel round by hand makes the layer's cross-correlation the true convolution.
TEST(Conv2D, FlippingTheKernelByHandIsTheSame) {
  const Tensor x = numbers({1, 5, 6, 1});
  const Tensor w = numbers({3, 2, 1, 1});
  Tensor turned(w.shape(), DType::Float64);
  for (std::int64_t i = 0; i < 6; ++i)
    turned.data<double>()[static_cast<std::size_t>(i)] = w.at(5 - i);
  const Tensor a = run_layer(one_filter({.flip_kernel = true}, x.shape(), w), x);
  const Tensor b = run_layer(one_filter({}, x.shape(), turned), x);
  for (std::int64_t i = 0; i < a.numel(); ++i) EXPECT_NEAR(a.at(i), b.at(i), 1e-12);
}

TEST(Conv1D, CausalSeesNoLaterStep) {
  const LayerPtr layer =
      layers::Conv1D(1, 2, {.padding = "causal", .dilation_rate = 2, .use_bias = false});
  layer->ensure_built({{DType::Float32, {-1, 4, 1}}});
  layer->weights()[0]->assign(f32({10, 1}, {2, 1, 1}));
  expect_near(run_layer(layer, f32({1, 2, 3, 4}, {1, 4, 1})), {1, 2, 13, 24}, 0);
}

TEST(Conv3D, AddsOverAVolume) {
  const LayerPtr layer = layers::Conv3D(1, {2, 1, 2}, {.use_bias = false});
  layer->ensure_built({{DType::Float32, {-1, 2, 2, 3, 1}}});
  layer->weights()[0]->assign(f32({1, 10, 100, 1000}, {2, 1, 2, 1, 1}));
  expect_near(run_layer(layer, f32({1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2}, {1, 2, 2, 3, 1})),
              {1 + 20 + 700 + 8000, 2 + 30 + 800 + 9000, 4 + 50 + 0 + 1000, 5 + 60 + 100 + 2000},
              0);
}

/// Every input cell adds its multiple of the kernel where its window lies.
TEST(ConvTranspose, SpreadsCells) {
  const Tensor x = f32({1, 2, 3}, {1, 3, 1});
  const auto transposed = [&](layers::Conv1DTransposeOptions options, std::int64_t kernel) {
    options.kernel_initializer = "ones";
    return run_layer(layers::Conv1DTranspose(1, kernel, options), x);
  };
  expect_near(transposed({.strides = 2}, 3), {1, 1, 3, 2, 5, 3, 3}, 0);
  expect_near(transposed({.strides = 3}, 2), {1, 1, 0, 2, 2, 0, 3, 3, 0}, 0);
  expect_near(transposed({.strides = 2, .output_padding = 1}, 2), {1, 1, 2, 2, 3, 3, 0}, 0);
  expect_near(transposed({.strides = 2, .padding = "same"}, 3), {1, 1, 3, 2, 5, 3}, 0);
}

TEST(DepthwiseConv, ChannelsStayApart) {
  const LayerPtr layer = layers::DepthwiseConv2D(1, {.depth_multiplier = 2});
  layer->ensure_built({{DType::Float32, {-1, 1, 1, 2}}});
  layer->weights()[0]->assign(f32({1, 10, 100, 1000}, {1, 1, 2, 2}));
  expect_near(run_layer(layer, f32({2, 3}, {1, 1, 1, 2})), {2, 20, 300, 3000}, 0);
}

TEST(Conv, ErrorsOfOtherRanks) {
  EXPECT_EQ(message_of<ValueError>([] { layers::Conv1D(2, 0, {.name = "c"}); }),
            "Conv1D \"c\": kernel_size is 0; it must be at least 1");
  EXPECT_EQ(message_of<ValueError>([] {
              layers::Conv3D(2, {1, 0, 1}, {.name = "c"});
            }),
            "Conv3D \"c\": kernel_size is (1, 0, 1); all must be at least 1");
  EXPECT_THAT(message_of<ValueError>([] { Conv2D(2, 1, {.padding = "causal", .name = "c"}); }),
              testing::HasSubstr("Conv2D \"c\": unknown padding 'causal'"));
  EXPECT_EQ(
      message_of<ShapeError>([] {
        layers::Conv1D(2, 5, {.name = "c"})->ensure_built({{DType::Float32, {-1, 4, 1}}});
      }),
      "Conv1D \"c\": a window of 5 does not fit into a sequence of 4 (input shape (None, 4, 1)). "
      "Use fewer or smaller windows before it, or padding \"same\"");
  EXPECT_EQ(
      message_of<ValueError>([] {
        layers::Conv2DTranspose(2, 3, {.output_padding = layers::Size2D(1), .name = "c"});
      }),
      "Conv2DTranspose \"c\": output_padding is 1; it must be at least 0 and below the stride, "
      "1");
  EXPECT_EQ(message_of<ValueError>(
                [] { layers::SeparableConv2D(2, 3, {.depth_multiplier = 0, .name = "c"}); }),
            "SeparableConv2D \"c\": depth_multiplier is 0; it must be at least 1");
}

}  // namespace
}  // namespace sinew
