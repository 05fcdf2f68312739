#pragma once

#include <string>
#include <vector>

#include "sinew/model/callback.h"

namespace sinew::model {

/// Calls a hook of each callback in the order given.
class CallbackList {
 public:
  CallbackList(Model& model, const std::vector<CallbackPtr>& callbacks);

  void on_train_begin();
  void on_train_end(const Logs& logs);
  void on_epoch_begin(int epoch);
  void add_results(Logs& logs);
  void on_epoch_end(int epoch, const Logs& logs);
  void on_train_batch_begin(int batch);
  void on_train_batch_end(int batch, const Logs& logs);
  void on_test_begin();
  void on_test_end(const Logs& logs);
  void on_test_batch_begin(int batch);
  void on_test_batch_end(int batch, const Logs& logs);
  void on_predict_begin();
  void on_predict_end();
  void on_predict_batch_begin(int batch);
  void on_predict_batch_end(int batch);

  /// What a checkpoint keeps of each callback.
  std::vector<CallbackState> states() const;
  /// Throws ValueError when the callbacks are not those of the checkpoint.
  void check_states(const std::vector<CallbackState>& states) const;
  /// Of states that have been checked.
  void set_states(const std::vector<CallbackState>& states);

 private:
  const std::vector<CallbackPtr>& callbacks_;
};

}  // namespace sinew::model
