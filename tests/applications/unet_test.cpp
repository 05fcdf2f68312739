#include "sinew/applications/unet.h"

#include "applications/network_harness.h"

namespace sinew {
namespace {

using namespace testing;
using applications::UNet;

TEST(UNet, HasThePapersParameters) {
  // 3 x 3 convolutions down and up, 2 x 2 on the way up, 1 x 1 at the end.
  const auto conv = [](std::int64_t window, std::int64_t from, std::int64_t to) {
    return window * window * from * to + to;
  };
  std::int64_t parameters = conv(1, 64, 2);
  std::int64_t channels = 1;
  for (std::int64_t filters : {64, 128, 256, 512, 1024}) {
    parameters += conv(3, channels, filters) + conv(3, filters, filters);
    channels = filters;
  }
  for (std::int64_t filters : {512, 256, 128, 64}) {
    parameters +=
        conv(2, 2 * filters, filters) + conv(3, 2 * filters, filters) + conv(3, filters, filters);
  }
  EXPECT_EQ(parameters, 31030658);
  EXPECT_EQ(count_of([] { return UNet(); }), parameters);
}

TEST(UNet, HasThePapersShapes) {
  const UndrawnWeights undrawn;
  const Model model = UNet({.input_shape = {572, 572, 1}, .filters = 2, .padding = "valid"});
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{-1, 388, 388, 2}));
  expect_round_trip(model);
}

TEST(UNet, LearnsWhereTheBrightCellsAre) {
  set_random_seed(1);
  Model model = UNet({.input_shape = {16, 16, 1}, .depth = 2, .filters = 4});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}),
                 .loss = "sparse_categorical_crossentropy"});
  const Images images = two_kinds_of_images({16, 16, 1}, 4);
  Tensor bright({4, 16, 16}, DType::Int64);
  for (std::int64_t i = 0; i < bright.numel(); ++i)
    bright.data<std::int64_t>()[static_cast<std::size_t>(i)] = images.x.at(i) > 0.5;
  const Losses losses = train_on_one_batch(model, images.x, bright, 40);
  EXPECT_LT(losses.after, 0.3 * losses.before);
}

TEST(UNet, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { UNet({.depth = 0}); }),
            "UNet: depth is 0; it must be from 1 to 16");
  EXPECT_EQ(message_of<ValueError>([] { UNet({.padding = "full"}); }),
            "UNet: padding is 'full'; it must be 'same' or 'valid'");
  EXPECT_EQ(message_of<ValueError>([] {
              UNet({.input_shape = {100, 96, 3}});
            }),
            "UNet: input_shape is (100, 96, 3); with padding 'same' and depth 4 rows and columns "
            "must be multiples of 16");
}

}  // namespace
}  // namespace sinew
