#include "model/callback_list.h"

#include <fmt/format.h>

#include "sinew/base/error.h"

namespace sinew::model {

CallbackList::CallbackList(Model& model, const std::vector<CallbackPtr>& callbacks)
    : callbacks_(callbacks) {
  for (const CallbackPtr& callback : callbacks_) {
    if (!callback) throw ValueError("a callback is a null pointer");
    callback->set_model(model);
  }
}

void CallbackList::on_train_begin() {
  for (const CallbackPtr& callback : callbacks_) callback->on_train_begin();
}

void CallbackList::on_train_end(const Logs& logs) {
  for (const CallbackPtr& callback : callbacks_) callback->on_train_end(logs);
}

void CallbackList::on_epoch_begin(int epoch) {
  for (const CallbackPtr& callback : callbacks_) callback->on_epoch_begin(epoch);
}

void CallbackList::add_results(Logs& logs) {
  for (const CallbackPtr& callback : callbacks_) callback->add_results(logs);
}

void CallbackList::on_epoch_end(int epoch, const Logs& logs) {
  for (const CallbackPtr& callback : callbacks_) callback->on_epoch_end(epoch, logs);
}

void CallbackList::on_train_batch_begin(int batch) {
  for (const CallbackPtr& callback : callbacks_) callback->on_train_batch_begin(batch);
}

void CallbackList::on_train_batch_end(int batch, const Logs& logs) {
  for (const CallbackPtr& callback : callbacks_) callback->on_train_batch_end(batch, logs);
}

void CallbackList::on_test_begin() {
  for (const CallbackPtr& callback : callbacks_) callback->on_test_begin();
}

void CallbackList::on_test_end(const Logs& logs) {
  for (const CallbackPtr& callback : callbacks_) callback->on_test_end(logs);
}

void CallbackList::on_test_batch_begin(int batch) {
  for (const CallbackPtr& callback : callbacks_) callback->on_test_batch_begin(batch);
}

void CallbackList::on_test_batch_end(int batch, const Logs& logs) {
  for (const CallbackPtr& callback : callbacks_) callback->on_test_batch_end(batch, logs);
}

void CallbackList::on_predict_begin() {
  for (const CallbackPtr& callback : callbacks_) callback->on_predict_begin();
}

void CallbackList::on_predict_end() {
  for (const CallbackPtr& callback : callbacks_) callback->on_predict_end();
}

void CallbackList::on_predict_batch_begin(int batch) {
  for (const CallbackPtr& callback : callbacks_) callback->on_predict_batch_begin(batch);
}

void CallbackList::on_predict_batch_end(int batch) {
  for (const CallbackPtr& callback : callbacks_) callback->on_predict_batch_end(batch);
}

std::vector<CallbackState> CallbackList::states() const {
  std::vector<CallbackState> result;
  for (const CallbackPtr& callback : callbacks_) result.push_back(callback->state());
  return result;
}

void CallbackList::check_states(const std::vector<CallbackState>& states) const {
  bool fit = states.size() == callbacks_.size();
  for (std::size_t i = 0; fit && i < states.size(); ++i) {
    const auto present = callbacks_[i]->state().numbers;
    fit = present.size() == states[i].numbers.size();
    for (const auto& [name, unused] : present) fit = fit && states[i].numbers.contains(name);
  }
  if (!fit) {
    throw ValueError(
        fmt::format("the checkpoint was written by a training with other callbacks ({} of them, {} "
                    "now): give the same ones, "
                    "in the same order",
                    states.size(), callbacks_.size()));
  }
}

void CallbackList::set_states(const std::vector<CallbackState>& states) {
  for (std::size_t i = 0; i < states.size(); ++i) callbacks_[i]->set_state(states[i]);
}

}  // namespace sinew::model
