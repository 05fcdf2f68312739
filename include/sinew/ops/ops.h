#pragma once

#include "sinew/ops/array.h"
#include "sinew/ops/attention.h"
#include "sinew/ops/batch_norm.h"
#include "sinew/ops/conv.h"
#include "sinew/ops/elementwise.h"
#include "sinew/ops/matmul.h"
#include "sinew/ops/norm.h"
#include "sinew/ops/pool.h"
#include "sinew/ops/random.h"
#include "sinew/ops/reduce.h"
#include "sinew/ops/rnn.h"
#include "sinew/ops/softmax.h"
