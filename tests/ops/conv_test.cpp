#include "sinew/ops/conv.h"

#include <cmath>

#include "ops/op_harness.h"

namespace sinew::testing_ops {
namespace {

/// Sequences, images or volumes, and a kernel.
struct ConvCase {
  Shape x;
  Shape w;
  ops::ConvOptions options = {};

  std::size_t spatial() const { return static_cast<std::size_t>(x.rank()) - 2; }
  std::int64_t stride(std::size_t axis) const { return entry(options.strides, axis, 1); }
  std::int64_t dilation(std::size_t axis) const { return entry(options.dilation, axis, 1); }
  std::int64_t before(std::size_t axis) const { return entry(options.padding, 2 * axis, 0); }
  std::int64_t after(std::size_t axis) const { return entry(options.padding, 2 * axis + 1, 0); }

 private:
  static std::int64_t entry(const std::vector<std::int64_t>& list, std::size_t at,
                            std::int64_t otherwise) {
    return list.empty() ? otherwise : list[at];
  }
};

Shape y_shape(const ConvCase& t) {
  Shape y = t.x.with(-1, t.w[-1]);
  for (std::size_t i = 0; i < t.spatial(); ++i) {
    const int axis = static_cast<int>(i);
    const std::int64_t reach = (t.w[axis] - 1) * t.dilation(i) + 1;
    y = y.with(axis + 1, (t.x[axis + 1] + t.before(i) + t.after(i) - reach) / t.stride(i) + 1);
  }
  return y;
}

std::int64_t flat(const Shape& shape, const std::vector<std::int64_t>& index) {
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < index.size(); ++i)
    offset = offset * shape[static_cast<int>(i)] + index[i];
  return offset;
}

/// Calls body(x index, w index, y index) for every product that a convolution adds.
template <typename Body>
void each_product(const ConvCase& t, const Body& body) {
  const std::int64_t c_group = t.w[-2];
  const std::int64_t o_group = t.w[-1] / t.options.groups;
  const std::size_t spatial = t.spatial();
  for_each_index(y_shape(t), [&](const std::vector<std::int64_t>& y, std::int64_t y_flat) {
    for_each_index(t.w.with(-1, 1), [&](const std::vector<std::int64_t>& cell, std::int64_t) {
      std::vector<std::int64_t> x = y, w = cell;
      for (std::size_t i = 0; i < spatial; ++i) {
        x[i + 1] = y[i + 1] * t.stride(i) + cell[i] * t.dilation(i) - t.before(i);
        if (x[i + 1] < 0 || x[i + 1] >= t.x[static_cast<int>(i) + 1]) return;
      }
      x.back() = y.back() / o_group * c_group + cell[spatial];
      w.back() = y.back();
      body(flat(t.x, x), flat(t.w, w), y_flat);
    });
  });
}

std::vector<OpCase> cases() {
  std::vector<ConvCase> shapes = {
      {{1, 3, 3, 1}, {3, 3, 1, 1}},
      {{2, 5, 7, 1}, {3, 3, 1, 32}},
      {{9, 6, 5, 3}, {2, 3, 3, 10}},
      {{3, 4, 4, 16}, {1, 1, 16, 33}},
      {{2, 7, 7, 17}, {3, 3, 17, 16}},
      {{8, 6, 6, 32}, {3, 3, 32, 64}},
      {{1, 9, 4, 8}, {3, 1, 8, 96}},
      {{5, 3, 3, 2}, {3, 3, 2, 65}},
      {{10, 5, 5, 4}, {5, 5, 4, 12}},
      // Sequences.
      {{2, 9, 3}, {4, 3, 8}},
      {{2, 9, 16}, {3, 16, 16}, {.strides = {2}, .padding = {2, 1}}},
      {{3, 8, 4}, {3, 1, 8}, {.padding = {4, 0}, .dilation = {2}, .groups = 4}},
      // Volumes.
      {{2, 4, 5, 3, 2}, {3, 2, 3, 2, 8}},
      {{2, 4, 5, 6, 16}, {3, 3, 3, 16, 16}, {.padding = {1, 1, 1, 1, 1, 1}}},
      {{9, 3, 4, 5, 8}, {2, 3, 2, 8, 16}, {.strides = {1, 2, 3}, .padding = {0, 1, 2, 1, 0, 0}}},
      {{1, 7, 6, 5, 4}, {3, 2, 2, 4, 6}, {.padding = {1, 0, 0, 1, 1, 1}, .dilation = {2, 3, 1}}},
      {{2, 3, 4, 4, 4}, {2, 2, 2, 2, 8}, {.strides = {2, 1, 1}, .groups = 2}},
      {{2, 3, 4, 4, 16}, {2, 3, 3, 1, 16}, {.padding = {0, 1, 1, 1, 1, 1}, .groups = 16}},
  };
  for (const ConvCase& base :
       {ConvCase{{3, 7, 6, 4}, {3, 3, 4, 8}}, ConvCase{{2, 8, 8, 16}, {3, 3, 16, 16}}}) {
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
    t.w = base.w.with(-2, base.w[-2] / 2);
    shapes.push_back(t);
    t.options.groups = base.w[-2];  // depthwise
    t.w = base.w.with(-2, 1);
    shapes.push_back(t);
    t.options.strides = {1, 2};
    t.options.padding = {0, 2, 2, 0};
    shapes.push_back(t);
  }
  std::vector<OpCase> all;
  for (const ConvCase& t : shapes) {
    const Shape x = t.x, w = t.w, y = y_shape(t);
    const std::string name = x.str() + w.str();
    const double terms = 2 * std::sqrt(static_cast<double>(w.numel() / w[-1] + y.numel() / y[-1]));
    all.push_back(
        {.name = "forward" + name,
         .inputs = {{x}, {w}},
         .build = [t](const std::vector<Value>& v) { return ops::conv(v[0], v[1], t.options); },
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
                         return ops::conv_backward_input(v[0], v[1], x, t.options);
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
                         return ops::conv_backward_filter(v[0], v[1], w, t.options);
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
