#include "sinew/ops/pool.h"

#include <algorithm>
#include <limits>

#include "ops/op_harness.h"
#include "sinew/ops/elementwise.h"

namespace sinew::testing_ops {
namespace {

struct PoolCase {
  Shape x;
  ops::PoolOptions options = {};
};

/// Folds each window's cells inside the input; `finish` sees the result and the number of cells.
Array pooled(const PoolCase& t, const Array& x, double start, double (*step)(double, double),
             double (*finish)(double, double)) {
  const auto spatial = static_cast<std::size_t>(t.x.rank()) - 2;
  std::vector<std::int64_t> size = t.options.pool_size, strides = t.options.strides,
                            padding = t.options.padding;
  if (size.empty()) size.assign(spatial, 2);
  if (strides.empty()) strides = size;
  if (padding.empty()) padding.assign(2 * spatial, 0);
  Shape shape = t.x;
  for (std::size_t i = 0; i < spatial; ++i) {
    const int axis = static_cast<int>(i) + 1;
    shape = shape.with(
        axis, (t.x[axis] + padding[2 * i] + padding[2 * i + 1] - size[i]) / strides[i] + 1);
  }
  Array y(shape);
  for_each_index(shape, [&](const std::vector<std::int64_t>& i, std::int64_t to) {
    double value = start;
    double count = 0;
    for_each_index(Shape(size), [&](const std::vector<std::int64_t>& cell, std::int64_t) {
      std::int64_t from = i[0];
      for (std::size_t axis = 0; axis < spatial; ++axis) {
        const std::int64_t extent = t.x[static_cast<int>(axis) + 1];
        const std::int64_t at = i[axis + 1] * strides[axis] + cell[axis] - padding[2 * axis];
        if (at < 0 || at >= extent) return;
        from = from * extent + at;
      }
      value = step(value, x[from * t.x[-1] + i.back()]);
      count += 1;
    });
    y[to] = finish(value, count);
  });
  return y;
}

std::vector<OpCase> cases() {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  std::vector<PoolCase> shapes;
  for (std::int64_t channels : {1, 3, 16, 33}) {
    shapes.push_back({{2, 6, 4, channels}, {}});
    shapes.push_back({{1, 7, 5, channels}, {}});
    shapes.push_back({{3, 7, 7, channels}, {.pool_size = {3, 3}, .strides = {2, 2}}});
    shapes.push_back(
        {{2, 5, 5, channels}, {.pool_size = {3, 2}, .strides = {1, 1}, .padding = {1, 1, 0, 1}}});
    shapes.push_back({{2, 9, 8, channels}, {.pool_size = {2, 2}, .strides = {3, 3}}});
  }
  for (std::int64_t channels : {2, 17}) {
    shapes.push_back({{2, 9, channels}});
    shapes.push_back({{2, 8, channels}, {.pool_size = {3}, .strides = {2}, .padding = {1, 2}}});
    shapes.push_back({{2, 4, 5, 6, channels}});
    shapes.push_back(
        {{1, 5, 4, 6, channels},
         {.pool_size = {3, 2, 3}, .strides = {2, 1, 3}, .padding = {1, 1, 0, 1, 2, 0}}});
  }
  shapes.push_back({{1, 20, 18, 2}, {.pool_size = {18, 17}, .strides = {1, 1}}});
  std::vector<OpCase> all;
  for (const PoolCase& t : shapes) {
    all.push_back(
        {.name = "max" + t.x.str(),
         .inputs = {{t.x, Draw::Distinct}},
         .build = [t](const std::vector<Value>& v) { return ops::max_pool(v[0], t.options); },
         .reference =
             [t](const std::vector<Array>& v) {
               return pooled(
                   t, v[0], -kInf, [](double a, double b) { return std::max(a, b); },
                   [](double a, double) { return a; });
             }});
    // Squared, so that the second derivative is not zero.
    all.push_back({.name = "max_squared" + t.x.str(),
                   .inputs = {{t.x, Draw::Distinct}},
                   .build =
                       [t](const std::vector<Value>& v) {
                         return ops::max_pool(v[0] * v[0] * v[0], t.options);
                       },
                   .reference =
                       [t](const std::vector<Array>& v) {
                         return pooled(
                             t, v[0], -kInf,
                             [](double a, double b) { return std::max(a, b * b * b); },
                             [](double a, double) { return a; });
                       }});
    all.push_back(
        {.name = "average" + t.x.str(),
         .inputs = {{t.x}},
         .build =
             [t](const std::vector<Value>& v) { return ops::average_pool(v[0] * v[0], t.options); },
         .reference =
             [t](const std::vector<Array>& v) {
               return pooled(
                   t, v[0], 0, [](double a, double b) { return a + b * b; },
                   [](double a, double n) { return a / n; });
             },
         .terms = 4});
  }
  return all;
}

SINEW_OP_TABLE(Pool, cases());

}  // namespace
}  // namespace sinew::testing_ops
