#include "sinew/ops/matmul.h"

#include <cmath>

#include "ops/op_harness.h"

namespace sinew::testing_ops {
namespace {

OpCase product(const Shape& a, const Shape& b, bool ta, bool tb) {
  const auto matrix = [](const Shape& s, bool t) {
    return t ? std::pair{s[-1], s[-2]} : std::pair{s[-2], s[-1]};
  };
  const std::int64_t m = matrix(a, ta).first;
  const std::int64_t k = matrix(a, ta).second;
  const std::int64_t n = matrix(b, tb).second;
  const auto lead = [](const Shape& s) {
    return Shape(std::vector<std::int64_t>(s.begin(), s.end() - 2));
  };
  const Shape batch = broadcast_shapes(lead(a), lead(b));
  return {.name = a.str() + (ta ? "T" : "") + b.str() + (tb ? "T" : ""),
          .inputs = {{a}, {b}},
          .build =
              [ta, tb](const std::vector<Value>& x) {
                return ops::matmul(x[0], x[1], {.transpose_a = ta, .transpose_b = tb});
              },
          .reference =
              [=](const std::vector<Array>& x) {
                std::vector<std::int64_t> dims = batch.dims();
                dims.push_back(m);
                dims.push_back(n);
                Array y{Shape(dims)};
                // The flat number of a batch in an operand whose extents may be 1.
                const auto at = [&](const Shape& own, const std::vector<std::int64_t>& index) {
                  std::int64_t flat = 0;
                  const std::size_t skip = index.size() - static_cast<std::size_t>(own.rank());
                  for (int axis = 0; axis < own.rank(); ++axis) {
                    flat = flat * own[axis] +
                           (own[axis] == 1 ? 0 : index[skip + static_cast<std::size_t>(axis)]);
                  }
                  return flat;
                };
                for_each_index(batch, [&](const auto& index, std::int64_t flat) {
                  const std::int64_t base_a = at(lead(a), index) * m * k;
                  const std::int64_t base_b = at(lead(b), index) * k * n;
                  for (std::int64_t i = 0; i < m; ++i) {
                    for (std::int64_t j = 0; j < n; ++j) {
                      double sum = 0;
                      for (std::int64_t l = 0; l < k; ++l) {
                        sum += x[0][base_a + (ta ? l * m + i : i * k + l)] *
                               x[1][base_b + (tb ? j * k + l : l * n + j)];
                      }
                      y[(flat * m + i) * n + j] = sum;
                    }
                  }
                });
                return y;
              },
          .terms = std::max(1.0, std::sqrt(static_cast<double>(k)) * 2)};
}

/// Central differences of so many terms would take long, and see float64's plain loops only.
OpCase without_differences(OpCase c) {
  c.gradient = false;
  return c;
}

std::vector<OpCase> cases() {
  std::vector<OpCase> all;
  for (const auto& [m, k, n] : {std::tuple{1, 1, 1},
                                {1, 7, 1},
                                {3, 5, 2},
                                {8, 16, 32},
                                {17, 33, 9},
                                {32, 1, 10},
                                {5, 64, 65},
                                {2, 2000, 3},
                                {40, 1030, 7}}) {
    for (bool ta : {false, true}) {
      for (bool tb : {false, true}) {
        all.push_back(
            product(ta ? Shape{k, m} : Shape{m, k}, tb ? Shape{n, k} : Shape{k, n}, ta, tb));
      }
    }
  }
  // Large results of long sums: tiles, whole and with edges.
  for (bool ta : {false, true}) {
    for (bool tb : {false, true}) {
      for (const auto& [m, k, n] : {std::tuple{256, 1024, 256}, {301, 1029, 261}})
        all.push_back(without_differences(
            product(ta ? Shape{k, m} : Shape{m, k}, tb ? Shape{n, k} : Shape{k, n}, ta, tb)));
    }
  }
  all.push_back(product({2, 3, 4}, {4, 5}, false, false));
  all.push_back(product({2, 3, 4}, {5, 4}, false, true));
  all.push_back(product({2, 3, 4}, {2, 4, 5}, false, false));
  all.push_back(product({2, 4, 3}, {2, 5, 4}, true, true));
  all.push_back(product({2, 1, 3, 4}, {3, 4, 2}, false, false));
  all.push_back(product({1, 3, 4}, {5, 4, 2}, false, false));
  all.push_back(product({3, 4}, {2, 4, 2}, false, false));
  return all;
}

SINEW_OP_TABLE(Matmul, cases());

}  // namespace
}  // namespace sinew::testing_ops
