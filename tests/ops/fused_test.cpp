// Loops with folds: values over shapes that fit blocks badly, bits across threads, the text form.

#include "ops/fused.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "compiler/compile.h"
#include "ops/op_harness.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"
#include "sinew/base/philox.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using ops::FusedCode;
using ops::FusedGrid;
using testing_ops::for_each_index;

struct Case {
  Shape shape;
  /// Neighbouring axes.
  std::vector<int> axes;
  /// Another fold in the same loop.
  std::vector<int> more_axes = {};
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.shape.str() << " over";
  for (int axis : c.axes) *out << ' ' << axis;
  for (int axis : c.more_axes) *out << " and " << axis;
}

Tensor random(const Shape& shape, DType dtype, std::uint64_t stream) {
  PhiloxStream numbers(7, stream);
  Tensor tensor(shape, DType::Float64);
  for (double& value : tensor.data<double>()) value = numbers.normal();
  return tensor.cast(dtype);
}

/// A stored result, folds of it and of an operand, over two sets of axes, all in one loop.
struct Loop {
  Tensor x, bias;
  std::unique_ptr<runtime::Executable> executable;

  Loop(const Case& c, DType dtype)
      : x(random(c.shape, dtype, 1)), bias(random({c.shape[-1]}, dtype, 2)) {
    Graph graph;
    const Value a = graph.input("x", dtype, c.shape);
    const Value b = graph.input("bias", dtype, {c.shape[-1]});
    const Value t = ops::maximum(a + b, -0.5);
    graph.output("stored", t);
    for (const std::vector<int>& axes : {c.axes, c.more_axes}) {
      if (axes.empty()) continue;
      graph.output("sum" + std::to_string(graph.outputs().size()), ops::sum(t * a, axes));
      graph.output("max" + std::to_string(graph.outputs().size()), ops::max(t, axes));
      graph.output("min" + std::to_string(graph.outputs().size()), ops::min(a, axes));
    }
    executable = compiler::compile(std::move(graph));
    executable->run(std::vector<Tensor>{x, bias});
  }
};

struct Folded {
  std::vector<long double> sum;
  std::vector<double> size, max, min;
};

Folded fold(const Case& c, const std::vector<int>& axes, const Loop& loop) {
  std::int64_t kept = 1;
  const auto reduced = [&](int axis) {
    return std::find(axes.begin(), axes.end(), axis) != axes.end();
  };
  for (int axis = 0; axis < c.shape.rank(); ++axis) kept *= reduced(axis) ? 1 : c.shape[axis];
  const auto n = static_cast<std::size_t>(kept);
  Folded result{std::vector<long double>(n, 0), std::vector<double>(n, 0),
                std::vector<double>(n, -1e30), std::vector<double>(n, 1e30)};
  for_each_index(c.shape, [&](const auto& index, std::int64_t flat) {
    std::int64_t at = 0;
    for (int axis = 0; axis < c.shape.rank(); ++axis) {
      if (!reduced(axis)) at = at * c.shape[axis] + index[static_cast<std::size_t>(axis)];
    }
    const auto i = static_cast<std::size_t>(at);
    const double x = loop.x.at(flat);
    const double t = std::max(x + loop.bias.at(index.back()), -0.5);
    result.sum[i] += static_cast<long double>(t) * x;
    result.size[i] += std::abs(t * x);
    result.max[i] = std::max(result.max[i], t);
    result.min[i] = std::min(result.min[i], x);
  });
  return result;
}

class FusedFolds : public testing::TestWithParam<Case> {};

void check_values(const Case& c, DType dtype, double epsilon) {
  const Loop loop(c, dtype);
  EXPECT_EQ(loop.executable->program().steps.size(), 1u) << loop.executable->program().str();
  for_each_index(c.shape, [&](const auto& index, std::int64_t flat) {
    const double wanted = std::max(loop.x.at(flat) + loop.bias.at(index.back()), -0.5);
    ASSERT_NEAR(loop.executable->output(0).at(flat), wanted, epsilon * 8) << flat;
  });
  std::size_t output = 1;
  for (const std::vector<int>& axes : {c.axes, c.more_axes}) {
    if (axes.empty()) continue;
    const Folded wanted = fold(c, axes, loop);
    for (std::size_t i = 0; i < wanted.sum.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      // A few ulp of the sum of absolute values, however long the sum.
      ASSERT_NEAR(loop.executable->output(output).at(at), static_cast<double>(wanted.sum[i]),
                  8 * epsilon * (1 + wanted.size[i]));
      ASSERT_NEAR(loop.executable->output(output + 1).at(at), wanted.max[i], epsilon * 8);
      ASSERT_NEAR(loop.executable->output(output + 2).at(at), wanted.min[i], epsilon * 8);
    }
    output += 3;
  }
}

TEST_P(FusedFolds, AreTheLoopsOfTheReference) {
  check_values(GetParam(), DType::Float32, 6e-8);
  check_values(GetParam(), DType::Float64, 3e-16);
}

TEST_P(FusedFolds, HaveTheSameBitsWithAnyNumberOfThreads) {
  const int threads = num_threads();
  set_num_threads(1);
  const Loop one(GetParam(), DType::Float32);
  for (int count : {2, 3}) {
    set_num_threads(count);
    const Loop many(GetParam(), DType::Float32);
    for (std::size_t i = 0; i < one.executable->program().outputs.size(); ++i) {
      const Tensor& a = one.executable->output(i);
      EXPECT_EQ(std::memcmp(a.raw(), many.executable->output(i).raw(), a.bytes()), 0) << i;
    }
  }
  set_num_threads(threads);
}

