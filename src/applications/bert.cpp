#include <fmt/format.h>

#include "applications/options.h"
#include "applications/transformer_block.h"
#include "sinew/applications/language.h"
#include "sinew/applications/layers.h"
#include "sinew/base/error.h"

namespace sinew::applications {
namespace {

using namespace layers;

constexpr double kEpsilon = 1e-12;
const char* const kNormal = "TruncatedNormal(stddev=0.02)";

}  // namespace

Model Bert(BertOptions options) {
  settle_stack("Bert", options);
  expect_at_least("Bert", "segments", options.segments);
  const KerasTensor tokens = Input({options.steps}, {.dtype = DType::Int64, .name = "tokens"});
  const KerasTensor segments = Input({options.steps}, {.dtype = DType::Int64, .name = "segments"});
  const KerasTensor of_tokens = Embedding(
      options.vocabulary, options.width,
      {.embeddings_initializer = kNormal, .mask_zero = true, .name = "token_embedding"})(tokens);
  const KerasTensor of_segments =
      Embedding(options.segments, options.width,
                {.embeddings_initializer = kNormal, .name = "segment_embedding"})(segments);
  // An Add would lose the tokens' mask, as in Keras, for segments have none.
  KerasTensor x = LearnedPositions(
      options.context,
      {.embeddings_initializer = kNormal, .name = "position_embedding"})({of_tokens, of_segments});
  x = LayerNormalization({.epsilon = kEpsilon, .name = "embeddings_norm"})(x);
  x = Dropout(options.dropout, {.name = "embeddings_dropout"})(x);
  for (std::int64_t i = 1; i <= options.blocks; ++i) {
    x = transformer_block(x, {}, fmt::format("block{}", i),
                          {.heads = options.heads,
                           .hidden = options.hidden,
                           .activation = "gelu",
                           .dropout = options.dropout,
                           .attention_dropout = options.attention_dropout,
                           .epsilon = kEpsilon,
                           .kernel_initializer = kNormal});
  }
  KerasTensor pooled = x;
  if (options.steps > 1) pooled = Cropping1D({0, options.steps - 1}, {.name = "first_step"})(x);
  pooled = Reshape({options.width}, {.name = "first"})(pooled);
  pooled = Dense(options.width,
                 {.activation = "tanh", .kernel_initializer = kNormal, .name = "pooler"})(pooled);
  return Model({tokens, segments}, {x, pooled}, options.name);
}

}  // namespace sinew::applications
