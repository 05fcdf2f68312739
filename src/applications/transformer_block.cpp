#include "applications/transformer_block.h"

#include <functional>

namespace sinew::applications {
namespace {

using namespace layers;

KerasTensor residual(const KerasTensor& x, const std::string& name,
                     const TransformerBlockOptions& options,
                     const std::function<KerasTensor(const KerasTensor&)>& part) {
  const LayerPtr norm = LayerNormalization({.epsilon = options.epsilon, .name = name + "_norm"});
  KerasTensor y = part(options.pre_norm ? norm(x) : x);
  if (options.dropout > 0) y = Dropout(options.dropout, {.name = name + "_dropout"})(y);
  y = Add({.name = name + "_add"})({x, y});
  return options.pre_norm ? y : norm(y);
}

}  // namespace

KerasTensor transformer_block(KerasTensor x, const KerasTensor& memory, const std::string& name,
                              const TransformerBlockOptions& options) {
  const std::int64_t width = x.shape()[2];
  const auto attention = [&](const std::string& part, bool causal) {
    return MultiHeadAttention(options.heads, width / options.heads,
                              {.dropout = options.attention_dropout,
                               .use_causal_mask = causal,
                               .kernel_initializer = options.kernel_initializer,
                               .name = part});
  };
  const std::string self = name + "_attention", cross = name + "_cross_attention",
                    dense = name + "_feedforward";
  x = residual(x, self, options, [&](const KerasTensor& query) {
    return attention(self, options.causal)({query, query});
  });
  if (memory.defined()) {
    x = residual(x, cross, options, [&](const KerasTensor& query) {
      return attention(cross, false)({query, memory});
    });
  }
  return residual(x, dense, options, [&](const KerasTensor& y) {
    const KerasTensor hidden =
        Dense(options.hidden, {.activation = options.activation,
                               .kernel_initializer = options.kernel_initializer,
                               .name = dense + "_hidden"})(y);
    return Dense(width, {.kernel_initializer = options.kernel_initializer,
                         .name = dense + "_output"})(hidden);
  });
}

}  // namespace sinew::applications
