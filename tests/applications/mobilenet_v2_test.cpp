#include "applications/network_harness.h"
#include "sinew/applications/image_classifiers.h"

namespace sinew {
namespace {

using namespace testing;
using applications::MobileNetV2;

TEST(MobileNetV2, HasKerassParameters) {
  EXPECT_EQ(count_of([] { return MobileNetV2(); }), 3538984);
  // What Keras 3.15 counts.
  EXPECT_EQ(count_of([] { return MobileNetV2({.alpha = 0.35}); }), 1691208);
  EXPECT_EQ(count_of([] { return MobileNetV2({.alpha = 1.4}); }), 6156712);
}

TEST(MobileNetV2, ANarrowOneLearns) {
  set_random_seed(1);
  Model model = MobileNetV2({.input_shape = {32, 48, 1}, .classes = 2, .alpha = 0.1});
  EXPECT_EQ(model.name(), "mobilenetv2_0.10_32");
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{-1, 2}));
  expect_round_trip(model);
  model.compile({.loss = "sparse_categorical_crossentropy"});
  const Images images = two_kinds_of_images({32, 48, 1}, 8);
  const double before = model.train_on_batch(images.x, images.y)["loss"];
  for (int step = 0; step < 12; ++step) model.train_on_batch(images.x, images.y);
  model.reset_metrics();
  EXPECT_LT(model.train_on_batch(images.x, images.y)["loss"], 0.5 * before);
}

TEST(MobileNetV2, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { MobileNetV2({.alpha = 0}); }),
            "MobileNetV2: alpha is 0; it must be above 0 and at most 16");
}

}  // namespace
}  // namespace sinew
