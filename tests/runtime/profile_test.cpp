// Arithmetic and bytes of steps against counts by hand, and what a profile says of them.

#include "runtime/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "compiler/compile.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/ops.h"

namespace sinew::runtime {
namespace {

constexpr MachinePeak kMachine{.fma_flops = 100e9, .bandwidth = 10e9};

/// The compiled steps of a graph with one output.
Program program_of(Graph& graph, Value y) {
  graph.output("y", y);
  return compiler::compile(std::move(graph))->program();
}

TEST(StepCost, ConvolutionCountsItsBiasAndActivation) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {2, 6, 6, 3});
  const Value w = graph.input("w", DType::Float32, {3, 3, 3, 8});
  const Value b = graph.input("b", DType::Float32, {8});
  const Program program = program_of(graph, ops::relu(ops::conv(x, w) + b));
  ASSERT_EQ(program.steps.size(), 1u) << program.str();
  const double outputs = 2 * 4 * 4 * 8;
  EXPECT_EQ(program.steps[0].flops, outputs * (2 * 27 + 2));
  EXPECT_EQ(program.steps[0].bytes, 4 * (2 * 36 * 3 + 27 * 8 + 8 + outputs));
}

TEST(StepCost, MatrixProductInBatches) {
  Graph graph;
  const Value a = graph.input("a", DType::Float32, {5, 7, 4});
  const Value b = graph.input("b", DType::Float32, {5, 6, 7});
  const Program program =
      program_of(graph, ops::matmul(a, b, {.transpose_a = true, .transpose_b = true}));
  ASSERT_EQ(program.steps.size(), 1u);
  EXPECT_EQ(program.steps[0].flops, 5 * 4 * 6 * 2 * 7);
  EXPECT_EQ(program.steps[0].bytes, 4 * 5 * (28 + 42 + 24));
}

TEST(StepCost, FusedLoopCountsItsFunctionsAndReadsAnOperandOnce) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {100});
  const Program program = program_of(graph, ops::exp(x * x) + x);
  ASSERT_EQ(program.steps.size(), 1u) << program.str();
  EXPECT_EQ(program.steps[0].flops, 300);
  EXPECT_EQ(program.steps[0].bytes, 800);
}

TEST(StepCost, GatherReadsTheRowsAskedFor) {
  Graph graph;
  const Value table = graph.input("table", DType::Float32, {1000, 16});
  const Value rows = graph.input("rows", DType::Int32, {3});
  const Program program = program_of(graph, ops::gather(table, rows));
  ASSERT_EQ(program.steps.size(), 1u);
  EXPECT_EQ(program.steps[0].flops, 0);
  EXPECT_EQ(program.steps[0].bytes, 4 * 3 + 2 * 4 * 3 * 16);
}

// A new op must say how much it computes, or stand here among those that compute nothing.
TEST(StepCost, EveryOpHasARuleOrOnlyMovesData) {
  const std::set<std::string> moving = {
      "input",          "constant",      "variable",     "reshape", "reorder",
      "transpose",      "concatenate",   "broadcast_to", "slice",   "crop",
      "slice_backward", "pad",           "reverse",      "gather",  "max_pool_gather",
      "random_uniform", "pack_sequences"};
  for (const Op* op : all_ops()) {
    EXPECT_EQ(op->flops == nullptr, moving.contains(op->name)) << op->name;
  }
}

TEST(Floor, IsTheLongerOfArithmeticAndMemory) {
  Step step{.kernel = "k"};
  step.flops = 100e6;
  step.bytes = 1e6;
  EXPECT_DOUBLE_EQ(floor_of(step, kMachine).seconds, 1e-3);
  EXPECT_EQ(floor_of(step, kMachine).bound, Floor::Bound::Compute);
  step.bytes = 20e6;
  EXPECT_DOUBLE_EQ(floor_of(step, kMachine).seconds, 2e-3);
  EXPECT_EQ(floor_of(step, kMachine).bound, Floor::Bound::Memory);
  step.bytes = 0;
  step.outputs.push_back({.type = {DType::Float64, {2}}});
  EXPECT_DOUBLE_EQ(floor_of(step, kMachine).seconds, 2e-3) << "half as many float64 a vector";
}

TEST(Profile, CallsEachStepOnceARunAndTracesThem) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {16, 8});
  const Value w = graph.input("w", DType::Float32, {8, 4});
  graph.output("y", ops::softmax(ops::matmul(x, w)));
  const auto executable = compiler::compile(std::move(graph));
  const std::vector<Tensor> inputs{Tensor({16, 8}), Tensor({8, 4})};
  io::ChromeTrace trace("test");
  int timed = 0, plain = 0;
  const Profile profile = runtime::profile(executable->program(),
                                           [&](std::span<CallTime> times) {
                                             ++(times.empty() ? plain : timed);
                                             executable->run(inputs, times);
                                           },
                                           {.runs = 3, .peak = kMachine, .trace = &trace});
  EXPECT_EQ(timed, 3);
  EXPECT_EQ(plain, 2 + 3) << "two to warm up, then in turn with the timed ones";
  ASSERT_EQ(profile.steps.size(), 2u);
  EXPECT_GT(profile.seconds, 0);
  EXPECT_GE(profile.gap_seconds, 0);
  EXPECT_DOUBLE_EQ(profile.kernel_seconds(), profile.steps[0].seconds + profile.steps[1].seconds);
  EXPECT_EQ(trace.size(), 6u);
}

TEST(Profile, TimesMustFitTheProgram) {
  Graph graph;
  graph.output("y", ops::exp(graph.input("x", DType::Float32, {4})));
  const auto executable = compiler::compile(std::move(graph));
  std::vector<CallTime> times(3);
  const std::vector<Tensor> inputs{Tensor({4})};
  EXPECT_THROW(executable->run(inputs, times), InternalError);
}

TEST(DescribeOperands, NamesShapesAndUnusualTypes) {
  Step step;
  step.inputs = {{.type = {DType::Float32, {2, 3}}}, {.type = {DType::Int64, {2}}}};
  step.outputs.assign(6, {.type = {DType::Float32, {7}}});
  EXPECT_EQ(describe_operands(step), "(2, 3), int64(2,) -> (7,), (7,), (7,), (7,), … 2 more");
}

}  // namespace
}  // namespace sinew::runtime
