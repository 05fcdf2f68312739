#pragma once

#include "sinew/nn/losses/loss.h"

namespace sinew::losses {

/// Connectionist temporal classification (Graves et al. 2006): y_true (N, length) holds labels with
/// 0 after the last, y_pred (N, steps, classes) logits, of which class 0 is the blank. Minus the
/// logarithm of the probability of all alignments of the labels with the steps.
Loss CTC(LossOptions options = {});

}  // namespace sinew::losses
