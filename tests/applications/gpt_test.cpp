#include "applications/network_harness.h"
#include "sinew/applications/language.h"

namespace sinew {
namespace {

using namespace testing;
using applications::Gpt;
using applications::GptOptions;

const GptOptions kSmall = {.vocabulary = 9,
                           .context = 6,
                           .blocks = 2,
                           .heads = 2,
                           .width = 16,
                           .dropout = 0.1,
                           .attention_dropout = 0.1};

TEST(Gpt, HasThePublishedParameters) {
  EXPECT_EQ(count_of([] { return Gpt(); }), 124439808);
}

TEST(Gpt, LearnsARule) {
  set_random_seed(1);
  Model model = Gpt(kSmall);
  expect_round_trip(model);
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{-1, 6, 9}));
  model.compile({.optimizer = optimizers::AdamW({.learning_rate = 0.01}),
                 .loss = "SparseCategoricalCrossentropy(from_logits=true)"});
  const Losses losses =
      train_on_one_batch(model, counting_tokens(8, 6, 9), counting_tokens(8, 6, 9, 1), 40);
  EXPECT_LT(losses.after, 0.2 * losses.before);
}

TEST(Gpt, NoStepSeesLaterOnes) {
  set_random_seed(2);
  Model model = Gpt(kSmall);
  const Tensor tokens = counting_tokens(1, 6, 9);
  Tensor later = tokens.clone();
  later.data<std::int64_t>()[4] = 0;
  const Tensor before = model.predict(tokens), after = model.predict(later);
  for (std::int64_t i = 0; i < 4 * 9; ++i) EXPECT_NEAR(before.at(i), after.at(i), 1e-5);
  double changed = 0;
  for (std::int64_t i = 4 * 9; i < 6 * 9; ++i)
    changed = std::max(changed, std::abs(before.at(i) - after.at(i)));
  EXPECT_GT(changed, 1e-4);
}

TEST(Gpt, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { Gpt({.heads = 5}); }),
            "Gpt: width is 768; it must be a multiple of heads, 5");
  EXPECT_EQ(message_of<ValueError>([] { Gpt({.context = 0}); }),
            "Gpt: context is 0; it must be at least 1");
}

}  // namespace
}  // namespace sinew