// Rows that are less than, part of, exactly and more than a block of 512; columns, rows, middle
// axes and everything; extents of 1; several tasks and shards.
INSTANTIATE_TEST_SUITE_P(
    Ops, FusedFolds,
    testing::Values(Case{{5}, {0}}, Case{{700}, {0}}, Case{{70000}, {0}}, Case{{4, 3}, {0}},
                    Case{{4, 3}, {1}}, Case{{4, 3}, {0, 1}}, Case{{1, 7}, {1}}, Case{{7, 1}, {0}},
                    Case{{1000, 16}, {0}}, Case{{9000, 10}, {0}}, Case{{9000, 10}, {1}},
                    Case{{513, 99}, {0}}, Case{{513, 99}, {1}}, Case{{64, 512}, {0}},
                    Case{{65, 513}, {0}}, Case{{65, 513}, {1}}, Case{{65, 513}, {0, 1}},
                    Case{{40, 5000}, {0}}, Case{{3, 40000}, {1}}, Case{{3, 40000}, {0}},
                    Case{{2, 5, 1, 3}, {0, 1, 2}}, Case{{2, 1, 5, 3}, {1, 2}},
                    Case{{6, 9, 11, 20}, {1, 2}}, Case{{6, 9, 11, 20}, {0, 1, 2}},
                    Case{{3, 40, 600}, {1}}, Case{{3, 40, 600}, {1, 2}},
                    Case{{600, 1000}, {0}, {1}}, Case{{600, 20}, {0}, {1}},
                    Case{{600, 20}, {1}, {0, 1}}, Case{{5, 70, 30}, {1}, {2}},
                    Case{{5, 70, 30}, {1}, {1, 2}}, Case{{5, 70, 30}, {0, 1}, {0, 1, 2}}));

TEST(FusedFolds, KeepNaN) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {3, 40});
  graph.output("max", ops::max(x * 2.0, {1}));
  graph.output("min", ops::min(x * 2.0, {0}));
  const auto executable = compiler::compile(std::move(graph));
  Tensor data = Tensor::full({3, 40}, 1.0);
  data.data<float>()[45] = std::nanf("");
  executable->run(std::vector<Tensor>{data});
  EXPECT_EQ(executable->output(0).at(0), 2);
  EXPECT_TRUE(std::isnan(executable->output(0).at(1)));
  EXPECT_TRUE(std::isnan(executable->output(1).at(5)));
  EXPECT_EQ(executable->output(1).at(6), 2);
}

TEST(FusedFolds, AreExactToAFewUlpHoweverLong) {
  constexpr std::int64_t kCount = 3'000'000;
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {kCount});
  graph.output("sum", ops::sum(x * 1.0001));
  const auto executable = compiler::compile(std::move(graph));
  executable->run(std::vector<Tensor>{Tensor::full({kCount}, 0.1)});
  const double each = static_cast<double>(0.1f * 1.0001f);
  EXPECT_NEAR(executable->output(0).at(0) / (each * kCount), 1, 4e-7);
}

FusedCode example() {
  FusedCode code;
  code.inputs = 2;
  code.constants = {0.1, -0.0};
  code.instructions = {{ops::Elementwise::Subtract, {0, 1, -1}},
                       {ops::Elementwise::Multiply, {4, 2, -1}},
                       {ops::Elementwise::Where, {5, 3, 0}}};
  code.results = {{.source = 5, .dtype = DType::Float32},
                  {.source = 6, .dtype = DType::Float32, .fold = FusedCode::Fold::Sum, .last = 3},
                  {.source = 0, .dtype = DType::Float64, .fold = FusedCode::Fold::Max}};
  return code;
}

TEST(FusedCode, ReadsAsWords) {
  const Attributes attributes = example().to_attributes();
  EXPECT_EQ(attributes.get<std::string>("code"),
            "t0 = subtract x0 x1; t1 = multiply t0 0.1; t2 = where t1 -0 x0");
  EXPECT_EQ(attributes.get<std::string>("results"),
            "t1 float32; sum t2 0:3 float32; max x0 0: float64");
  EXPECT_EQ(FusedCode::from(attributes).to_attributes(), attributes);
}

TEST(FusedCode, SaysWhatItCannotRead) {
  Attributes attributes = example().to_attributes();
  attributes.set("code", std::string("t0 = frobnicate x0 x1"));
  try {
    FusedCode::from(attributes);
    FAIL();
  } catch (const InternalError& error) {
    EXPECT_NE(std::string(error.what()).find("frobnicate"), std::string::npos) << error.what();
  }
}

TEST(FusedGrid, SeesTheDomainAsTheFoldsDo) {
  const Shape domain{4, 1, 5, 6};
  const auto grid = [&](std::vector<std::pair<std::int64_t, std::int64_t>> axes) {
    std::vector<FusedCode::Result> results;
    for (const auto& [first, last] : axes)
      results.push_back({0, DType::Float32, FusedCode::Fold::Sum, first, last});
    return ops::fused_grid(domain, results);
  };
  using Over = FusedGrid::Over;
  const auto columns = grid({{0, 3}});
  ASSERT_TRUE(columns);
  EXPECT_EQ(columns->rows, 20);
  EXPECT_EQ(columns->columns, 6);
  EXPECT_EQ(columns->over[0], Over::Rows);
  const auto both = grid({{1, 3}, {3, 4}, {1, 4}, {0, -1}});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->outer, 4);
  EXPECT_EQ(both->over, (std::vector<Over>{Over::Rows, Over::Columns, Over::Both, Over::All}));
  EXPECT_FALSE(grid({{0, 1}, {2, 3}})) << "outer axes and middle axes";
}

}  // namespace
}  // namespace sinew
