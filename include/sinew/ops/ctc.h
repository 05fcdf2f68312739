#pragma once

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// Connectionist temporal classification (Graves et al. 2006): logits (N, steps, classes) floating,
/// labels (N, length) integers with 0, which is also the blank's class, after the last of a row;
/// result (N): minus the log of the probability that softmax(logits) gives to all alignments of the
/// row's labels with the steps. Where none is possible, because there are too few steps, the result
/// is large and finite, as Keras's. It has no second derivative.
Value ctc_loss(Value logits, Value labels);

}  // namespace sinew::ops
