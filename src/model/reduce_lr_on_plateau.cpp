#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "sinew/base/error.h"
#include "sinew/model/callbacks.h"
#include "sinew/model/model.h"

namespace sinew::callbacks {

ReduceLROnPlateau::ReduceLROnPlateau(ReduceLROnPlateauOptions options)
    : options_(std::move(options)),
      monitor_("ReduceLROnPlateau", options_.monitor, options_.mode, options_.min_delta),
      best_(monitor_.worst()) {
  if (!(options_.factor < 1.0)) {
    throw ValueError(
        fmt::format("ReduceLROnPlateau: factor is {}; it must be below 1", options_.factor));
  }
}

void ReduceLROnPlateau::on_train_begin() {
  best_ = monitor_.worst();
  wait_ = cooldown_ = 0;
}

void ReduceLROnPlateau::add_results(Logs& logs) {
  logs.set("learning_rate", model().learning_rate());
}

void ReduceLROnPlateau::on_epoch_end(int epoch, const Logs& logs) {
  const double* current = monitor_.find(logs);
  if (!current) return;
  if (cooldown_ > 0) {
    --cooldown_;
    wait_ = 0;
  }
  if (monitor_.improves(*current, best_)) {
    best_ = *current;
    wait_ = 0;
  } else if (cooldown_ == 0 && ++wait_ >= options_.patience) {
    reduce(epoch);
  }
}

void ReduceLROnPlateau::reduce(int epoch) {
  const double rate = model().learning_rate();
  // The rate is a float32, which may be the rounded min_lr.
  if (!(rate > static_cast<float>(options_.min_lr))) return;
  const double reduced = std::max(rate * options_.factor, options_.min_lr);
  model().set_learning_rate(reduced);
  if (options_.verbose > 0)
    logger().info("epoch {}: the learning rate is reduced to {}", epoch + 1, reduced);
  cooldown_ = options_.cooldown;
  wait_ = 0;
}

CallbackState ReduceLROnPlateau::state() const {
  return {{{"best", best_}, {"wait", wait_}, {"cooldown", cooldown_}}};
}

void ReduceLROnPlateau::set_state(const CallbackState& state) {
  best_ = state.numbers.at("best");
  wait_ = static_cast<int>(state.numbers.at("wait"));
  cooldown_ = static_cast<int>(state.numbers.at("cooldown"));
}

}  // namespace sinew::callbacks
