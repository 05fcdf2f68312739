#include "compiler/compile.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sinew/autodiff/gradients.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

TEST(Eval, RunsAnElementwiseChainAsOneStep) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {3, 5});
  const Value y = ops::tanh(x * 2.0 + 1.0);
  graph.output("y", y);
  const auto executable = compiler::compile(std::move(graph));
  EXPECT_EQ(executable->program().steps.size(), 1u) << executable->program().str();
  Tensor input({3, 5});
  for (int i = 0; i < 15; ++i)
    input.data<float>()[static_cast<std::size_t>(i)] = 0.1f * static_cast<float>(i) - 0.7f;
  executable->run(std::vector<Tensor>{input});
  for (int i = 0; i < 15; ++i) {
    EXPECT_NEAR(executable->output(0).at(i), std::tanh(input.at(i) * 2 + 1), 1e-6);
  }
}

TEST(Executable, UpdatesVariablesTogether) {
  // a and b exchange values: each reads the other's old one.
  const auto a = std::make_shared<Variable>("a", Tensor::full({4}, 1.0));
  const auto b = std::make_shared<Variable>("b", Tensor::full({4}, 2.0));
  Graph graph;
  const Value old_a = graph.variable(a);
  const Value old_b = graph.variable(b);
  graph.update(a, old_b * 10.0);
  graph.update(b, old_a * 10.0);
  const auto executable = compiler::compile(std::move(graph));
  executable->run({});
  EXPECT_EQ(a->value().at(0), 20.0);
  EXPECT_EQ(b->value().at(3), 10.0);
  executable->run({});
  EXPECT_EQ(a->value().at(0), 100.0);
  EXPECT_EQ(b->value().at(3), 200.0);
}

TEST(Executable, VariablesTakeEachOthersOldValues) {
  const auto variable = [](const char* name, double value) {
    return std::make_shared<Variable>(name, Tensor::full({4}, value));
  };
  const auto a = variable("a", 1.0);
  const auto b = variable("b", 2.0);
  const auto state = variable("state", 0.0);
  const auto previous = variable("previous", -1.0);
  const auto seen_as_matrix = std::make_shared<Variable>("matrix", Tensor::full({2, 2}, 0.0));
  Graph graph;
  graph.update(a, graph.variable(b));
  graph.update(b, graph.variable(a));
  graph.update(previous, graph.variable(state));
  graph.update(state, graph.variable(state) + 1.0);
  graph.update(seen_as_matrix, ops::reshape(graph.variable(state), {2, 2}));
  const auto executable = compiler::compile(std::move(graph));
  for (int step = 1; step <= 3; ++step) {
    executable->run({});
    EXPECT_EQ(a->value().at(0), step % 2 == 1 ? 2.0 : 1.0);
    EXPECT_EQ(b->value().at(3), step % 2 == 1 ? 1.0 : 2.0);
    EXPECT_EQ(state->value().at(1), step);
    EXPECT_EQ(previous->value().at(1), step - 1);
    EXPECT_EQ(seen_as_matrix->value().at(3), step - 1);
  }
}

TEST(Executable, OutputOfAnUpdatedVariableIsItsOldValue) {
  const auto a = std::make_shared<Variable>("a", Tensor::full({}, 1.0));
  Graph graph;
  const Value old = graph.variable(a);
  graph.output("old", old);
  graph.update(a, old + 1.0);
  const auto executable = compiler::compile(std::move(graph));
  executable->run({});
  EXPECT_EQ(executable->output(0).at(0), 1.0);
  EXPECT_EQ(a->value().at(0), 2.0);
}

TEST(Combine, UpdatesAllWeightsInOneStep) {
  Graph graph;
  std::vector<VariablePtr> weights;
  for (std::int64_t size : {3, 700, 20000}) {
    weights.push_back(std::make_shared<Variable>("w", Tensor::full({size}, 1.0)));
    const Value w = graph.variable(weights.back());
    graph.update(weights.back(), w - ops::square(w) * 0.25);
  }
  const auto executable = compiler::compile(std::move(graph));
  EXPECT_EQ(executable->program().steps.size(), 1u) << executable->program().str();
  executable->run({});
  for (const VariablePtr& weight : weights) {
    EXPECT_EQ(weight->value().at(weight->shape().numel() - 1), 0.75);
  }
}

TEST(Gradients, OfAGradient) {
  Graph graph;
  const Value x = graph.input("x", DType::Float64, {});
  const Value y = x * x * x;
  const Value dy = gradients(y, std::vector<Value>{x})[0];
  const Value ddy = gradients(dy, std::vector<Value>{x})[0];
  const auto result = eval({y, dy, ddy}, {{"x", Tensor::scalar(2.0)}});
  EXPECT_DOUBLE_EQ(result[0].at(0), 8.0);
  EXPECT_DOUBLE_EQ(result[1].at(0), 12.0);
  EXPECT_DOUBLE_EQ(result[2].at(0), 12.0);
}

TEST(Gradients, OfAMatrixProductWithBias) {
  Graph graph;
  const Value x = graph.input("x", DType::Float64, {2, 3});
  const Value w = graph.input("w", DType::Float64, {3, 2});
  const Value b = graph.input("b", DType::Float64, {2});
  const Value loss = ops::sum(ops::relu(ops::matmul(x, w) + b));
  const auto g = gradients(loss, std::vector<Value>{w, b});
  const auto result =
      eval({loss, g[0], g[1]}, {{"x", Tensor::from<double>({1, 2, 3, 4, 5, 6}, {2, 3})},
                                {"w", Tensor::from<double>({1, -1, 1, -1, 1, -1}, {3, 2})},
                                {"b", Tensor::from<double>({0.5, 0.5}, {2})}});
  EXPECT_DOUBLE_EQ(result[0].at(0), 6.5 + 15.5);
  EXPECT_DOUBLE_EQ(result[1].at(0), 5.0);
  EXPECT_DOUBLE_EQ(result[1].at(1), 0.0);
  EXPECT_DOUBLE_EQ(result[2].at(0), 2.0);
}

}  // namespace
}  // namespace sinew
