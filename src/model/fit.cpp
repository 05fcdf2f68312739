#include <fmt/format.h>

#include <optional>

#include "base/log.h"
#include "model/callback_list.h"
#include "model/checkpoints.h"
#include "model/fit_trace.h"
#include "model/position.h"
#include "model/progress.h"
#include "model/run.h"
#include "model/state.h"
#include "runtime/tuning.h"
#include "sinew/base/error.h"
#include "sinew/model/model.h"
#include "sinew/nn/session.h"

namespace sinew {
namespace {

using namespace model;

void check_arguments(const FitArguments& arguments) {
  const auto at_least = [](const char* name, std::int64_t value, std::int64_t least) {
    if (value < least)
      throw ValueError(fmt::format("fit: {} is {}; it must be at least {}", name, value, least));
  };
  at_least("batch_size", arguments.batch_size, 1);
  at_least("epochs", arguments.epochs, 0);
  at_least("initial_epoch", arguments.initial_epoch, 0);
  at_least("validation_freq", arguments.validation_freq, 1);
  at_least("checkpoint_every", arguments.checkpoint_every, 0);
  if (arguments.validation_split != 0 && !arguments.validation_data.x.empty()) {
    throw ValueError("fit: give validation_data or validation_split, not both");
  }
  const ValidationData& validation = arguments.validation_data;
  if (validation.x.empty() && !(validation.y.empty() && validation.sample_weight.empty()))
    throw ValueError("fit: validation_data has targets or weights, but no x");
  if (validation.batches && !(validation.x.empty() && arguments.validation_split == 0))
    throw ValueError("fit: give validation data as arrays or as a data set, not both");
  at_least("steps_per_epoch", arguments.steps_per_epoch, 0);
  at_least("validation_steps", arguments.validation_steps, 0);
  if (arguments.checkpoint_every > 0 && arguments.checkpoint.empty()) {
    throw ValueError("fit: checkpoint_every needs a file to write to: set checkpoint");
  }
}

using SourcePtr = std::unique_ptr<BatchSource>;

/// What a training learns from, what it is judged by, and what a resumed one must agree in.
struct Sources {
  SourcePtr train;
  /// Null for none.
  SourcePtr validation;
  Position position;
  /// What position.rows counts, and by what argument batches are made of them.
  const char* counted = "samples";
  const char* batched_by = "batch_size";
};

SourcePtr validation_source(State& state, const FitArguments& arguments) {
  constexpr const char* kRole = "validation_data";
  const ValidationData& given = arguments.validation_data;
  if (given.batches) {
    return dataset_source(state, Mode::Test, *given.batches,
                          {.steps = arguments.validation_steps, .role = kRole});
  }
  if (given.x.empty()) return nullptr;
  const Arrays arrays = checked_arrays(state, given.x, given.y, given.sample_weight, kRole);
  return array_source(state, Mode::Test, arrays, arguments.batch_size, false);
}

Sources array_sources(State& state, const TensorList& x, const TensorList& y,
                      const FitArguments& arguments) {
  Sources sources;
  Arrays train = checked_arrays(state, x, y, arguments.sample_weight, "");
  if (arguments.validation_split != 0) {
    auto [first, rest] = split_validation(train, arguments.validation_split);
    train = std::move(first);
    sources.validation = array_source(state, Mode::Test, rest, arguments.batch_size, false);
  } else {
    sources.validation = validation_source(state, arguments);
  }
  apply_class_weight(train, arguments.class_weight);
  sources.train = array_source(state, Mode::Train, train, arguments.batch_size, arguments.shuffle);
  sources.position.rows = train.rows;
  sources.position.batch_size = arguments.batch_size;
  sources.position.shuffle = arguments.shuffle;
  return sources;
}

Sources dataset_sources(State& state, const data::Dataset& batches, const FitArguments& arguments) {
  if (arguments.validation_split != 0) {
    throw ValueError(
        "fit: validation_split is for arrays; of a data set take() and skip() some, and give them "
        "as validation_data");
  }
  if (!arguments.sample_weight.empty())
    throw ValueError("fit: sample weights of a data set stand in its batches, after the targets");
  Sources sources;
  sources.validation = validation_source(state, arguments);
  sources.train =
      dataset_source(state, Mode::Train, batches,
                     {.class_weight = arguments.class_weight, .steps = arguments.steps_per_epoch});
  sources.counted = "batches";
  sources.batched_by = "steps_per_epoch";
  sources.position.rows = batches.size().value_or(data::kEndless);
  sources.position.batch_size = arguments.steps_per_epoch;
  sources.position.shuffle = false;
  return sources;
}

/// What decides about the bits of results besides the model, the data and the seed.
std::string kernels_identity() {
  const std::string machine = runtime::default_backend().machine();
  return fmt::format("{}, tuning {}", machine, runtime::tuning_table().identity(machine));
}

class Fit {
 public:
  Fit(Model& model, Sources sources, const FitArguments& arguments)
      : state_(*model.state()),
        arguments_(arguments),
        trace_(arguments.profile),
        model_(model),
        callbacks_(model, arguments.callbacks),
        checkpoints_(arguments),
        progress_(arguments.verbose, arguments.progress),
        run_(state_, Mode::Train, std::move(sources.train)),
        position_(std::move(sources.position)),
        counted_(sources.counted),
        batched_by_(sources.batched_by) {
    if (sources.validation) validation_.emplace(state_, Mode::Test, std::move(sources.validation));
    position_.epoch = arguments.initial_epoch;
    position_.seed = arguments.seed.value_or(static_cast<std::int64_t>(random_seed()));
    position_.kernels = kernels_identity();
  }

