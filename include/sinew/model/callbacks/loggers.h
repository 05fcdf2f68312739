#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sinew/model/callback.h"

namespace sinew::model {
class LogFile;
}

namespace sinew::callbacks {

struct CSVLoggerOptions {
  std::string separator = ",";
  bool append = false;
};

/// Writes one line an epoch; the file is flushed after each. A training that goes on from a
/// checkpoint goes on in its log, from the line where the checkpoint was written.
class CSVLogger : public Callback {
 public:
  explicit CSVLogger(std::string filename, CSVLoggerOptions options = {});
  /// Throws FileError naming the file when it cannot be written.
  void on_train_begin() override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  void on_train_end(const Logs& logs) override;
  CallbackState state() const override;
  void set_state(const CallbackState& state) override;

 private:
  std::shared_ptr<model::LogFile> file_;
  CSVLoggerOptions options_;
  std::vector<std::string> columns_;
};

struct JSONLoggerOptions {
  bool append = false;
};

/// Writes one JSON object an epoch, a line each, flushed: {"epoch":0,"loss":0.5,"val_loss":0.6}.
/// What is not finite is null. Goes on as CSVLogger does.
class JSONLogger : public Callback {
 public:
  explicit JSONLogger(std::string filename, JSONLoggerOptions options = {});
  /// Throws FileError naming the file when it cannot be written.
  void on_train_begin() override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  void on_train_end(const Logs& logs) override;
  CallbackState state() const override;
  void set_state(const CallbackState& state) override;

 private:
  std::shared_ptr<model::LogFile> file_;
  JSONLoggerOptions options_;
};

}  // namespace sinew::callbacks
