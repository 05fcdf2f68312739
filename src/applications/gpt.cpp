#include <fmt/format.h>

#include "applications/options.h"
#include "applications/transformer_block.h"
#include "sinew/applications/language.h"
#include "sinew/applications/layers.h"

namespace sinew::applications {
namespace {

using namespace layers;

constexpr double kEpsilon = 1e-5;
const char* const kNormal = "RandomNormal(stddev=0.02)";

void check(const GptOptions& options) {
  expect_at_least("Gpt", "vocabulary", options.vocabulary);
  expect_at_least("Gpt", "context", options.context);
  expect_at_least("Gpt", "blocks", options.blocks);
  expect_at_least("Gpt", "hidden", options.hidden);
  expect_heads("Gpt", options.width, options.heads);
  expect_rate("Gpt", "dropout", options.dropout);
  expect_rate("Gpt", "attention_dropout", options.attention_dropout);
  expect_steps("Gpt", options.steps, options.context);
}

}  // namespace

Model Gpt(GptOptions options) {
  if (options.steps == 0) options.steps = options.context;
  if (options.hidden == 0) options.hidden = 4 * options.width;
  check(options);
  const KerasTensor tokens = Input({options.steps}, {.dtype = DType::Int64, .name = "tokens"});
  const LayerPtr table =
      ReversibleEmbedding(options.vocabulary, options.width,
                          {.embeddings_initializer = kNormal, .name = "token_embedding"});
  KerasTensor x = LearnedPositions(options.context, {.embeddings_initializer = kNormal,
                                                     .name = "position_embedding"})(table(tokens));
  if (options.dropout > 0) x = Dropout(options.dropout, {.name = "embedding_dropout"})(x);
  for (std::int64_t i = 1; i <= options.blocks; ++i) {
    x = transformer_block(x, {}, fmt::format("block{}", i),
                          {.heads = options.heads,
                           .hidden = options.hidden,
                           .activation = "gelu(approximate=true)",
                           .dropout = options.dropout,
                           .attention_dropout = options.attention_dropout,
                           .epsilon = kEpsilon,
                           .pre_norm = true,
                           .causal = true,
                           .kernel_initializer = kNormal});
  }
  x = LayerNormalization({.epsilon = kEpsilon, .name = "final_norm"})(x);
  return Model(tokens, table(x), options.name);
}

}  // namespace sinew::applications