  History run() {
    // The first batch of a data set tells what the model is built for.
    run_.begin(position_.seed, position_.epoch, position_.batch);
    checkpoints_.check(state_);
    state_.stop_training = false;
    announce();
    // A checkpoint that does not fit is refused before callbacks open, and empty, their files.
    const bool resumed = resume();
    state_.validates = validation_.has_value();
    callbacks_.on_train_begin();
    if (resumed) {
      callbacks_.set_states(position_.callbacks);
      state_.stop_training = position_.stopped;
    }
    state_.seed->assign(Tensor::scalar(position_.seed));
    steps_before_ = position_.epoch * run_.batches().value_or(0);
    Logs logs;
    while (position_.epoch < arguments_.epochs && !state_.stop_training) logs = epoch();
    if (arguments_.epochs > 0) state_.compiled_training().optimizer().finalize_variable_values();
    callbacks_.on_train_end(logs);
    checkpoints_.remove_backups();
    trace_.write();
    return position_.history;
  }

 private:
  bool resume() {
    const auto accept = [&](const Position& found, const std::string& path) {
      check_position(found, path);
      if (!found.kernels.empty() && found.kernels != position_.kernels) {
        logger().warn(
            "checkpoint '{}' was written with kernels of {}, but these are of {}: the training "
            "goes on, but its bits will differ from those of an uninterrupted one",
            path, found.kernels, position_.kernels);
      }
      progress_.note(fmt::format("Going on from '{}': {} epochs and {} steps are done", path,
                                 found.epoch, found.batch));
    };
    std::optional<Position> found = checkpoints_.resume(state_, accept);
    if (!found) return false;
    found->kernels = position_.kernels;
    position_ = std::move(*found);
    return true;
  }

  /// Throws ValueError when a checkpoint's training is not this one.
  void check_position(const Position& found, const std::string& path) const {
    const auto check = [&](const char* what, auto now, auto then) {
      if (now == then) return;
      throw ValueError(
          fmt::format("checkpoint '{}' was written by a training with {} {}, but this one has {}",
                      path, what, then, now));
    };
    if (found.epoch > arguments_.epochs || (found.epoch == arguments_.epochs && found.batch > 0)) {
      throw ValueError(
          fmt::format("checkpoint '{}' has come through {} epochs and {} steps: more than the {} "
                      "that are asked "
                      "for. Ask for more epochs, or train anew",
                      path, found.epoch, found.batch, arguments_.epochs));
    }
    check(fmt::format("a number of {} of", counted_).c_str(), position_.rows, found.rows);
    check(batched_by_, position_.batch_size, found.batch_size);
    check("shuffle", position_.shuffle, found.shuffle);
    if (arguments_.seed) check("seed", position_.seed, found.seed);
    callbacks_.check_states(found.callbacks);
  }

