#pragma once

#include "sinew/nn/layer.h"

namespace sinew::layers {

/// Which steps of the key each step of the query sees, by the masks (N, T) and (N, S) of query,
/// value and key (the query undefined where its mask hides nothing, the key where it is the value)
/// and by `given`, all of which must allow it: Bool, broadcastable to (N, heads, T, S). Undefined
/// where nothing is hidden.
Value attention_mask(const CallContext& context, Value query, Value value, Value key,
                     Value given = {});

}  // namespace sinew::layers
