// Which nodes become one loop.

#include <gtest/gtest.h>

#include "compiler/compile.h"
#include "compiler/passes.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/compiler/eval.h"
#include "sinew/graph/op.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

/// The nodes that do something after simplify and fuse, as one line each.
std::vector<std::string> steps(const Graph& declared) {
  const Graph graph = compiler::fuse(compiler::simplify(declared));
  graph.verify();
  std::vector<std::string> lines;
  for (const Node& node : graph.nodes()) {
    if (node.inputs.empty() || node.op->view) continue;
    std::string line = node.op->name;
    if (node.op->name == "fused")
      line = node.attributes.get<std::string>("code") + " -> " +
             node.attributes.get<std::string>("results");
    lines.push_back(line);
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Fuse, AFoldJoinsTheChainBeforeIt) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {6, 4});
  const Value y = ops::tanh(x * 2.0);
  graph.output("y", y);
  graph.output("sum", ops::sum(y, {0}));
  EXPECT_EQ(steps(graph),
            Lines{"t0 = multiply x0 2; t1 = tanh t0 -> t1 float32; sum t1 0:1 float32"});
}

TEST(Fuse, WhatIsOnlyFoldedIsNotStored) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {6, 4});
  graph.output("norm", ops::sum(ops::square(x)));
  EXPECT_EQ(steps(graph), Lines{"t0 = square x0 -> sum t0 0: float32"});
}

TEST(Fuse, FoldsOfOneValueReadItOnce) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {6, 4});
  const Value y = graph.input("y", DType::Float32, {6, 4});
  graph.output("a", ops::sum(x, {0}));
  graph.output("b", ops::sum(x * y, {0}));
  EXPECT_EQ(steps(graph), Lines{"t0 = multiply x0 x1 -> sum x0 0:1 float32; sum t0 0:1 float32"});
}

TEST(Fuse, AFoldsReaderIsAnotherLoop) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {6, 4});
  const Value e = ops::exp(x);
  graph.output("y", e / ops::sum(e, {1}, true));
  EXPECT_EQ(steps(graph), (Lines{"t0 = exp x0 -> t0 float32; sum t0 1:2 float32",
                                 "t0 = divide x0 x1 -> t0 float32"}));
}

TEST(Fuse, CastsRoundWhateverReadsThem) {
  const auto chained = [](const std::vector<float>& given, DType first, DType middle, DType last) {
    Graph graph;
    const auto size = static_cast<std::int64_t>(given.size());
    const Value x = ops::cast(graph.input("x", DType::Float32, {size}), first);
    const Value there = ops::cast(x, middle);
    const Value back = ops::cast(ops::cast(there, last), DType::Float64);
    return eval(back + back, {{"x", Tensor::from(given, {size})}});
  };
  const auto expect = [](const Tensor& seen, const std::vector<double>& half) {
    for (std::size_t i = 0; i < half.size(); ++i)
      EXPECT_EQ(seen.at(static_cast<std::int64_t>(i)), 2 * half[i]) << i;
  };
  const std::vector<float> numbers = {1.5f, -2.75f, 0.25f, 3.0f, 0.0f};
  for (DType outer : {DType::Float32, DType::Float64, DType::BFloat16}) {
    expect(chained(numbers, outer, DType::Int32, outer), {1, -2, 0, 3, 0});
    expect(chained(numbers, outer, DType::Int64, outer), {1, -2, 0, 3, 0});
    expect(chained(numbers, outer, DType::Bool, outer), {1, 1, 1, 1, 0});
  }
  expect(chained({1.5f, 200.75f}, DType::Float32, DType::UInt8, DType::Float32), {1, 200});
  expect(chained({2.0f, 0.0f}, DType::Int32, DType::Bool, DType::Int32), {1, 0});
  Graph graph;
  const Value x = graph.input("x", DType::Float64, {2});
  const Value rounded = ops::cast(ops::cast(x, DType::Float32), DType::Float64);
  const Tensor seen = eval(rounded * rounded, {{"x", Tensor::from<double>({0.1, 1}, {2})}});
  EXPECT_EQ(seen.at(0), double{0.1f} * double{0.1f});
}

TEST(Fuse, NoPathLeavesALoopAndComesBackThroughALaterNode) {
  // The gradient's factor does not need the loss; it and the weighted loss share the weights, but
  // the squares that the one needs are in the loop that needs the other.
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {6, 1});
  const Value y = graph.input("y", DType::Float32, {6, 1});
  const Value weights = graph.input("weights", DType::Float32, {6});
  const Value loss = ops::mean(ops::mean(ops::square(x - y), {-1}) * weights);
  graph.output("loss", loss);
  const Value slope = gradients(loss, std::vector<Value>{x})[0];
  graph.output("slope", slope);
  graph.output("sum", ops::sum(slope, {0}));
  EXPECT_LE(steps(graph).size(), 5u) << testing::PrintToString(steps(graph));
}

