#include "sinew/ops/conv.h"

#include <cmath>

#include "ops/op_harness.h"

namespace sinew::testing_ops {
namespace {

struct ConvCase {
  std::int64_t n, h, w, c, kh, kw, o;
  ops::Conv2DOptions options = {};
};

std::int64_t extent(std::int64_t size, std::int64_t kernel, std::int64_t stride,
                    std::int64_t dilation, std::int64_t padding) {
  return (size + padding - (kernel - 1) * dilation - 1) / stride + 1;
}

Shape y_shape(const ConvCase& t) {
  const auto& p = t.options.padding;
  return {t.n, extent(t.h, t.kh, t.options.strides[0], t.options.dilation[0], p[0] + p[1]),
          extent(t.w, t.kw, t.options.strides[1], t.options.dilation[1], p[2] + p[3]), t.o};
}

/// Calls body(x index, w index, y index) for every product that a convolution adds.
template <typename Body>
void each_product(const ConvCase& t, const Body& body) {
  const Shape y = y_shape(t);
  const std::int64_t c_group = t.c / t.options.groups;
  const std::int64_t o_group = t.o / t.options.groups;
  for (std::int64_t n = 0; n < t.n; ++n) {
    for (std::int64_t i = 0; i < y[1]; ++i) {
      for (std::int64_t j = 0; j < y[2]; ++j) {
        for (std::int64_t u = 0; u < t.kh; ++u) {
          for (std::int64_t v = 0; v < t.kw; ++v) {
            const std::int64_t row =
                i * t.options.strides[0] + u * t.options.dilation[0] - t.options.padding[0];
            const std::int64_t column =
                j * t.options.strides[1] + v * t.options.dilation[1] - t.options.padding[2];
            if (row < 0 || row >= t.h || column < 0 || column >= t.w) continue;
            for (std::int64_t o = 0; o < t.o; ++o) {
              for (std::int64_t c = 0; c < c_group; ++c) {
                body(((n * t.h + row) * t.w + column) * t.c + o / o_group * c_group + c,
                     ((u * t.kw + v) * c_group + c) * t.o + o,
                     ((n * y[1] + i) * y[2] + j) * t.o + o);
              }
            }
          }
        }
      }
    }
  }
}

std::vector<OpCase> cases() {
  std::vector<ConvCase> shapes = {
      {1, 3, 3, 1, 3, 3, 1},   {2, 5, 7, 1, 3, 3, 32},  {9, 6, 5, 3, 2, 3, 10},
      {3, 4, 4, 16, 1, 1, 33}, {2, 7, 7, 17, 3, 3, 16}, {8, 6, 6, 32, 3, 3, 64},
      {1, 9, 4, 8, 3, 1, 96},  {5, 3, 3, 2, 3, 3, 65},  {10, 5, 5, 4, 5, 5, 12},
  };
  for (const ConvCase& base : {ConvCase{3, 7, 6, 4, 3, 3, 8}, ConvCase{2, 8, 8, 16, 3, 3, 16}}) {
    ConvCase t = base;
    t.options.strides = {2, 2};
    shapes.push_back(t);
    t.options.padding = {1, 1, 0, 1};
    shapes.push_back(t);
    t = base;
    t.options.padding = {1, 1, 1, 1};
    shapes.push_back(t);
    t.options.dilation = {2, 2};
    shapes.push_back(t);
    t = base;
    t.options.groups = 2;
    shapes.push_back(t);
    t.options.groups = t.c;  // depthwise
    shapes.push_back(t);
    t.options.strides = {1, 2};
    t.options.padding = {0, 2, 2, 0};
    shapes.push_back(t);
  }
  std::vector<OpCase> all;
  for (const ConvCase& t : shapes) {
    const Shape x{t.n, t.h, t.w, t.c};
    const Shape w{t.kh, t.kw, t.c / t.options.groups, t.o};
    const Shape y = y_shape(t);
    const std::string name = x.str() + w.str();
    const double terms =
        2 * std::sqrt(static_cast<double>(w[0] * w[1] * w[2] + y[0] * y[1] * y[2]));
    all.push_back(
        {.name = "forward" + name,
         .inputs = {{x}, {w}},
         .build = [t](const std::vector<Value>& v) { return ops::conv2d(v[0], v[1], t.options); },
         .reference =
             [t, y](const std::vector<Array>& v) {
               Array result(y);
               each_product(t, [&](std::int64_t a, std::int64_t b, std::int64_t to) {
                 result[to] += v[0][a] * v[1][b];
               });
               return result;
             },
         .terms = terms});
    all.push_back({.name = "backward_input" + name,
                   .inputs = {{w}, {y}},
                   .build =
                       [t, x](const std::vector<Value>& v) {
                         return ops::conv2d_backward_input(v[0], v[1], x, t.options);
                       },
                   .reference =
                       [t, x](const std::vector<Array>& v) {
                         Array result(x);
                         each_product(t, [&](std::int64_t to, std::int64_t b, std::int64_t dy) {
                           result[to] += v[0][b] * v[1][dy];
                         });
                         return result;
                       },
                   .terms = terms});
    all.push_back({.name = "backward_filter" + name,
                   .inputs = {{x}, {y}},
                   .build =
                       [t, w](const std::vector<Value>& v) {
                         return ops::conv2d_backward_filter(v[0], v[1], w, t.options);
                       },
                   .reference =
                       [t, w](const std::vector<Array>& v) {
                         Array result(w);
                         each_product(t, [&](std::int64_t a, std::int64_t to, std::int64_t dy) {
                           result[to] += v[0][a] * v[1][dy];
                         });
                         return result;
                       },
                   .terms = terms});
  }
  return all;
}

SINEW_OP_TABLE(Conv, cases());

TEST(SamePadding, IsTensorFlows) {
  EXPECT_EQ(ops::same_padding(5, 3, 1), (std::array<std::int64_t, 2>{1, 1}));
  EXPECT_EQ(ops::same_padding(5, 2, 1), (std::array<std::int64_t, 2>{0, 1}));
  EXPECT_EQ(ops::same_padding(6, 3, 2), (std::array<std::int64_t, 2>{0, 1}));
  EXPECT_EQ(ops::same_padding(5, 1, 2), (std::array<std::int64_t, 2>{0, 0}));
  EXPECT_EQ(ops::same_padding(7, 3, 1, 2), (std::array<std::int64_t, 2>{2, 2}));
}

}  // namespace
}  // namespace sinew::testing_ops
