#include "sinew/ops/pool.h"

#include <algorithm>
#include <limits>

#include "ops/op_harness.h"
#include "sinew/ops/elementwise.h"

namespace sinew::testing_ops {
namespace {

struct PoolCase {
  Shape x;
  ops::Pool2DOptions options;
};

/// Folds each window's cells inside the input; `finish` sees the result and the number of cells.
Array pooled(const PoolCase& t, const Array& x, double start, double (*step)(double, double),
             double (*finish)(double, double)) {
  const auto& [size, strides, padding] = t.options;
  const std::int64_t rows = (t.x[1] + padding[0] + padding[1] - size[0]) / strides[0] + 1;
  const std::int64_t columns = (t.x[2] + padding[2] + padding[3] - size[1]) / strides[1] + 1;
  Array y(Shape{t.x[0], rows, columns, t.x[3]});
  for_each_index(y.shape, [&](const auto& i, std::int64_t flat) {
    double value = start;
    double count = 0;
    for (std::int64_t u = 0; u < size[0]; ++u) {
      for (std::int64_t v = 0; v < size[1]; ++v) {
        const std::int64_t row = i[1] * strides[0] + u - padding[0];
        const std::int64_t column = i[2] * strides[1] + v - padding[2];
        if (row < 0 || row >= t.x[1] || column < 0 || column >= t.x[2]) continue;
        value = step(value, x.at({i[0], row, column, i[3]}));
        count += 1;
      }
    }
    y[flat] = finish(value, count);
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
  shapes.push_back({{1, 20, 18, 2}, {.pool_size = {18, 17}, .strides = {1, 1}}});
  std::vector<OpCase> all;
  for (const PoolCase& t : shapes) {
    all.push_back(
        {.name = "max" + t.x.str(),
         .inputs = {{t.x, Draw::Distinct}},
         .build = [t](const std::vector<Value>& v) { return ops::max_pool2d(v[0], t.options); },
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
                         return ops::max_pool2d(v[0] * v[0] * v[0], t.options);
                       },
                   .reference =
                       [t](const std::vector<Array>& v) {
                         return pooled(
                             t, v[0], -kInf,
                             [](double a, double b) { return std::max(a, b * b * b); },
                             [](double a, double) { return a; });
                       }});
    all.push_back({.name = "average" + t.x.str(),
                   .inputs = {{t.x}},
                   .build =
                       [t](const std::vector<Value>& v) {
                         return ops::average_pool2d(v[0] * v[0], t.options);
                       },
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
