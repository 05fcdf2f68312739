#include <algorithm>
#include <cmath>
#include <optional>

#include "nn/layer_harness.h"
#include "sinew/nn/session.h"

namespace sinew {
namespace {

using layers::EinsumDense;

TEST(EinsumDense, IsDenseOverTheLastAxis) {
  const LayerPtr layer = EinsumDense("abc,cd->abd", {-1, 2}, {.bias_axes = "d"});
  layer->ensure_built({{DType::Float32, {-1, -1, 3}}});
  layer->weights()[0]->assign(f32({1, 2, 3, 4, 5, 6}, {3, 2}));
  layer->weights()[1]->assign(f32({10, 20}, {2}));
  expect_near(run_layer(layer, f32({1, 0, 0, 1, 1, 1}, {1, 2, 3})), {11, 22, 19, 32});
}

/// Limits of Glorot's uniform numbers: sqrt(6 / (inputs + outputs)) with 3 inputs and 8 outputs,
/// whatever the order of the kernel's axes.
TEST(EinsumDense, CountsFansByTheEquation) {
  set_random_seed(0);
  const double limit = std::sqrt(6.0 / (60 + 8));
  for (const char* equation : {"abc,cde->abde", "abc,dec->abde"}) {
    const LayerPtr layer = EinsumDense(equation, {-1, 2, 4});
    layer->ensure_built({{DType::Float32, {-1, -1, 60}}});
    double largest = 0;
    const Tensor kernel = layer->weights()[0]->value();
    for (std::int64_t i = 0; i < kernel.numel(); ++i)
      largest = std::max(largest, std::abs(kernel.at(i)));
    EXPECT_LE(largest, limit);
    EXPECT_GT(largest, 0.97 * limit);
  }
}

TEST(EinsumDense, Errors) {
  const auto made = [](const char* equation, Shape shape, std::optional<std::string> bias = {}) {
    return message_of<ValueError>(
        [&] { EinsumDense(equation, shape, {.bias_axes = bias, .name = "e"}); });
  };
  const std::string form =
      " must be of the form \"ab,bc->ac\", \"...a,ab->...b\" or \"ab...,bc->ac...\", and each "
      "letter of the kernel one of the input or the output";
  EXPECT_EQ(made("ab,bc", {3}), "EinsumDense \"e\": the equation \"ab,bc\"" + form);
  EXPECT_EQ(made("...a,ab->b", {3}), "EinsumDense \"e\": the equation \"...a,ab->b\"" + form);
  EXPECT_EQ(made("ab,bcx->ac", {3}), "EinsumDense \"e\": the equation \"ab,bcx->ac\"" + form);
  EXPECT_EQ(made("ab,bc->ac", {3, 4}),
            "EinsumDense \"e\": output_shape (3, 4) must have 1 extents for \"ab,bc->ac\"");
  EXPECT_EQ(made("ab,bc->ac", {3}, "b"),
            "EinsumDense \"e\": bias axis 'b' is no axis of the output of \"ab,bc->ac\"");
  const LayerPtr layer = EinsumDense("ab,bc->ac", {3}, {.name = "e"});
  EXPECT_EQ(
      message_of<ShapeError>([&] {
        layer->ensure_built({{DType::Float32, {-1, 3, 4}}});
      }),
      "EinsumDense \"e\": \"ab,bc->ac\" does not name the axes of an input of shape (None, 3, "
      "4)");
}

}  // namespace
}  // namespace sinew
