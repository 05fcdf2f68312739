#include <fmt/args.h>
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "base/log.h"
#include "model/files.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"
#include "sinew/model/callbacks.h"
#include "sinew/model/model.h"

namespace sinew::callbacks {
namespace {

/// Makes the folder that a file is to lie in, as Keras does.
void make_folder(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw FileError(fmt::format("ModelCheckpoint: folder '{}' cannot be made: {}", folder.string(),
                                error.message()));
  }
}

}  // namespace

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
  const model::State& state = *model().state();
  if (!options_.save_weights_only) model::check_savable(state);
  // A name that cannot be filled in, or a folder that cannot be made, is said now and not after the
  // first epoch.
  make_folder(filepath_.substr(0, filepath_.find('{')));
  if (!state.training) return;
  const Logs results = state.training->empty_results();
  Logs expected = results;
  if (state.validates) {
    for (const auto& [name, value] : results) expected.set("val_" + name, value);
  }
  const std::string file = path(0, expected);
  if (std::filesystem::exists(std::filesystem::path(file).parent_path())) io::check_writable(file);
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
  const double* current = monitor_ ? monitor_->find(logs) : nullptr;
  if (monitor_ && !current) return;
  const std::string file = path(batch, logs);
  if (monitor_) {
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
  make_folder(file);
  if (options_.save_weights_only) {
    model().save_weights(file);
  } else {
    model().save(file);
  }
}

CallbackState ModelCheckpoint::state() const {
  return {{{"best", best_}, {"batches", static_cast<double>(batches_)}, {"epoch", epoch_}}, {}};
}

void ModelCheckpoint::set_state(const CallbackState& state) {
  best_ = state.numbers.at("best");
  batches_ = static_cast<std::int64_t>(state.numbers.at("batches"));
  epoch_ = static_cast<int>(state.numbers.at("epoch"));
}

}  // namespace sinew::callbacks
