// What becomes of batch normalisations in the training step of a residual network.

#include <gtest/gtest.h>

#include "model/state.h"
#include "sinew/sinew.h"

namespace sinew {
namespace {

TEST(FuseBatchNorm, ResidualBlocksKeepNoSumAndNoRelu) {
  Model model = applications::CifarResNet(8, {.input_shape = {8, 8, 3}});
  model.compile({.loss = "sparse_categorical_crossentropy"});
  const Tensor x({4, 8, 8, 3});
  const Tensor y(Shape{4}, DType::Int64);
  model.train_on_batch(x, y);
  model::Arrays arrays;
  arrays.x = {x};
  arrays.y = {y};
  arrays.rows = 4;
  const auto step = model.state()->steps.get(
      *model.state(), model::step_key(model::Mode::Train, arrays, arrays.rows));
  int forward = 0, relu = 0, residual = 0, backward = 0, relu_backward = 0, sum = 0, masked = 0,
      images = 0;
  for (const auto& s : step->program().steps) {
    const bool is_relu = s.attributes.get_or<std::string>("activation", "") == "relu";
    if (s.kernel == "batch_norm") {
      ++forward;
      relu += is_relu;
      residual += s.attributes.flag("residual");
    } else if (s.kernel == "batch_norm_backward") {
      ++backward;
      relu_backward += is_relu;
      sum += s.attributes.flag("sum");
      masked += s.attributes.flag("masked");
    } else if (s.kernel == "fused") {
      // Kernels have four axes too.
      for (const auto& output : s.outputs)
        images += output.type.shape.rank() == 4 && output.type.shape[0] == 4;
    }
  }
  EXPECT_EQ(forward, 7);
  EXPECT_EQ(relu, 7);
  EXPECT_EQ(residual, 3);
  EXPECT_EQ(backward, 7);
  // The last block's gradient is one number a channel, of the mean over the image: a loop spreads
  // it while it masks. The gradients of the first convolution's result and of the first two blocks'
  // come from two readers each; those of the blocks' sums go into the block and round it.
  EXPECT_EQ(images, 1);
  EXPECT_EQ(relu_backward, 6);
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(masked, 2);
}

}  // namespace
}  // namespace sinew
