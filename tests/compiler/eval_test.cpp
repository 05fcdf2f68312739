#include <gtest/gtest.h>

#include "sinew/compiler/evaluator.h"
#include "sinew/ops/elementwise.h"

namespace sinew {
namespace {

/// x + 1 of two numbers.
Evaluator successor() {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {2});
  return Evaluator({x + 1.0});
}

Tensor pair(float first, float second) { return Tensor::from<float>({first, second}, {2}); }

TEST(Evaluator, ResultsStay) {
  const Evaluator evaluate = successor();
  const Tensor first = evaluate({{"x", pair(1, 2)}})[0];
  const Tensor second = evaluate({{"x", pair(5, 6)}})[0];
  EXPECT_EQ(first.at(0), 2);
  EXPECT_EQ(second.at(1), 7);
}

TEST(Evaluator, ViewsAreOfTheLastRun) {
  const Evaluator evaluate = successor();
  const Tensor first = evaluate.views({{"x", pair(1, 2)}})[0];
  EXPECT_EQ(first.at(0), 2);
  const Tensor second = evaluate.views({{"x", pair(5, 6)}})[0];
  EXPECT_EQ(second.raw(), first.raw());
  EXPECT_EQ(first.at(1), 7);
}

}  // namespace
}  // namespace sinew
