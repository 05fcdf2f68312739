#include <algorithm>

#include "sinew/nn/layer.h"
#include "sinew/ops/array.h"

namespace sinew {

Value CallContext::mask(Value value) const {
  const auto at = masks.find(value.id());
  return at == masks.end() ? Value() : at->second;
}

void CallContext::set_mask(Value value, Value mask) {
  if (mask) {
    masks[value.id()] = mask;
  } else {
    masks.erase(value.id());
  }
}

std::vector<Value> Layer::compute_mask(CallContext& context, const std::vector<Value>& inputs,
                                       const std::vector<Value>& outputs) const {
  std::vector<Value> masks(outputs.size());
  for (std::size_t i = 0; i < std::min(inputs.size(), outputs.size()); ++i)
    masks[i] = context.mask(inputs[i]);
  return masks;
}

void Layer::pass_masks(CallContext& context, const std::vector<Value>& inputs,
                       std::vector<Value>& outputs) const {
  if (context.masks.empty()) return;
  std::vector<Value> masks(outputs.size());
  if (supports_masking()) masks = compute_mask(context, inputs, outputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Value has = context.mask(outputs[i]);
    if (!has && masks[i]) context.set_mask(outputs[i], masks[i]);
    if (!has || masks[i]) continue;
    // The mask of an input that is itself an output must not come along.
    for (const Value& input : inputs) {
      if (input.id() == outputs[i].id()) outputs[i] = ops::reshape(outputs[i], outputs[i].shape());
    }
  }
}

}  // namespace sinew
