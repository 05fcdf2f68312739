#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "model/arrays.h"
#include "model/step.h"
#include "sinew/data/dataset.h"

namespace sinew::model {

struct State;

/// Where a run's batches come from, each with the step that takes it.
class BatchSource {
 public:
  /// Inputs, targets and weights in the order of the step's inputs; valid until the next call.
  struct Batch {
    std::span<const Tensor> tensors;
    Step* step = nullptr;
    /// Nothing follows in this pass.
    bool last = false;
  };

  virtual ~BatchSource() = default;
  /// Of a pass; nothing where only a pass can tell.
  virtual std::optional<std::int64_t> batches() const = 0;
  /// Starts a pass, whose order depends on (seed, epoch), with `first_batch` batches left out.
  /// After it the model is built and step() compiled.
  virtual void begin(std::int64_t seed, std::int64_t epoch, std::int64_t first_batch) = 0;
  /// Waits for the next batch; false at the end of the pass.
  virtual bool next(Batch& batch) = 0;
  /// The step of a usual batch.
  virtual const Step& step() const = 0;
};

/// Arrays in memory, in batches of `batch_size` rows and a last one of those that are left.
std::unique_ptr<BatchSource> array_source(State& state, Mode mode, const Arrays& arrays,
                                          std::int64_t batch_size, bool shuffle);

struct DatasetSourceOptions {
  std::map<int, double> class_weight = {};
  /// Batches of a pass, which goes on where the last one ended and begins the data set anew where
  /// that has ended; 0: each pass is one of the data set.
  std::int64_t steps = 0;
  /// As checked_arrays() takes it.
  std::string role = {};
};
/// A data set whose elements are batches: inputs, then targets, then sample weights or none. Each
/// is checked as arrays are.
std::unique_ptr<BatchSource> dataset_source(State& state, Mode mode, data::Dataset set,
                                            DatasetSourceOptions options = {});

}  // namespace sinew::model
