#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew::testing_ops {

/// A tensor of plain doubles, for references written as loops.
struct Array {
  Shape shape;
  std::vector<double> data;

  explicit Array(Shape s)
      : shape(std::move(s)), data(static_cast<std::size_t>(shape.numel()), 0.0) {}
  double& operator[](std::int64_t i) { return data[static_cast<std::size_t>(i)]; }
  double operator[](std::int64_t i) const { return data[static_cast<std::size_t>(i)]; }
  /// The element at an index an axis.
  double at(std::initializer_list<std::int64_t> index) const { return data[offset(index)]; }
  double& at(std::initializer_list<std::int64_t> index) { return data[offset(index)]; }

 private:
  std::size_t offset(std::initializer_list<std::int64_t> index) const {
    std::int64_t flat = 0;
    int axis = 0;
    for (std::int64_t i : index) flat = flat * shape[axis++] + i;
    return static_cast<std::size_t>(flat);
  }
};

/// How an input's elements are drawn.
enum class Draw {
  Normal,
  /// In [0.5, 2.5).
  Positive,
  /// A permutation of equally spaced values around 0, so that extremes are unique and far apart.
  Distinct,
  /// Whole numbers in [0, 3), as Int64: labels and indices.
  Index,
  /// 0 or 1, as Bool.
  Flag,
};

struct InputSpec {
  Shape shape;
  Draw draw = Draw::Normal;
};

/// An op, or a composition of ops, with what it must compute: a new op joins the harness with one
/// of these.
struct OpCase {
  std::string name;
  std::vector<InputSpec> inputs;
  std::function<Value(const std::vector<Value>&)> build;
  std::function<Array(const std::vector<Array>&)> reference;
  /// Whether to check gradients, and gradients of gradients; false for ops without them.
  bool gradient = true;
  bool second_order = true;
  /// Terms that are added up for one element, which the float32 tolerance grows with.
  double terms = 1;
  /// False where rounding in between to bfloat16 leaves nothing of the result.
  bool bfloat16 = true;
};

/// Test listings show the name.
inline void PrintTo(const OpCase& c, std::ostream* out) { *out << c.name; }

/// Values in float64, float32 and bfloat16 against the reference, gradients and gradients of
/// gradients against central differences in float64 (relative error under 1e-6), and equal bits
/// with one thread and with two; values and bits with each kernel that the backend could take.
void check(const OpCase& c);

/// A number for every index of a shape: for references that go element by element.
void for_each_index(
    const Shape& shape,
    const std::function<void(const std::vector<std::int64_t>&, std::int64_t)>& body);

class OpTest : public testing::TestWithParam<OpCase> {};

std::string case_name(const testing::TestParamInfo<OpCase>& info);

}  // namespace sinew::testing_ops

/// Checks each case of a table as a test of its own.
#define SINEW_OP_TABLE(Family, cases)                                           \
  class Family : public ::sinew::testing_ops::OpTest {};                        \
  TEST_P(Family, MatchesReference) { ::sinew::testing_ops::check(GetParam()); } \
  INSTANTIATE_TEST_SUITE_P(Ops, Family, ::testing::ValuesIn(cases), ::sinew::testing_ops::case_name)
