#pragma once

/// All of Sinew: include this, and link with sinew::sinew.

#include "sinew/autodiff/gradients.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"
#include "sinew/base/tensor.h"
#include "sinew/compiler/eval.h"
#include "sinew/data/csv.h"
#include "sinew/data/idx.h"
#include "sinew/data/loader.h"
#include "sinew/data/uci_har.h"
#include "sinew/model/applications.h"
#include "sinew/model/callbacks.h"
#include "sinew/model/model.h"
#include "sinew/nn/dtype_policy.h"
#include "sinew/nn/layers.h"
#include "sinew/nn/losses.h"
#include "sinew/nn/metrics.h"
#include "sinew/nn/optimizers.h"
#include "sinew/nn/registry.h"
#include "sinew/nn/session.h"
#include "sinew/ops/ops.h"
