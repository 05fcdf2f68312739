#include "sinew/nn/custom_objects.h"

#include <gtest/gtest.h>

#include "sinew/compiler/eval.h"
#include "sinew/compiler/evaluator.h"
#include "sinew/nn/activations.h"
#include "sinew/nn/constraints.h"
#include "sinew/nn/registry.h"
#include "sinew/nn/regularizers.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

TEST(CustomObjects, AreMadeByTheirNames) {
  register_activation("test_twice", [](Value x) { return x * 2.0; });
  register_constraint("test_half", [](Value x) { return x * 0.5; });
  register_regularizer("test_sum", [](Value x) { return ops::sum(x); });
  register_initializer("test_threes", [](const Shape& shape, DType dtype, PhiloxStream&) {
    return Tensor::full(shape, 3, dtype);
  });
  Graph graph;
  const Value x = graph.constant(Tensor::from<float>({1, 2}, {2}));
  EXPECT_EQ(eval(ActivationFunction("test_twice")(x)).at(1), 4);
  EXPECT_EQ(eval(Constraint("test_half")(x)).at(1), 1);
  EXPECT_EQ(eval(Regularizer("test_sum")(x)).at(0), 3);
  EXPECT_EQ(Initializer("test_threes")({2}, DType::Float32, 0, 0).at(1), 3);
}

TEST(CustomObjects, AreKeptInConfigsByTheirNames) {
  register_activation("test_kept", [](Value x) { return x; });
  const LayerPtr layer =
      make_layer("Dense", {{"units", std::int64_t{2}}, {"activation", std::string("test_kept")}});
  EXPECT_EQ(layer->config().get<std::string>("activation"), "test_kept");
}

TEST(CustomObjects, DoNotReplaceSinewsOwn) {
  register_activation("relu", [](Value x) { return x * 100.0; });
  Graph graph;
  EXPECT_EQ(eval(ActivationFunction("relu")(graph.constant(Tensor::scalar(1.0F)))).at(0), 1);
}

TEST(Evaluator, RunsAgainWithWhatVariablesHoldThen) {
  const auto variable = std::make_shared<Variable>("v", Tensor::scalar(1.0F));
  std::optional<Evaluator> twice;
  {
    Graph graph;
    twice.emplace(std::vector<Value>{graph.variable(variable) * 2.0});
  }
  EXPECT_EQ((*twice)()[0].at(0), 2);
  variable->assign(Tensor::scalar(5.0F));
  EXPECT_EQ((*twice)()[0].at(0), 10);
}

}  // namespace
}  // namespace sinew
