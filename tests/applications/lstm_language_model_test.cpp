#include "applications/network_harness.h"
#include "sinew/applications/language.h"

namespace sinew {
namespace {

using namespace testing;
using applications::LSTMLanguageModel;

const char* const kLoss = "SparseCategoricalCrossentropy(from_logits=true)";

TEST(LSTMLanguageModel, HasTheParametersOfTheMediumOne) {
  EXPECT_EQ(count_of([] { return LSTMLanguageModel(); }), 19775200);
}

TEST(LSTMLanguageModel, LearnsARule) {
  set_random_seed(1);
  Model model = LSTMLanguageModel({.vocabulary = 7, .units = 16, .layers = 2, .dropout = 0.1});
  expect_round_trip(model);
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.02}), .loss = kLoss});
  const Losses losses =
      train_on_one_batch(model, counting_tokens(8, 6, 7), counting_tokens(8, 6, 7, 1), 40);
  EXPECT_LT(losses.after, 0.2 * losses.before);
  EXPECT_EQ(model.predict(counting_tokens(2, 9, 7)).shape(), (Shape{2, 9, 7}));
}

TEST(LSTMLanguageModel, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { LSTMLanguageModel({.layers = 0}); }),
            "LSTMLanguageModel: layers is 0; it must be at least 1");
}

}  // namespace
}  // namespace sinew
