#include "applications/network_harness.h"
#include "sinew/applications/language.h"

namespace sinew {
namespace {

using namespace testing;
using applications::Seq2Seq;

TEST(Seq2Seq, LearnsToCopy) {
  set_random_seed(1);
  Model model = Seq2Seq({.source_vocabulary = 6,
                         .target_vocabulary = 7,
                         .embedding = 8,
                         .units = 24,
                         .dropout = 0.0});
  const std::int64_t lstm = 4 * (8 * 24 + 24 * 24 + 24);
  EXPECT_EQ(model.count_params(), 6 * 8 + 7 * 8 + 2 * lstm + 48 * 24 + 24 * 7 + 7);
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{-1, -1, 7}));
  expect_round_trip(model);
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}),
                 .loss = "SparseCategoricalCrossentropy(from_logits=true)"});
  // The target begins with 6 and is the source, one step later.
  const Tensor source = counting_tokens(6, 5, 6);
  Tensor target({6, 5}, DType::Int64);
  for (std::int64_t i = 0; i < 30; ++i) {
    target.data<std::int64_t>()[static_cast<std::size_t>(i)] =
        i % 5 == 0 ? 6 : static_cast<std::int64_t>(source.at(i - 1));
  }
  const Losses losses = train_on_one_batch(model, {source, target}, source, 60);
  EXPECT_LT(losses.after, 0.2 * losses.before);
}

TEST(Seq2Seq, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { Seq2Seq({.target_vocabulary = 0}); }),
            "Seq2Seq: target_vocabulary is 0; it must be at least 1");
}

}  // namespace
}  // namespace sinew
