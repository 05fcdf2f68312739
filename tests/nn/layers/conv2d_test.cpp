#include "nn/layer_harness.h"
#include "sinew/ops/conv.h"

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

}  // namespace
}  // namespace sinew
