#include "applications/network_harness.h"
#include "sinew/applications/image_classifiers.h"

namespace sinew {
namespace {

using namespace testing;
using applications::VGG16;

TEST(VGG16, HasThePublishedParameters) {
  EXPECT_EQ(count_of([] { return VGG16(); }), 138357544);
}

TEST(VGG16, ASmallOneLearns) {
  set_random_seed(1);
  Model model =
      VGG16({.input_shape = {32, 32, 1}, .classes = 2, .filters = {4, 4, 8, 8, 8}, .units = 16});
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{-1, 2}));
  expect_round_trip(model);
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.003}),
                 .loss = "sparse_categorical_crossentropy"});
  const Images images = two_kinds_of_images({32, 32, 1}, 8);
  const Losses losses = train_on_one_batch(model, images.x, images.y, 40);
  EXPECT_LT(losses.after, 0.3 * losses.before);
}

TEST(VGG16, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { VGG16({.filters = {64}}); }),
            "VGG16: filters has 1 entries; the network has 5 such parts");
  EXPECT_EQ(message_of<ValueError>([] { VGG16({.units = 0}); }),
            "VGG16: units is 0; it must be at least 1");
}

}  // namespace
}  // namespace sinew