  Logs epoch() {
    const int epoch = position_.epoch;
    const auto span = trace_.rare("epoch", epoch);
    progress_.begin_epoch(epoch, arguments_.epochs);
    // An epoch that a checkpoint stands in the middle of has begun already: what its beginning did
    // is in the checkpoint.
    if (position_.batch == 0) {
      callbacks_.on_epoch_begin(epoch);
      state_.compiled_training().reset_metrics();
    }
    progress_.begin_steps(run_.batches().value_or(Progress::kUnknownSteps), position_.batch);
    run_.begin(position_.seed, epoch, position_.batch);
    while (next_batch()) {
      step();
      if (state_.stop_training) break;
      // The last batch's checkpoint is written after validation, when the epoch is whole.
      if (!run_.last()) save({.steps = steps()});
    }
    Logs logs = run_.logs();
    const bool whole = run_.last();
    // Stopped in mid-epoch: a resumed run goes on from here, with the metrics as they are before
    // validation starts them anew.
    if (!whole) save({.steps = steps(), .stopped = true});
    if (validation_ && (epoch + 1) % arguments_.validation_freq == 0) {
      const auto span = trace_.rare("validation");
      for (const auto& [name, value] : evaluate_run(state_, *validation_, callbacks_)) {
        logs.set("val_" + name, value);
      }
    }
    callbacks_.add_results(logs);
    progress_.end(logs);
    position_.history.append(epoch, logs);
    callbacks_.on_epoch_end(epoch, logs);
    if (!whole) return logs;
    steps_before_ = steps();
    ++position_.epoch;
    position_.batch = 0;
    position_.stopped = state_.stop_training;
    save({.steps = steps(), .epoch_ended = true});
    return logs;
  }

  bool next_batch() {
    const auto span = trace_.span("wait for data");
    return run_.next();
  }

  void step() {
    const auto batch = static_cast<int>(position_.batch);
    {
      const auto span = trace_.span("callbacks");
      callbacks_.on_train_batch_begin(batch);
    }
    {
      const auto span = trace_.step();
      run_.step(trace_.calls(run_.current().program()));
    }
    ++position_.batch;
    {
      const auto span = trace_.span("progress");
      progress_.step(position_.batch, run_.logs());
    }
    {
      const auto span = trace_.span("callbacks");
      callbacks_.on_train_batch_end(batch, run_.logs());
    }
    trace_.end_step();
  }

  /// Of all the training.
  std::int64_t steps() const { return steps_before_ + position_.batch; }

  void save(const Checkpoints::Moment& moment) {
    if (!checkpoints_.due(moment)) return;
    const auto span = trace_.rare("checkpoint");
    position_.callbacks = callbacks_.states();
    checkpoints_.write(state_, position_, moment);
  }

  /// What the training takes is known before it begins.
  void announce() {
    const MemoryPlan plan = model_.memory_plan();
    const auto megabytes = [](std::int64_t bytes) {
      return static_cast<double>(bytes) / 1048576.0;
    };
    progress_.note(
        fmt::format("Memory plan: {:.1f} MB (arenas {:.1f}, weights {:.1f}, optimizer {:.1f}); "
                    "{:.4g} MFLOP a step",
                    megabytes(plan.total()), megabytes(plan.arenas), megabytes(plan.weights),
                    megabytes(plan.optimizer), run_.flops() / 1e6));
  }

  State& state_;
  const FitArguments& arguments_;
  FitTrace trace_;
  Model& model_;
  CallbackList callbacks_;
  Checkpoints checkpoints_;
  Progress progress_;
  Run run_;
  std::optional<Run> validation_;
  Position position_;
  const char *counted_, *batched_by_;
  /// Of the epochs before this one.
  std::int64_t steps_before_ = 0;
};

}  // namespace

History Model::fit(const TensorList& x, const TensorList& y, const FitArguments& arguments) {
  check_arguments(arguments);
  return Fit(*this, array_sources(*state_, x, y, arguments), arguments).run();
}

History Model::fit(const data::Dataset& batches, const FitArguments& arguments) {
  check_arguments(arguments);
  return Fit(*this, dataset_sources(*state_, batches, arguments), arguments).run();
}

}  // namespace sinew
