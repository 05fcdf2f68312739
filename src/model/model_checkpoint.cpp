#include <fmt/args.h>
#include <fmt/format.h>

#include "base/log.h"
#include "model/files.h"
#include "sinew/base/error.h"
#include "sinew/model/callbacks.h"
#include "sinew/model/model.h"

namespace sinew::callbacks {

ModelCheckpoint::ModelCheckpoint(std::string filepath, ModelCheckpointOptions options)
    : filepath_(std::move(filepath)), options_(std::move(options)) {
  if (options_.save_freq < 0) {
    throw ValueError(fmt::format(
        "ModelCheckpoint: save_freq is {}; it is a number of batches, or 0 for each epoch",
        options_.save_freq));
  }
  if (!options_.save_best_only) return;
  monitor_.emplace("ModelCheckpoint", options_.monitor, options_.mode);
  best_ = options_.initial_value_threshold.value_or(monitor_->worst());
}

void ModelCheckpoint::on_train_begin() {
  if (!options_.save_weights_only) model::check_savable(*model().state());
}

void ModelCheckpoint::on_epoch_begin(int epoch) { epoch_ = epoch; }

void ModelCheckpoint::on_train_batch_end(int batch, const Logs& logs) {
  if (options_.save_freq == 0) return;
  ++batches_;
  if (batches_ % options_.save_freq == 0) save(batch, logs);
}

void ModelCheckpoint::on_epoch_end(int epoch, const Logs& logs) {
  epoch_ = epoch;
  if (options_.save_freq == 0) save(0, logs);
}

std::string ModelCheckpoint::path(int batch, const Logs& logs) const {
  fmt::dynamic_format_arg_store<fmt::format_context> arguments;
  arguments.push_back(fmt::arg("epoch", epoch_ + 1));
  arguments.push_back(fmt::arg("batch", batch + 1));
  for (const auto& [name, value] : logs) arguments.push_back(fmt::arg(name.c_str(), value));
  try {
    return fmt::vformat(filepath_, arguments);
  } catch (const fmt::format_error& error) {
    std::string names = "epoch, batch";
    for (const auto& [name, unused] : logs) names += ", " + name;
    throw ValueError(
        fmt::format("ModelCheckpoint: filepath '{}' cannot be filled in ({}); there are: {}",
                    filepath_, error.what(), names));
  }
}

void ModelCheckpoint::save(int batch, const Logs& logs) {
  const std::string file = path(batch, logs);
  if (monitor_) {
    const double* current = monitor_->find(logs);
    if (!current) return;
    if (!monitor_->improves(*current, best_)) {
      if (options_.verbose > 0) {
        logger().info("epoch {}: {} did not improve from {:.5f}", epoch_ + 1, monitor_->name(),
                      best_);
      }
      return;
    }
    if (options_.verbose > 0) {
      logger().info("epoch {}: {} improved from {:.5f} to {:.5f}, saving to {}", epoch_ + 1,
                    monitor_->name(), best_, *current, file);
    }
    best_ = *current;
  } else if (options_.verbose > 0) {
    logger().info("epoch {}: saving to {}", epoch_ + 1, file);
  }
  if (options_.save_weights_only) {
    model().save_weights(file);
  } else {
    model().save(file);
  }
}

CallbackState ModelCheckpoint::state() const {
  return {{{"best", best_}, {"batches", static_cast<double>(batches_)}}, {}};
}

void ModelCheckpoint::set_state(const CallbackState& state) {
  best_ = state.numbers.at("best");
  batches_ = static_cast<std::int64_t>(state.numbers.at("batches"));
}

}  // namespace sinew::callbacks
