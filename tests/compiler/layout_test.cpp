// Weights lie in the layouts that kernels read: no step of a program reorders one.

#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/compile.h"
#include "model/small_models.h"
#include "model/state.h"
#include "sinew/base/philox.h"
#include "sinew/ops/ops.h"
#include "sinew/runtime/machine.h"
#include "sinew/sinew.h"

namespace sinew {
namespace {

using namespace layers;
using testing::same_bits;

Tensor numbers(const Shape& shape, std::uint64_t stream) {
  PhiloxStream from(7, stream);
  Tensor tensor(shape);
  for (float& value : tensor.data<float>()) value = static_cast<float>(from.uniform()) - 0.5f;
  return tensor;
}

runtime::Program training_program(Model& model, const Tensor& x, const Tensor& y) {
  model.train_on_batch(x, y);
  model::Arrays arrays;
  arrays.x = {x};
  arrays.y = {y};
  arrays.rows = x.shape()[0];
  return model.state()
      ->steps.get(*model.state(), model::step_key(model::Mode::Train, arrays, arrays.rows))
      ->program();
}

/// The program's variables that lay out others, each checked to hold what those hold, as it does.
int check_layouts(const runtime::Program& program) {
  int count = 0;
  for (const auto& variable : program.variables) {
    if (!variable->source()) continue;
    ++count;
    Tensor expected = variable->source()->value().reshape(variable->shape());
    if (variable->type().layout.starts_with("bfloat16"))
      expected = expected.cast(DType::BFloat16).cast(variable->dtype());
    EXPECT_TRUE(same_bits(expected, variable->value()))
        << variable->name() << " " << variable->type().str();
  }
  return count;
}

void expect_no_reorder(const runtime::Program& program) {
  for (const runtime::Step& step : program.steps) {
    EXPECT_NE(step.kernel, "reorder");
    EXPECT_EQ(step.packed_bytes, 0) << step.name();
  }
}

TEST(Layout, ConvolutionsUpdateTheWeightsOfTheirDataGradients) {
  for (const char* optimizer : {"adam", "sgd"}) {
    Sequential model({Conv2D(20, {3, 3}, {.activation = "relu", .input_shape = {9, 7, 5}}),
                      Conv2D(72, {3, 2}), Conv2D(12, {2, 2}, {.groups = 3}), Flatten(), Dense(4)});
    model.compile({.optimizer = optimizer, .loss = "mean_squared_error"});
    const Tensor x = numbers({6, 9, 7, 5}, 1), y = numbers({6, 4}, 2);
    const runtime::Program program = training_program(model, x, y);
    expect_no_reorder(program);
    EXPECT_GE(check_layouts(program), 2) << optimizer;
    model.train_on_batch(x, y);
    check_layouts(program);
  }
}

TEST(Layout, RecurrentLayersUpdateTheirPanels) {
  Sequential model({LSTM(20, {.return_sequences = true, .input_shape = {5, 3}}),
                    SimpleRNN(9, {.return_sequences = true}), LSTM(7), Dense(2)});
  model.compile({.optimizer = "adam", .loss = "mean_squared_error"});
  const Tensor x = numbers({20, 5, 3}, 1), y = numbers({20, 2}, 2);
  const runtime::Program program = training_program(model, x, y);
  expect_no_reorder(program);
  // Forward and backward, kernel and recurrent kernel; the first layer has no gradient to pass on.
  EXPECT_EQ(check_layouts(program), 4 * 3 - 1);
}

TEST(Layout, PredictionsFollowWhateverChangesTheWeights) {
  const auto build = [] { return Sequential({LSTM(12, {.input_shape = {4, 3}}), Dense(2)}); };
  Sequential model = build();
  model.compile({.optimizer = "sgd", .loss = "mean_squared_error"});
  const Tensor x = numbers({20, 4, 3}, 1), y = numbers({20, 2}, 2);
  model.predict(x);
  const auto expect_fresh = [&](const char* after) {
    Sequential other = build();
    other.set_weights(model.get_weights());
    EXPECT_TRUE(same_bits(model.predict(x), other.predict(x))) << after;
  };
  model.train_on_batch(x, y);
  expect_fresh("a step that updates the layouts");
  model.train_on_batch(numbers({3, 4, 3}, 3), numbers({3, 2}, 4));
  expect_fresh("a step of a batch whose kernels read the weights as they are");
  std::vector<Tensor> weights = model.get_weights();
  for (Tensor& weight : weights) weight = numbers(weight.shape(), 5);
  model.set_weights(weights);
  expect_fresh("an assignment");
}

/// Weights of products in bfloat16 are read rounded, those of attention through a view.
TEST(Layout, ProductsInBFloat16ReadRoundedWeights) {
  if (!machine_info().bfloat16) GTEST_SKIP() << "the processor has no bfloat16 products";
  for (const char* optimizer : {"adam", "sgd"}) {
    const KerasTensor in = Input({6, 24});
    Model model(in, Dense(40)(MultiHeadAttention(2, 16)({in, in})));
    model.compile(
        {.optimizer = optimizer, .loss = "mean_squared_error", .dtype_policy = "mixed_bfloat16"});
    const Tensor x = numbers({4, 6, 24}, 1), y = numbers({4, 6, 40}, 2);
    const runtime::Program program = training_program(model, x, y);
    expect_no_reorder(program);
    // The projections and the dense layer, forward and, but for the first three, backward.
    EXPECT_EQ(check_layouts(program), 5 + 2) << optimizer;
    model.train_on_batch(x, y);
    check_layouts(program);
  }
}

TEST(Layout, AnUpdateThatIsNoLoopIsReordered) {
  const auto weight = std::make_shared<Variable>("u", numbers({12, 48}, 1));
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {20, 4, 3});
  const Value u = graph.variable(weight);
  const Value kernel = graph.constant(numbers({3, 48}, 2));
  graph.output("h", ops::lstm(x, kernel, u, {}).hidden);
  graph.update(weight, ops::matmul(graph.constant(numbers({12, 12}, 3)), u));
  const auto program = compiler::compile(std::move(graph));
  const auto reorders =
      std::count_if(program->program().steps.begin(), program->program().steps.end(),
                    [](const runtime::Step& step) { return step.kernel == "reorder"; });
  EXPECT_EQ(reorders, 1);
  program->run(std::vector<Tensor>{numbers({20, 4, 3}, 4)});
  EXPECT_EQ(check_layouts(program->program()), 1);
}

TEST(Layout, ALayoutWhoseOldValueIsStillReadIsMadeAtTheEnd) {
  const auto weight = std::make_shared<Variable>("u", numbers({12, 48}, 1));
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {20, 4, 3});
  const Value u = graph.variable(weight);
  const Value kernel = graph.constant(numbers({3, 48}, 2));
  // The new value is an operand of what reads the old one.
  const Value smaller = u * ops::scalar_like(u, 0.5);
  const Value shift = ops::sum(smaller, {0, 1});
  graph.output("h", ops::lstm(x + shift, kernel, u, {}).hidden);
  graph.update(weight, smaller);
  const auto program = compiler::compile(std::move(graph));
  for (int step = 1; step < 3; ++step) {
    program->run(std::vector<Tensor>{numbers({20, 4, 3}, 4)});
    EXPECT_EQ(check_layouts(program->program()), 1);
    EXPECT_EQ(weight->value().at(5), numbers({12, 48}, 1).at(5) / (1 << step));
  }
}

