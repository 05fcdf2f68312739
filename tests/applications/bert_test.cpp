#include "applications/network_harness.h"
#include "sinew/applications/language.h"

namespace sinew {
namespace {

using namespace testing;
using applications::Bert;
using applications::BertOptions;

const BertOptions kSmall = {.vocabulary = 11,
                            .context = 8,
                            .blocks = 2,
                            .heads = 2,
                            .width = 16,
                            .dropout = 0.1,
                            .attention_dropout = 0.1};

Tensor no_segments(const Tensor& tokens) { return Tensor(tokens.shape(), DType::Int64); }

TEST(Bert, HasThePublishedParameters) {
  EXPECT_EQ(count_of([] { return Bert(); }), 109482240);
}

TEST(Bert, ItsPooledOutputLearnsAClass) {
  set_random_seed(1);
  const Model bert = Bert(kSmall);
  expect_round_trip(bert);
  EXPECT_EQ(bert.outputs()[0].shape(), (Shape{-1, 8, 16}));
  EXPECT_EQ(bert.outputs()[1].shape(), (Shape{-1, 16}));
  Model model(bert.inputs(), layers::Dense(2)(bert.outputs()[1]));
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.005}),
                 .loss = "SparseCategoricalCrossentropy(from_logits=true)"});
  const Tensor tokens = counting_tokens(10, 8, 11, 0, 1);
  Tensor y({10}, DType::Int64);
  for (std::int64_t i = 0; i < 10; ++i)
    y.data<std::int64_t>()[static_cast<std::size_t>(i)] = tokens.at(8 * i) > 5;
  const Losses losses = train_on_one_batch(model, {tokens, no_segments(tokens)}, y, 30);
  EXPECT_LT(losses.after, 0.3 * losses.before);
}

TEST(Bert, PaddingChangesNothingAndSegmentsDo) {
  set_random_seed(3);
  Model model = Bert(kSmall);
  Tensor tokens = counting_tokens(1, 8, 11, 0, 1);
  tokens.data<std::int64_t>()[6] = tokens.data<std::int64_t>()[7] = 0;
  const auto pooled = [&](const Tensor& segments) {
    return model.predict_all({tokens, segments})[1];
  };
  const Tensor base = pooled(no_segments(tokens));
  Tensor of_padding = no_segments(tokens), of_words = no_segments(tokens);
  of_padding.data<std::int64_t>()[7] = 1;
  of_words.data<std::int64_t>()[5] = 1;
  double padding = 0, words = 0;
  for (std::int64_t i = 0; i < 16; ++i) {
    padding = std::max(padding, std::abs(base.at(i) - pooled(of_padding).at(i)));
    words = std::max(words, std::abs(base.at(i) - pooled(of_words).at(i)));
  }
  EXPECT_LT(padding, 1e-6);
  EXPECT_GT(words, 2e-5);
}

TEST(Bert, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { Bert({.steps = 600}); }),
            "Bert: steps is 600; it must be at most context, 512");
  EXPECT_EQ(message_of<ValueError>([] { Bert({.segments = 0}); }),
            "Bert: segments is 0; it must be at least 1");
}

}  // namespace
}  // namespace sinew
