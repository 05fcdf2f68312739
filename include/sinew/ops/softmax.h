#pragma once

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// e^x / sum(e^x) along an axis, shifted by the maximum so that it cannot overflow.
Value softmax(Value x, int axis = -1);
Value log_softmax(Value x, int axis = -1);
/// The nearest point to x, in Euclid's distance, of the simplex of probabilities along an axis:
/// many are exactly 0 (Martins and Astudillo 2016, algorithm 1).
Value sparsemax(Value x, int axis = -1);
/// log(sum(e^x)) along an axis, which disappears.
Value logsumexp(Value x, int axis = -1);
/// Cross-entropy of softmax(logits) against integer labels, as one op: logits (…, C) floating,
/// labels (…) integer; result (…): -log softmax(logits)[label]. A label outside [0, C) gives NaN.
Value sparse_softmax_cross_entropy(Value logits, Value labels);

}  // namespace sinew::ops
