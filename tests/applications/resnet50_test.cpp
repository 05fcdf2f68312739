#include "applications/network_harness.h"
#include "sinew/applications/image_classifiers.h"

namespace sinew {
namespace {

using namespace testing;
using applications::ResNet50;

std::int64_t count(const std::vector<VariablePtr>& variables) {
  std::int64_t total = 0;
  for (const VariablePtr& variable : variables) total += variable->shape().numel();
  return total;
}

TEST(ResNet50, HasKerassParameters) {
  const UndrawnWeights undrawn;
  const Model model = ResNet50();
  EXPECT_EQ(model.count_params(), 25636712);
  EXPECT_EQ(count(model.non_trainable_weights()), 53120);
  EXPECT_EQ(model.get_layer("conv5_block3_out")
                ->output_types({{DType::Float32, {-1, 7, 7, 2048}}})[0]
                .shape,
            (Shape{-1, 7, 7, 2048}));
}

TEST(ResNet50, ASmallOneLearns) {
  set_random_seed(1);
  Model model =
      ResNet50({.input_shape = {32, 32, 3}, .classes = 2, .filters = 4, .blocks = {1, 2, 1, 1}});
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{-1, 2}));
  expect_round_trip(model);
  model.compile({.loss = "sparse_categorical_crossentropy"});
  const Images images = two_kinds_of_images({32, 32, 3}, 8);
  // In training mode: the moving statistics take hundreds of steps to follow.
  const double before = model.train_on_batch(images.x, images.y)["loss"];
  for (int step = 0; step < 15; ++step) model.train_on_batch(images.x, images.y);
  model.reset_metrics();
  EXPECT_LT(model.train_on_batch(images.x, images.y)["loss"], 0.3 * before);
}

TEST(ResNet50, Errors) {
  EXPECT_EQ(message_of<ValueError>([] {
              ResNet50({.blocks = {3, 4, 0, 3}});
            }),
            "ResNet50: blocks is 0; it must be at least 1");
  EXPECT_EQ(message_of<ValueError>([] {
              ResNet50({.input_shape = {31, 64, 3}});
            }),
            "ResNet50: input_shape is (31, 64, 3); the network needs images of at least 32 x 32 "
            "cells");
}

}  // namespace
}  // namespace sinew
