#pragma once

#include <concepts>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sinew/base/tensor.h"
#include "sinew/model/logs.h"

namespace sinew {

class Model;

/// What a callback remembers from epoch to epoch: a best value, the epochs waited, the best
/// weights.
struct CallbackState {
  std::map<std::string, double> numbers = {};
  std::vector<Tensor> tensors = {};
};

/// Base of all callbacks, with Keras's hooks. `logs` holds the running results; it is a view that
/// the training loop refreshes, so a callback that keeps it must copy it.
class Callback {
 public:
  virtual ~Callback() = default;

  virtual void on_train_begin() {}
  virtual void on_train_end(const Logs& /*logs*/) {}
  virtual void on_epoch_begin(int /*epoch*/) {}
  virtual void on_epoch_end(int /*epoch*/, const Logs& /*logs*/) {}
  /// Before on_epoch_end: results of the callback's own, which the epoch's logs and the history
  /// take.
  virtual void add_results(Logs& /*logs*/) {}
  /// Aliases of on_train_batch_begin and on_train_batch_end, which call them.
  virtual void on_batch_begin(int /*batch*/) {}
  virtual void on_batch_end(int /*batch*/, const Logs& /*logs*/) {}
  virtual void on_train_batch_begin(int batch) { on_batch_begin(batch); }
  virtual void on_train_batch_end(int batch, const Logs& logs) { on_batch_end(batch, logs); }
  virtual void on_test_begin() {}
  virtual void on_test_end(const Logs& /*logs*/) {}
  virtual void on_test_batch_begin(int /*batch*/) {}
  virtual void on_test_batch_end(int /*batch*/, const Logs& /*logs*/) {}
  virtual void on_predict_begin() {}
  virtual void on_predict_end() {}
  virtual void on_predict_batch_begin(int /*batch*/) {}
  virtual void on_predict_batch_end(int /*batch*/) {}

  /// What a checkpoint keeps, so that a resumed run goes on as the uninterrupted one would.
  virtual CallbackState state() const { return {}; }
  virtual void set_state(const CallbackState& /*state*/) {}

  /// The model being trained, evaluated or asked for predictions: there from the first hook to the
  /// last.
  Model& model() const { return *model_; }
  virtual void set_model(Model& model) { model_ = &model; }

 private:
  Model* model_ = nullptr;
};

/// A shared callback. Any Callback converts to one, by value or by shared_ptr (to read its state
/// after training):
/// `.callbacks = {EarlyStopping({.patience = 3}), logger}`.
class CallbackPtr : public std::shared_ptr<Callback> {
 public:
  using std::shared_ptr<Callback>::shared_ptr;
  template <std::derived_from<Callback> C>
  CallbackPtr(C callback) : std::shared_ptr<Callback>(std::make_shared<C>(std::move(callback))) {}
};

}  // namespace sinew
