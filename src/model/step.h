#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "model/arrays.h"
#include "runtime/executable.h"

namespace sinew::model {

struct State;

enum class Mode { Train, Test, Predict };

/// What a compiled step depends on besides its model: what it does and the types of one batch.
struct StepKey {
  Mode mode = Mode::Train;
  std::vector<TensorType> x;
  std::vector<TensorType> y;
  std::vector<TensorType> weights;

  bool operator==(const StepKey&) const = default;
};

/// The key for batches of `rows` rows of such arrays; predictions leave targets and weights out.
StepKey step_key(Mode mode, const Arrays& arrays, std::int64_t rows);

/// The whole step as a graph. Train: forward, losses, gradients, clipping, optimizer, metrics,
/// moving statistics, step counter. Test: forward, losses, metrics. Predict: forward. Outputs: the
/// running results (names of the logs) or the model's outputs.
Graph step_graph(State& state, const StepKey& key);

/// A compiled step for one batch shape.
class Step {
 public:
  Step(State& state, const StepKey& key);
  /// Inputs in the order of Arrays::all(). Allocates nothing. Kernel calls are timed when `times`
  /// has room for them: see Executable::run.
  void run(std::span<const Tensor> batch, std::span<runtime::CallTime> times = {}) {
    executable_->run(batch, times);
  }
  const Tensor& output(std::size_t index) const { return executable_->output(index); }
  std::size_t output_count() const { return executable_->program().outputs.size(); }
  const runtime::Program& program() const { return executable_->program(); }

 private:
  std::unique_ptr<runtime::Executable> executable_;
};

/// The steps of a model compiled so far; the least recently used one is forgotten first. A step in
/// use stays alive.
class StepCache {
 public:
  std::shared_ptr<Step> get(State& state, const StepKey& key);
  void clear() { entries_.clear(); }
  /// What the memory plans of the steps announce, together.
  std::int64_t arena_bytes() const;

 private:
  static constexpr std::size_t kCapacity = 16;
  struct Entry {
    StepKey key;
    std::shared_ptr<Step> step;
  };
  std::list<Entry> entries_;
};

}  // namespace sinew::model
