#include <fmt/format.h>

#include "base/log.h"
#include "sinew/model/callbacks.h"
#include "sinew/model/model.h"

namespace sinew::callbacks {

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : options_(std::move(options)),
      monitor_("EarlyStopping", options_.monitor, options_.mode, options_.min_delta),
      best_(monitor_.worst()) {}

void EarlyStopping::on_train_begin() {
  best_ = monitor_.worst();
  best_epoch_ = wait_ = stopped_epoch_ = 0;
  best_weights_.clear();
}

void EarlyStopping::on_epoch_end(int epoch, const Logs& logs) {
  const double* current = monitor_.find(logs);
  if (!current || epoch < options_.start_from_epoch) return;
  if (options_.restore_best_weights && best_weights_.empty()) {
    // Should nothing ever improve (NaN), the first epoch's weights are the ones to go back to.
    best_weights_ = model().get_weights();
    best_epoch_ = epoch;
  }
  ++wait_;
  if (monitor_.improves(*current, best_)) {
    best_ = *current;
    best_epoch_ = epoch;
    if (options_.restore_best_weights) best_weights_ = model().get_weights();
    // Waiting begins anew only when both the baseline and the previous best are beaten.
    if (!options_.baseline || monitor_.improves(*current, *options_.baseline)) wait_ = 0;
    return;
  }
  if (wait_ >= options_.patience && epoch > 0) {
    stopped_epoch_ = epoch;
    model().set_stop_training(true);
  }
}

void EarlyStopping::on_train_end(const Logs&) {
  if (stopped_epoch_ > 0 && options_.verbose > 0) {
    logger().info("epoch {}: early stopping", stopped_epoch_ + 1);
  }
  if (!options_.restore_best_weights || best_weights_.empty()) return;
  if (options_.verbose > 0) {
    logger().info("restoring the weights of the best epoch, {}", best_epoch_ + 1);
  }
  model().set_weights(best_weights_);
}

CallbackState EarlyStopping::state() const {
  return {{{"best", best_}, {"best_epoch", best_epoch_}, {"wait", wait_}}, best_weights_};
}

void EarlyStopping::set_state(const CallbackState& state) {
  best_ = state.numbers.at("best");
  best_epoch_ = static_cast<int>(state.numbers.at("best_epoch"));
  wait_ = static_cast<int>(state.numbers.at("wait"));
  best_weights_ = state.tensors;
}

}  // namespace sinew::callbacks
