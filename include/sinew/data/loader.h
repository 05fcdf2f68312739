#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sinew/base/tensor.h"

namespace sinew::data {

struct LoaderOptions {
  std::int64_t batch_size = 32;
  bool shuffle = true;
};

/// Batches of arrays in memory, gathered ahead on a thread of its own into buffers that are used
/// again and again, so that a training step never waits; all memory is allocated when the loader is
/// made.
class Loader {
 public:
  /// Arrays with the same number of rows. Throws ValueError when there are none, no rows or
  /// batch_size < 1, ShapeError when the numbers of rows differ.
  Loader(std::vector<Tensor> arrays, LoaderOptions options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Begins an epoch at one of its batches. The order of rows (Fisher-Yates on Philox) depends on
  /// seed and epoch alone. Throws ValueError when the epoch has fewer than `first_batch` batches.
  void start(std::int64_t seed, std::int64_t epoch, std::int64_t first_batch = 0);
  /// The next batch, one tensor an array (the last batch may have fewer rows); empty at the end of
  /// the epoch. Valid until the next call.
  std::span<const Tensor> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sinew::data
