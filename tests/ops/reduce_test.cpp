#include "sinew/ops/reduce.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "ops/op_harness.h"
#include "sinew/base/parallel.h"
#include "sinew/base/philox.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/elementwise.h"

namespace sinew::testing_ops {
namespace {

/// Folds the elements along axes, one output element at a time.
Array fold(const Array& x, const std::vector<int>& axes, bool keepdims, double start,
           double (*step)(double, double)) {
  std::vector<std::int64_t> kept;
  const auto reduced = [&](int axis) {
    return axes.empty() || std::find(axes.begin(), axes.end(), axis) != axes.end();
  };
  for (int axis = 0; axis < x.shape.rank(); ++axis) {
    if (!reduced(axis)) kept.push_back(x.shape[axis]);
    if (reduced(axis) && keepdims) kept.push_back(1);
  }
  Array y{Shape(kept)};
  std::fill(y.data.begin(), y.data.end(), start);
  for_each_index(x.shape, [&](const auto& index, std::int64_t flat) {
    std::int64_t to = 0;
    for (int axis = 0; axis < x.shape.rank(); ++axis) {
      if (!reduced(axis)) to = to * x.shape[axis] + index[static_cast<std::size_t>(axis)];
    }
    y[to] = step(y[to], x[flat]);
  });
  return y;
}

std::vector<OpCase> cases() {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  std::vector<OpCase> all;
  const std::vector<Shape> shapes = {{5},          {1},      {3, 4},    {1, 7},      {2, 3, 5},
                                     {2, 1, 4, 3}, {700, 3}, {3, 1100}, {9, 40, 130}};
  for (const Shape& shape : shapes) {
    for (int mask = 0; mask < 1 << shape.rank(); ++mask) {
      std::vector<int> axes;
      for (int axis = 0; axis < shape.rank(); ++axis) {
        if (mask >> axis & 1) axes.push_back(axis);
      }
      const bool keepdims = mask % 2 == 1;
      const auto add = [&](const char* name, auto op, double start, double (*step)(double, double),
                           Draw draw, double terms) {
        all.push_back(
            {.name = name + shape.str() + std::to_string(mask),
             .inputs = {{shape, draw}},
             .build = [op, axes,
                       keepdims](const std::vector<Value>& x) { return op(x[0], axes, keepdims); },
             .reference =
                 [=](const std::vector<Array>& x) {
                   return fold(x[0], axes, keepdims, start, step);
                 },
             // A sum's slope is constant.
             .second_order = false,
             .terms = terms});
      };
      const double terms = std::max(1.0, std::sqrt(static_cast<double>(shape.numel())));
      add(
          "sum", ops::sum, 0, [](double a, double b) { return a + b; }, Draw::Normal, terms);
      add(
          "max", ops::max, -kInf, [](double a, double b) { return std::max(a, b); }, Draw::Distinct,
          1);
      add(
          "min", ops::min, kInf, [](double a, double b) { return std::min(a, b); }, Draw::Distinct,
          1);
    }
    all.push_back(
        {.name = "variance" + shape.str(),
         .inputs = {{shape}},
         .build = [](const std::vector<Value>& x) { return ops::variance(x[0], {-1}); },
         .reference =
             [](const std::vector<Array>& x) {
               const std::int64_t n = x[0].shape[-1];
               Array y{Shape(std::vector<std::int64_t>(x[0].shape.begin(), x[0].shape.end() - 1))};
               for (std::int64_t row = 0; row < y.shape.numel(); ++row) {
                 double mean = 0;
                 for (std::int64_t i = 0; i < n; ++i)
                   mean += x[0][row * n + i] / static_cast<double>(n);
                 for (std::int64_t i = 0; i < n; ++i) {
                   const double d = x[0][row * n + i] - mean;
                   y[row] += d * d / static_cast<double>(n);
                 }
               }
               return y;
             },
         .terms = 10});
    for (int axis = 0; axis < shape.rank(); ++axis) {
      all.push_back(
          {.name = "argmax" + shape.str() + std::to_string(axis),
           .inputs = {{shape, Draw::Distinct}},
           .build = [axis](const std::vector<Value>& x) { return ops::argmax(x[0], axis); },
           .reference =
               [axis](const std::vector<Array>& x) {
                 const Array best = fold(x[0], {axis}, false, -kInf,
                                         [](double a, double b) { return std::max(a, b); });
                 // The first of equal ones, which rounding makes.
                 Array y(best.shape);
                 std::vector<bool> found(static_cast<std::size_t>(best.shape.numel()), false);
                 for_each_index(x[0].shape, [&](const auto& index, std::int64_t flat) {
                   std::int64_t to = 0;
                   for (int a = 0; a < x[0].shape.rank(); ++a) {
                     if (a != axis) to = to * x[0].shape[a] + index[static_cast<std::size_t>(a)];
                   }
                   if (x[0][flat] != best[to] || found[static_cast<std::size_t>(to)]) return;
                   found[static_cast<std::size_t>(to)] = true;
                   y[to] = static_cast<double>(index[static_cast<std::size_t>(axis)]);
                 });
                 return y;
               },
           .gradient = false});
    }
  }
  return all;
}

SINEW_OP_TABLE(Reduce, cases());

/// Long enough that a split by the number of threads would show: its partial sums would differ.
TEST(Reduce, LongSumsHaveTheSameBitsWithAnyNumberOfThreads) {
  const int threads = num_threads();
  for (const Shape& shape :
       {Shape{1 << 20}, Shape{3, 250001}, Shape{250001, 3}, Shape{500, 7, 100}}) {
    PhiloxStream numbers(5, 0);
    Tensor x(shape);
    for (float& value : x.data<float>()) value = static_cast<float>(numbers.normal());
    for (const std::vector<int>& axes : {std::vector<int>{0}, {-1}, {}}) {
      std::vector<Tensor> sums;
      for (int count : {1, 2, 3, 5}) {
        set_num_threads(count);
        Graph graph;
        const Value input = graph.constant(x);
        sums.push_back(eval(axes.empty() ? ops::sum(input) : ops::sum(input, axes)));
        EXPECT_EQ(std::memcmp(sums[0].raw(), sums.back().raw(), sums[0].bytes()), 0)
            << shape.str() << ", " << count << " threads";
      }
    }
  }
  set_num_threads(threads);
}

}  // namespace
}  // namespace sinew::testing_ops
