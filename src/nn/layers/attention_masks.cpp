#include "nn/layers/attention_masks.h"

#include "sinew/ops/ops.h"

namespace sinew::layers {

Value attention_mask(const CallContext& context, Value query, Value value, Value key, Value given) {
  const auto add = [&](Value mask) { given = given ? ops::logical_and(given, mask) : mask; };
  // (N, T) -> (N, 1, T, 1), and (N, S) -> (N, 1, 1, S).
  if (const Value mask = query ? context.mask(query) : Value())
    add(ops::reshape(mask, {mask.dim(0), 1, mask.dim(1), 1}));
  for (const Value& from : {value, key}) {
    const Value mask = from ? context.mask(from) : Value();
    if (mask) add(ops::reshape(mask, {mask.dim(0), 1, 1, mask.dim(1)}));
  }
  return given;
}

}  // namespace sinew::layers
