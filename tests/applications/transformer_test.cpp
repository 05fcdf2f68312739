#include "applications/network_harness.h"
#include "sinew/applications/language.h"

namespace sinew {
namespace {

using namespace testing;
using applications::Transformer;
using applications::TransformerOptions;

const TransformerOptions kSmall = {
    .vocabulary = 9, .blocks = 1, .heads = 2, .width = 16, .hidden = 32, .dropout = 0.0};

TEST(Transformer, HasTheParametersOfTheBaseModel) {
  // 37,000 rows of 512; 6 blocks with one attention and 6 with two.
  const std::int64_t attention = 4 * (512 * 512 + 512), norm = 2 * 512;
  const std::int64_t dense = 512 * 2048 + 2048 + 2048 * 512 + 512;
  EXPECT_EQ(
      count_of([] { return Transformer(); }),
      37000 * 512 + 6 * (attention + dense + 2 * norm) + 6 * (2 * attention + dense + 3 * norm));
}

TEST(Transformer, LearnsToCopyByOneTable) {
  set_random_seed(1);
  Model model = Transformer(kSmall);
  expect_round_trip(model);
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{-1, -1, 9}));
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}),
                 .loss = "SparseCategoricalCrossentropy(from_logits=true)"});
  // The target begins with 1 and is the source, one step later.
  const Tensor source = counting_tokens(6, 5, 9, 0, 2);
  Tensor target({6, 5}, DType::Int64);
  for (std::int64_t i = 0; i < 30; ++i) {
    target.data<std::int64_t>()[static_cast<std::size_t>(i)] =
        i % 5 == 0 ? 1 : static_cast<std::int64_t>(source.at(i - 1));
  }
  const Losses losses = train_on_one_batch(model, {source, target}, source, 60);
  EXPECT_LT(losses.after, 0.2 * losses.before);
}

TEST(Transformer, NoStepSeesLaterTargetsAndPaddingIsSeenByNone) {
  set_random_seed(2);
  Model model = Transformer(kSmall);
  const Tensor source = counting_tokens(1, 4, 9, 0, 1), target = counting_tokens(1, 4, 9, 3, 1);
  const Tensor before = model.predict({source, target});
  Tensor later = target.clone();
  later.data<std::int64_t>()[3] = 1;
  const Tensor after = model.predict({source, later});
  for (std::int64_t i = 0; i < 3 * 9; ++i) EXPECT_NEAR(before.at(i), after.at(i), 1e-5);
  EXPECT_GT(std::abs(before.at(3 * 9) - after.at(3 * 9)), 1e-4);
  // Two steps of padding after the source change nothing.
  Tensor padded({1, 6}, DType::Int64);
  for (std::size_t i = 0; i < 4; ++i)
    padded.data<std::int64_t>()[i] = source.data<std::int64_t>()[i];
  const Tensor same = model.predict({padded, target});
  for (std::int64_t i = 0; i < before.numel(); ++i) EXPECT_NEAR(before.at(i), same.at(i), 1e-5);
}

TEST(Transformer, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { Transformer({.heads = 7}); }),
            "Transformer: width is 512; it must be a multiple of heads, 7");
  EXPECT_EQ(message_of<ValueError>([] { Transformer({.blocks = 0}); }),
            "Transformer: blocks is 0; it must be at least 1");
}

}  // namespace
}  // namespace sinew
