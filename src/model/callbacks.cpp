#include "sinew/model/callbacks.h"

#include <fmt/format.h>

#include <cmath>

#include "base/log.h"
#include "sinew/base/error.h"
#include "sinew/model/model.h"

namespace sinew::callbacks {

void TerminateOnNaN::on_train_batch_end(int batch, const Logs& logs) {
  const double* loss = logs.find("loss");
  if (!loss || std::isfinite(*loss)) return;
  logger().warn("batch {}: the loss is {}, training is ended", batch, *loss);
  model().set_stop_training(true);
}

LearningRateScheduler::LearningRateScheduler(Schedule schedule, int verbose)
    : schedule_(std::move(schedule)), verbose_(verbose) {}

void LearningRateScheduler::on_epoch_begin(int epoch) {
  const double rate = schedule_(epoch, model().learning_rate());
  if (!std::isfinite(rate)) {
    throw ValueError(
        fmt::format("LearningRateScheduler: the schedule gave {} for epoch {}", rate, epoch));
  }
  model().set_learning_rate(rate);
  if (verbose_ > 0) logger().info("epoch {}: learning rate {}", epoch + 1, rate);
}

void LearningRateScheduler::add_results(Logs& logs) {
  logs.set("learning_rate", model().learning_rate());
}

LambdaCallback::LambdaCallback(LambdaCallbackOptions options) : options_(std::move(options)) {}

void LambdaCallback::on_epoch_begin(int epoch) {
  if (options_.on_epoch_begin) options_.on_epoch_begin(epoch);
}
void LambdaCallback::on_epoch_end(int epoch, const Logs& logs) {
  if (options_.on_epoch_end) options_.on_epoch_end(epoch, logs);
}
void LambdaCallback::on_train_begin() {
  if (options_.on_train_begin) options_.on_train_begin();
}
void LambdaCallback::on_train_end(const Logs& logs) {
  if (options_.on_train_end) options_.on_train_end(logs);
}
void LambdaCallback::on_train_batch_begin(int batch) {
  if (options_.on_train_batch_begin) options_.on_train_batch_begin(batch);
}
void LambdaCallback::on_train_batch_end(int batch, const Logs& logs) {
  if (options_.on_train_batch_end) options_.on_train_batch_end(batch, logs);
}

}  // namespace sinew::callbacks
