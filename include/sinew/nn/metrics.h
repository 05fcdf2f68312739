#pragma once

#include "sinew/nn/metrics/accuracy.h"
#include "sinew/nn/metrics/confusion.h"
#include "sinew/nn/metrics/f_score.h"
#include "sinew/nn/metrics/hinge.h"
#include "sinew/nn/metrics/iou.h"
#include "sinew/nn/metrics/metric.h"
#include "sinew/nn/metrics/probabilistic.h"
#include "sinew/nn/metrics/reduction.h"
#include "sinew/nn/metrics/regression.h"

/// Keras's metrics as objects, with Keras 3's arguments, defaults and results, exact for all the
/// batches since the last reset(). Shapes of y_true and y_pred as for the losses, unless said
/// otherwise.
namespace sinew::metrics {}
