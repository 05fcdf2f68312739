#include <nanobind/stl/string.h>

#include <algorithm>

#include "callbacks.h"
#include "held.h"

namespace sinew::python {
namespace {

/// The logs of hooks that have none: Keras passes them everywhere.
const Logs kNone;

/// Only the hooks that the Python class defines cost the interpreter's lock.
class PythonCallback final : public Callback {
 public:
  PythonCallback(const nb::object& callback, const std::vector<std::string>& hooks)
      : callback_(callback), hooks_(hooks) {}

  void on_train_begin() override { run("on_train_begin", kNone); }
  void on_train_end(const Logs& logs) override { run("on_train_end", logs); }
  void on_epoch_begin(int epoch) override { run("on_epoch_begin", epoch, kNone); }
  void on_epoch_end(int epoch, const Logs& logs) override { run("on_epoch_end", epoch, logs); }
  void on_train_batch_begin(int batch) override { run("on_train_batch_begin", batch, kNone); }
  void on_train_batch_end(int batch, const Logs& logs) override {
    run("on_train_batch_end", batch, logs);
  }
  void on_test_begin() override { run("on_test_begin", kNone); }
  void on_test_end(const Logs& logs) override { run("on_test_end", logs); }
  void on_test_batch_begin(int batch) override { run("on_test_batch_begin", batch, kNone); }
  void on_test_batch_end(int batch, const Logs& logs) override {
    run("on_test_batch_end", batch, logs);
  }
  void on_predict_begin() override { run("on_predict_begin", kNone); }
  void on_predict_end() override { run("on_predict_end", kNone); }
  void on_predict_batch_begin(int batch) override { run("on_predict_batch_begin", batch, kNone); }
  void on_predict_batch_end(int batch) override { run("on_predict_batch_end", batch, kNone); }

 private:
  static nb::object argument(int number) { return nb::int_(number); }
  static nb::object argument(const Logs& logs) { return from_logs(logs); }

  template <typename... Arguments>
  void run(const char* hook, const Arguments&... arguments) {
    if (std::find(hooks_.begin(), hooks_.end(), hook) == hooks_.end()) return;
    nb::gil_scoped_acquire lock;
    callback_.get().attr(hook)(argument(arguments)...);
  }

  Held callback_;
  std::vector<std::string> hooks_;
};

class InterruptCallback final : public Callback {
 public:
  void on_train_batch_end(int, const Logs&) override { check(); }
  void on_test_batch_end(int, const Logs&) override { check(); }
  void on_predict_batch_end(int) override { check(); }

 private:
  /// Runs the handlers of signals that have come, which raise KeyboardInterrupt.
  static void check() {
    nb::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() != 0) nb::raise_python_error();
  }
};

}  // namespace

CallbackPtr python_callback(const nb::object& callback, const std::vector<std::string>& hooks) {
  return CallbackPtr(std::make_shared<PythonCallback>(callback, hooks));
}

CallbackPtr interrupt_callback() { return CallbackPtr(std::make_shared<InterruptCallback>()); }

nb::dict from_logs(const Logs& logs) {
  nb::dict result;
  for (const auto& [name, value] : logs) result[name.c_str()] = value;
  return result;
}

Logs to_logs(nb::handle logs) {
  Logs result;
  if (logs.is_none()) return result;
  for (const auto [name, value] : nb::cast<nb::dict>(logs))
    result.set(nb::cast<std::string>(name), nb::cast<double>(value));
  return result;
}

}  // namespace sinew::python
