#pragma once

#include "sinew/nn/losses/ctc.h"
#include "sinew/nn/losses/embedding.h"
#include "sinew/nn/losses/hinge.h"
#include "sinew/nn/losses/loss.h"
#include "sinew/nn/losses/overlap.h"
#include "sinew/nn/losses/probabilistic.h"
#include "sinew/nn/losses/regression.h"

/// Keras's losses as objects, with Keras 3's arguments and defaults. y_true and y_pred have the
/// same shape (N, …, d) unless said otherwise, and the value of a sample is taken over the last
/// axis. Every loss has a `reduction`: see Loss::operator().
namespace sinew::losses {}
