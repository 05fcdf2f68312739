#include "model/state.h"
#include "sinew/model/callbacks.h"
#include "sinew/model/model.h"

namespace sinew::callbacks {

SwapEMAWeights::SwapEMAWeights(bool swap_on_epoch) : swap_on_epoch_(swap_on_epoch) {}

Optimizer& SwapEMAWeights::optimizer() const {
  return model().state()->compiled_training().optimizer();
}

void SwapEMAWeights::put_averages(bool into_model) {
  if (optimizer().moving_averages_swapped() != into_model) optimizer().swap_moving_averages();
}

void SwapEMAWeights::on_epoch_begin(int) {
  if (swap_on_epoch_) put_averages(false);
}
void SwapEMAWeights::on_epoch_end(int, const Logs&) {
  if (swap_on_epoch_) put_averages(true);
}
void SwapEMAWeights::on_test_begin() { put_averages(true); }
void SwapEMAWeights::on_test_end(const Logs&) { put_averages(false); }
void SwapEMAWeights::on_predict_begin() { put_averages(true); }
void SwapEMAWeights::on_predict_end() { put_averages(false); }

CallbackState SwapEMAWeights::state() const {
  return {{{"swapped", optimizer().moving_averages_swapped() ? 1.0 : 0.0}}};
}

void SwapEMAWeights::set_state(const CallbackState& state) {
  optimizer().set_moving_averages_swapped(state.numbers.at("swapped") != 0.0);
}

}  // namespace sinew::callbacks
