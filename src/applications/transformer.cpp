#include <fmt/format.h>

#include <cmath>

#include "applications/options.h"
#include "applications/transformer_block.h"
#include "sinew/applications/language.h"
#include "sinew/applications/layers.h"

namespace sinew::applications {

using namespace layers;

Model Transformer(TransformerOptions options) {
  const char* const kName = "Transformer";
  expect_at_least(kName, "vocabulary", options.vocabulary);
  expect_at_least(kName, "blocks", options.blocks);
  expect_at_least(kName, "hidden", options.hidden);
  expect_heads(kName, options.width, options.heads);
  expect_rate(kName, "dropout", options.dropout);
  const auto width = static_cast<double>(options.width);
  const LayerPtr table = ReversibleEmbedding(
      options.vocabulary, options.width,
      {.embeddings_initializer = initializers::RandomNormal({.stddev = 1 / std::sqrt(width)}),
       .mask_zero = true,
       .name = "embedding"});
  const auto embedded = [&](const KerasTensor& tokens, const std::string& name) {
    const KerasTensor x = SinusoidalPositions(
        {.input_scale = std::sqrt(width), .name = name + "_positions"})(table(tokens));
    return Dropout(options.dropout, {.name = name + "_dropout"})(x);
  };
  const TransformerBlockOptions encoder = {
      .heads = options.heads, .hidden = options.hidden, .dropout = options.dropout};
  TransformerBlockOptions decoder = encoder;
  decoder.causal = true;

  const KerasTensor source =
      Input({options.source_steps}, {.dtype = DType::Int64, .name = "source"});
  KerasTensor memory = embedded(source, "source");
  for (std::int64_t i = 1; i <= options.blocks; ++i)
    memory = transformer_block(memory, {}, fmt::format("encoder{}", i), encoder);
  const KerasTensor target =
      Input({options.target_steps}, {.dtype = DType::Int64, .name = "target"});
  KerasTensor x = embedded(target, "target");
  for (std::int64_t i = 1; i <= options.blocks; ++i)
    x = transformer_block(x, memory, fmt::format("decoder{}", i), decoder);
  return Model({source, target}, table(x), options.name);
}

}  // namespace sinew::applications