TEST(Layout, PureBfloat16Trains) {
  set_dtype_policy("bfloat16");
  Sequential model({Conv2D(16, {3, 3}, {.activation = "relu", .input_shape = {9, 7, 3}}),
                    Conv2D(32, {3, 3}), Flatten(), Dense(4)});
  set_dtype_policy("float32");
  model.compile({.optimizer = "adam", .loss = "mean_squared_error"});
  const Tensor x = numbers({6, 9, 7, 3}, 1), y = numbers({6, 4}, 2);
  const runtime::Program program = training_program(model, x, y);
  // Without products in bfloat16, kernels read casts of the weights, which they pack.
  if (machine_info().bfloat16) expect_no_reorder(program);
  check_layouts(program);
  model.train_on_batch(x, y);
  check_layouts(program);
}

TEST(Layout, CountsInTheMemoryPlan) {
  Sequential model({LSTM(64, {.input_shape = {4, 64}}), Dense(2)});
  model.compile({.optimizer = "sgd", .loss = "mean_squared_error"});
  const std::int64_t before = model.memory_plan().weights;
  model.train_on_batch(numbers({20, 4, 64}, 1), numbers({20, 2}, 2));
  // Kernel and recurrent kernel forward, and the recurrent kernel backward.
  EXPECT_GE(model.memory_plan().weights, before + 3 * 64 * 256 * 4);
}

}  // namespace
}  // namespace sinew