TEST(Fuse, FoldsOverAxesThatDoNotGoTogetherStayApart) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {6, 4, 5, 3});
  const Value y = ops::tanh(x);
  graph.output("a", ops::sum(y, {0}));
  graph.output("b", ops::sum(y, {2}));
  EXPECT_EQ(steps(graph).size(), 2u);
}

TEST(Fuse, ACheapDifferenceIsComputedTwiceRatherThanStored) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {6, 4});
  const Value center = graph.input("center", DType::Float32, {4});
  const Value d = x - center;
  const Value scale = ops::rsqrt(ops::sum(ops::square(d), {0}));
  graph.output("y", d * scale);
  EXPECT_EQ(steps(graph), (Lines{"t0 = subtract x0 x1; t1 = square t0 -> sum t1 0:1 float32",
                                 "t0 = rsqrt x0 -> t0 float32",
                                 "t0 = subtract x0 x1; t1 = multiply t0 x2 -> t1 float32"}));
}

TEST(Fuse, AVariablesNewValueWaitsForReadersOfTheOldOne) {
  const auto w = std::make_shared<Variable>("w", Tensor::full({8}, 1.0));
  Graph graph;
  const Value old = graph.variable(w);
  graph.output("penalty", ops::sum(ops::square(old)));
  graph.update(w, old * 0.5);
  const auto executable = compiler::compile(std::move(graph));
  executable->run({});
  EXPECT_EQ(executable->output(0).at(0), 8);
  EXPECT_EQ(w->value().at(0), 0.5);
  for (const auto& step : executable->program().steps) EXPECT_NE(step.kernel, "copy");
}

TEST(Fuse, TheNormOfAllGradientsIsOnePass) {
  Graph graph;
  std::vector<VariablePtr> weights;
  Value total;
  for (const Shape& shape : {Shape{3, 3, 2, 4}, Shape{4}, Shape{70, 90}}) {
    weights.push_back(std::make_shared<Variable>("w", Tensor::full(shape, 2.0)));
    const Value squares = ops::sum(ops::square(graph.variable(weights.back())));
    total = total ? total + squares : squares;
  }
  for (const VariablePtr& weight : weights)
    graph.update(weight, graph.variable(weight) / ops::sqrt(total));
  const auto executable = compiler::compile(std::move(graph));
  EXPECT_EQ(executable->program().steps.size(), 3u) << executable->program().str();
  executable->run({});
  EXPECT_NEAR(weights[2]->value().at(5), 2 / std::sqrt(4.0 * (72 + 4 + 6300)), 1e-7);
}

/// Shapes of the domains that a graph's loops and reductions go over, as many as there are passes
/// over `numel` elements.
std::int64_t passes_over(const Graph& declared, std::int64_t numel) {
  const Graph graph = compiler::fuse(compiler::simplify(declared));
  std::int64_t passes = 0;
  for (const Node& node : graph.nodes()) {
    if (node.op->view) continue;
    bool large = false;
    for (ValueId id : node.inputs) large |= graph.type(id).shape.numel() == numel;
    passes += large;
  }
  return passes;
}

Value normalized(Value x, Value gamma, Value beta) {
  const Value mean = ops::mean(x, {0, 1, 2});
  const Value variance = ops::variance(x, {0, 1, 2});
  return ops::relu((x - mean) * (ops::rsqrt(variance + 1e-3) * gamma) + beta);
}

TEST(Fuse, BatchNormalizationIsThreePassesForwardAndTwoBackward) {
  const Shape shape{8, 5, 6, 3};
  for (bool backward : {false, true}) {
    Graph graph;
    const Value x = graph.input("x", DType::Float32, shape);
    const Value gamma = graph.input("gamma", DType::Float32, {3});
    const Value beta = graph.input("beta", DType::Float32, {3});
    const Value y = normalized(x, gamma, beta);
    graph.output("y", y);
    if (backward) {
      // What reads y is no loop, and neither is what makes its gradient: of other extents, so that
      // one pass over y is all that it adds.
      const Value loss = ops::sum(ops::log_softmax(
          ops::matmul(ops::reshape(y, {240, 3}), graph.input("next", DType::Float32, {3, 4}))));
      const char* names[] = {"dx", "dgamma", "dbeta"};
      const auto slopes = gradients(loss, std::vector<Value>{x, gamma, beta});
      for (std::size_t i = 0; i < slopes.size(); ++i) graph.output(names[i], slopes[i]);
    }
    EXPECT_EQ(passes_over(graph, shape.numel()), backward ? 3 + 1 + 2 : 3)
        << compiler::fuse(compiler::simplify(graph)).str();
  }
}

}  // namespace
}  // namespace sinew
