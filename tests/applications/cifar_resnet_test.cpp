#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/small_models.h"
#include "sinew/applications/image_classifiers.h"
#include "sinew/base/error.h"
#include "sinew/base/philox.h"
#include "sinew/nn/session.h"

namespace sinew {
namespace {

using applications::CifarResNet;

TEST(CifarResNet, IsKerassExample) {
  clear_session();
  const Model model = CifarResNet(20);
  EXPECT_EQ(model.name(), "resnet20");
  // What Keras's summary of cifar10_resnet, version 1, says.
  EXPECT_EQ(model.count_params(), 274442);
  EXPECT_EQ(model.trainable_weights().size(), 21u * 2 + 19u * 2 + 2u);
  EXPECT_EQ(
      model.get_layer("conv2d_7")->output_types({{DType::Float32, {-1, 32, 32, 16}}})[0].shape,
      (Shape{-1, 16, 16, 32}));
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{-1, 10}));
}

TEST(CifarResNet, TrainsAndComesBackFromItsFile) {
  set_random_seed(3);
  Model model = CifarResNet(8, {.input_shape = {8, 8, 2}, .classes = 3, .use_bias = false});
  model.compile({.loss = "sparse_categorical_crossentropy"});
  // A class is the brighter of the channels, or neither.
  Tensor x({24, 8, 8, 2});
  Tensor y(Shape{24}, DType::Int64);
  PhiloxStream noise(1, 0);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const std::int64_t kind = i / 128 % 3;
    x.data<float>()[static_cast<std::size_t>(i)] =
        static_cast<float>(noise.uniform()) + (i % 2 == kind ? 1.0f : 0.0f);
    y.data<std::int64_t>()[static_cast<std::size_t>(i / 128)] = kind;
  }
  const History history = model.fit(x, y, {.epochs = 8, .batch_size = 8, .verbose = 0});
  const auto& losses = history["loss"];
  EXPECT_LT(losses.back(), 0.3 * losses.front());
  const Model again = model_from_json(model.to_json());
  EXPECT_EQ(again.count_params(), model.count_params());
  EXPECT_EQ(again.layers().size(), model.layers().size());
}

TEST(CifarResNet, RefusesDepthsThatThreeStagesCannotHave) {
  EXPECT_THROW(
      {
        try {
          CifarResNet(18);
        } catch (const ValueError& error) {
          EXPECT_STREQ(error.what(),
                       "CifarResNet: depth is 18; three stages of n blocks have 6 n + 2 layers: 8, "
                       "14, 20, 32, …");
          throw;
        }
      },
      ValueError);
}

}  // namespace
}  // namespace sinew
