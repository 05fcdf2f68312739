#include <algorithm>

#include "applications/network_harness.h"
#include "sinew/applications/image_classifiers.h"

namespace sinew {
namespace {

using namespace testing;
using applications::AlexNet;

TEST(AlexNet, HasThePublishedParameters) {
  const UndrawnWeights undrawn;
  const Model model = AlexNet();
  EXPECT_EQ(model.count_params(), 60965224);
  std::vector<std::string> kernels;
  for (const VariablePtr& weight : model.weights()) {
    if (weight->name().ends_with("kernel")) kernels.push_back(weight->shape().str());
  }
  EXPECT_EQ(kernels,
            (std::vector<std::string>{"(11, 11, 3, 96)", "(5, 5, 48, 256)", "(3, 3, 256, 384)",
                                      "(3, 3, 192, 384)", "(3, 3, 192, 256)", "(9216, 4096)",
                                      "(4096, 4096)", "(4096, 1000)"}));
}

TEST(AlexNet, ASmallOneLearns) {
  set_random_seed(1);
  Model model = AlexNet({.input_shape = {67, 67, 3},
                         .classes = 2,
                         .filters = {8, 8, 12, 12, 8},
                         .units = 16,
                         .dropout = 0.1,
                         .kernel_initializer = "he_normal"});
  expect_round_trip(model);
  model.compile({.loss = "sparse_categorical_crossentropy"});
  const Images images = two_kinds_of_images({67, 67, 3}, 8);
  const Losses losses = train_on_one_batch(model, images.x, images.y, 30);
  EXPECT_LT(losses.after, 0.3 * losses.before);
}

TEST(AlexNet, Errors) {
  EXPECT_EQ(message_of<ValueError>([] {
              AlexNet({.filters = {96, 256}});
            }),
            "AlexNet: filters has 2 entries; the network has 5 such parts");
  EXPECT_EQ(message_of<ValueError>([] {
              AlexNet({.filters = {96, 255, 384, 384, 256}});
            }),
            "AlexNet: filters holds 255; two groups of convolutions need even numbers");
  EXPECT_EQ(message_of<ValueError>([] { AlexNet({.dropout = 1.0}); }),
            "AlexNet: dropout is 1; it must be at least 0 and below 1");
  EXPECT_EQ(message_of<ValueError>([] {
              AlexNet({.input_shape = {28, 28, 1}});
            }),
            "AlexNet: input_shape is (28, 28, 1); the network needs images of at least 67 x 67 "
            "cells");
}

}  // namespace
}  // namespace sinew
