#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sinew/model/callback.h"
#include "sinew/model/logs.h"

namespace sinew::model {

/// Where a training stands between two batches: with the weights, slots, accumulators and the step
/// counter, all that a checkpoint needs for an exact resume.
struct Position {
  int epoch = 0;
  /// Batches of the epoch that are done.
  std::int64_t batch = 0;
  std::int64_t seed = 0;
  /// What the order of the batches depends on: a resumed run must agree in it.
  std::int64_t rows = 0;
  std::int64_t batch_size = 0;
  bool shuffle = true;
  /// A callback ended the training after its last epoch.
  bool stopped = false;
  /// What computed: instruction set, libraries, tuning table. Another gives other bits.
  std::string kernels;
  /// Of the epochs done, and of each callback, in the order given to fit().
  History history;
  std::vector<CallbackState> callbacks;
};

}  // namespace sinew::model
