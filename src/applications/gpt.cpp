#include <fmt/format.h>

#include "applications/transformer_block.h"
#include "sinew/applications/language.h"
#include "sinew/applications/layers.h"

namespace sinew::applications {
namespace {

using namespace layers;

constexpr double kEpsilon = 1e-5;
const char* const kNormal = "RandomNormal(stddev=0.02)";

}  // namespace

Model Gpt(GptOptions options) {
  settle_stack("Gpt", options);
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
