#include "applications/network_harness.h"
#include "sinew/applications/image_classifiers.h"

namespace sinew {
namespace {

using namespace testing;
using applications::LeNet5;

TEST(LeNet5, HasTheKnownParameters) {
  clear_session();
  const Model model = LeNet5();
  EXPECT_EQ(model.count_params(), 61706);
  EXPECT_EQ(model.get_layer("flatten")->output_types({{DType::Float32, {-1, 5, 5, 16}}})[0].shape,
            (Shape{-1, 400}));
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{-1, 10}));
  expect_round_trip(model);
}

TEST(LeNet5, Learns) {
  set_random_seed(1);
  Model model = LeNet5({.input_shape = {12, 12, 1}, .classes = 2});
  model.compile({.loss = "sparse_categorical_crossentropy"});
  const Images images = two_kinds_of_images({12, 12, 1}, 16);
  const Losses losses = train_on_one_batch(model, images.x, images.y, 40);
  EXPECT_LT(losses.after, 0.2 * losses.before);
}

TEST(LeNet5, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { LeNet5({.classes = 0}); }),
            "LeNet5: classes is 0; it must be at least 1");
  EXPECT_EQ(message_of<ValueError>([] {
              LeNet5({.input_shape = {28, 28}});
            }),
            "LeNet5: input_shape is (28, 28); it must be (rows, columns, channels)");
  EXPECT_EQ(
      message_of<ValueError>([] {
        LeNet5({.input_shape = {28, 8, 1}});
      }),
      "LeNet5: input_shape is (28, 8, 1); the network needs images of at least 12 x 12 cells");
}

}  // namespace
}  // namespace sinew
