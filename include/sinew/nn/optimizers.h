#pragma once

/// Keras's optimizers and learning rate schedules, with its names, arguments, defaults and numbers.
#include "sinew/nn/optimizers/adam.h"
#include "sinew/nn/optimizers/adaptive.h"
#include "sinew/nn/optimizers/descent.h"
#include "sinew/nn/optimizers/loss_scale.h"
#include "sinew/nn/optimizers/optimizer.h"
#include "sinew/nn/optimizers/schedules.h"
