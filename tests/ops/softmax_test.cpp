#include "sinew/ops/softmax.h"

#include <algorithm>
#include <cmath>

#include "ops/op_harness.h"
#include "sinew/compiler/eval.h"

namespace sinew::testing_ops {
namespace {

/// log(sum(e^x)) of a row.
double log_sum(const Array& x, std::int64_t row) {
  const std::int64_t n = x.shape[-1];
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += std::exp(x[row * n + i]);
  return std::log(sum);
}

/// The threshold by bisection: what is above it sums to 1.
void sparsemax(double* row, std::int64_t n) {
  double high = *std::max_element(row, row + n);
  double low = high - 1;
  for (int step = 0; step < 60; ++step) {
    const double tau = (low + high) / 2;
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += std::max(row[i] - tau, 0.0);
    (sum > 1 ? low : high) = tau;
  }
  for (std::int64_t i = 0; i < n; ++i) row[i] = std::max(row[i] - low, 0.0);
}

std::vector<OpCase> cases() {
  std::vector<OpCase> all;
  for (const Shape& shape :
       {Shape{3}, Shape{1, 3}, Shape{5, 10}, Shape{2, 3, 17}, Shape{70, 3}, Shape{3, 700}}) {
    const std::int64_t n = shape[-1];
    const Shape rows(std::vector<std::int64_t>(shape.begin(), shape.end() - 1));
    const auto each = [n](const std::vector<Array>& x, auto body) {
      Array y = x[0];
      for (std::int64_t i = 0; i < y.shape.numel(); ++i) y[i] = body(x[0][i], log_sum(x[0], i / n));
      return y;
    };
    all.push_back({.name = "softmax" + shape.str(),
                   .inputs = {{shape}},
                   .build = [](const std::vector<Value>& x) { return ops::softmax(x[0]); },
                   .reference =
                       [each](const std::vector<Array>& x) {
                         return each(
                             x, [](double value, double sum) { return std::exp(value - sum); });
                       }});
    all.push_back({.name = "log_softmax" + shape.str(),
                   .inputs = {{shape}},
                   .build = [](const std::vector<Value>& x) { return ops::log_softmax(x[0]); },
                   .reference =
                       [each](const std::vector<Array>& x) {
                         return each(x, [](double value, double sum) { return value - sum; });
                       },
                   .terms = 4});
    all.push_back({.name = "sparsemax" + shape.str(),
                   .inputs = {{shape}},
                   .build = [](const std::vector<Value>& x) { return ops::sparsemax(x[0]); },
                   .reference =
                       [n](const std::vector<Array>& x) {
                         Array y = x[0];
                         for (std::int64_t row = 0; row < y.shape.numel() / n; ++row)
                           sparsemax(&y.data[static_cast<std::size_t>(row * n)], n);
                         return y;
                       },
                   .terms = 4});
    all.push_back({.name = "logsumexp" + shape.str(),
                   .inputs = {{shape}},
                   .build = [](const std::vector<Value>& x) { return ops::logsumexp(x[0]); },
                   .reference =
                       [rows](const std::vector<Array>& x) {
                         Array y(rows);
                         for (std::int64_t row = 0; row < rows.numel(); ++row)
                           y[row] = log_sum(x[0], row);
                         return y;
                       },
                   .terms = 4});
    all.push_back({.name = "cross_entropy" + shape.str(),
                   .inputs = {{shape}, {rows, Draw::Index}},
                   .build =
                       [](const std::vector<Value>& x) {
                         return ops::sparse_softmax_cross_entropy(x[0], x[1]);
                       },
                   .reference =
                       [rows, n](const std::vector<Array>& x) {
                         Array y(rows);
                         for (std::int64_t row = 0; row < rows.numel(); ++row) {
                           y[row] = log_sum(x[0], row) -
                                    x[0][row * n + static_cast<std::int64_t>(x[1][row])];
                         }
                         return y;
                       },
                   .terms = 4});
  }
  all.push_back({.name = "softmax_first_axis",
                 .inputs = {{{4, 3}}},
                 .build = [](const std::vector<Value>& x) { return ops::softmax(x[0], 0); },
                 .reference =
                     [](const std::vector<Array>& x) {
                       Array y = x[0];
                       for (std::int64_t j = 0; j < 3; ++j) {
                         double sum = 0;
                         for (std::int64_t i = 0; i < 4; ++i) sum += std::exp(x[0][i * 3 + j]);
                         for (std::int64_t i = 0; i < 4; ++i)
                           y[i * 3 + j] = std::exp(x[0][i * 3 + j]) / sum;
                       }
                       return y;
                     }});
  return all;
}

SINEW_OP_TABLE(Softmax, cases());

TEST(SoftmaxEnds, LargeLogitsDoNotOverflow) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {1, 3});
  const Value labels = graph.constant(Tensor::from<std::int64_t>({1}, {1}));
  const auto found = eval({ops::softmax(x), ops::sparse_softmax_cross_entropy(x, labels)},
                          {{"x", Tensor::from<float>({1e4f, -1e4f, 0.0f}, {1, 3})}});
  EXPECT_EQ(found[0].at(0), 1.0);
  EXPECT_EQ(found[0].at(1), 0.0);
  EXPECT_EQ(found[1].at(0), 2e4);
}

TEST(SoftmaxEnds, LabelOutsideTheClassesIsNaN) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {2, 3});
  const Value labels = graph.constant(Tensor::from<std::int64_t>({3, -1}, {2}));
  const Tensor loss = eval(ops::sparse_softmax_cross_entropy(x, labels), {{"x", Tensor({2, 3})}});
  EXPECT_TRUE(std::isnan(loss.at(0)));
  EXPECT_TRUE(std::isnan(loss.at(1)));
}

}  // namespace
}  // namespace sinew::testing_ops
