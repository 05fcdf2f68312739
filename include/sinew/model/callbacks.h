#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sinew/base/tensor.h"
#include "sinew/model/callback.h"
#include "sinew/model/callbacks/backup_and_restore.h"
#include "sinew/model/callbacks/loggers.h"
#include "sinew/model/callbacks/tensorboard.h"

namespace sinew {
class Optimizer;
}

/// Keras 3's callbacks, with its arguments and defaults.
namespace sinew::callbacks {

/// Whether a monitored result is better when smaller ("min") or larger ("max"); "auto" decides by
/// its name.
class Monitor {
 public:
  /// Throws ValueError naming `callback` when the mode is unknown, or "auto" and the name tells
  /// nothing.
  Monitor(const std::string& callback, std::string name, const std::string& mode,
          double min_delta = 0);
  const std::string& name() const { return name_; }
  bool improves(double value, double reference) const;
  /// The value that anything improves on.
  double worst() const;
  /// The monitored value, or null after a warning that it is not among the results.
  const double* find(const Logs& logs) const;

 private:
  std::string callback_;
  std::string name_;
  bool larger_is_better_;
  double min_delta_;
};

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;
  int patience = 0;
  int verbose = 0;
  std::string mode = "auto";
  std::optional<double> baseline = {};
  bool restore_best_weights = false;
  int start_from_epoch = 0;
};

/// Stops training when the monitored result has not improved by min_delta for `patience` epochs.
class EarlyStopping : public Callback {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options = {});
  void on_train_begin() override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  void on_train_end(const Logs& logs) override;
  CallbackState state() const override;
  void set_state(const CallbackState& state) override;

  double best() const { return best_; }
  int best_epoch() const { return best_epoch_; }
  /// The epoch at whose end training was stopped, 0 when it was not.
  int stopped_epoch() const { return stopped_epoch_; }

 private:
  EarlyStoppingOptions options_;
  Monitor monitor_;
  double best_ = 0;
  int best_epoch_ = 0;
  int wait_ = 0;
  int stopped_epoch_ = 0;
  std::vector<Tensor> best_weights_;
};

struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  int verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;
  std::string mode = "auto";
  /// Save after so many batches; 0: at the end of each epoch.
  std::int64_t save_freq = 0;
  /// With save_best_only: save only what is better than this.
  std::optional<double> initial_value_threshold = {};
};

/// Saves the model or its weights. `filepath` may hold {epoch} (from 1), {batch} and any result,
/// with a format: "model-{epoch:02d}-{val_loss:.2f}.safetensors". Folders are made.
class ModelCheckpoint : public Callback {
 public:
  explicit ModelCheckpoint(std::string filepath, ModelCheckpointOptions options = {});
  /// Throws ValueError when no file can hold the model or the name cannot be filled in, FileError
  /// when there can be no such file.
  void on_train_begin() override;
  void on_epoch_begin(int epoch) override;
  void on_train_batch_end(int batch, const Logs& logs) override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  CallbackState state() const override;
  void set_state(const CallbackState& state) override;

  double best() const { return best_; }

 private:
  void save(int batch, const Logs& logs);
  std::string path(int batch, const Logs& logs) const;

  std::string filepath_;
  ModelCheckpointOptions options_;
  std::optional<Monitor> monitor_;
  double best_ = 0;
  int epoch_ = 0;
  std::int64_t batches_ = 0;
};

/// Ends training after a batch whose loss is NaN or infinite.
class TerminateOnNaN : public Callback {
 public:
  void on_train_batch_end(int batch, const Logs& logs) override;
};

/// Sets the learning rate at the beginning of each epoch to schedule(epoch, current rate). It is
/// among the epoch's results, "learning_rate".
class LearningRateScheduler : public Callback {
 public:
  using Schedule = std::function<double(int epoch, double learning_rate)>;
  explicit LearningRateScheduler(Schedule schedule, int verbose = 0);
  void on_epoch_begin(int epoch) override;
  void add_results(Logs& logs) override;

 private:
  Schedule schedule_;
  int verbose_;
};

struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  /// Below 1.
  double factor = 0.1;
  int patience = 10;
  int verbose = 0;
  std::string mode = "auto";
  double min_delta = 1e-4;
  /// Epochs after a reduction in which none is counted.
  int cooldown = 0;
  double min_lr = 0;
};

/// Multiplies the learning rate by `factor` when the monitored result has not improved by min_delta
/// for `patience` epochs. The rate is among the epoch's results, "learning_rate".
class ReduceLROnPlateau : public Callback {
 public:
  /// Throws ValueError for a factor of 1 or more.
  explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {});
  void on_train_begin() override;
  void add_results(Logs& logs) override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  CallbackState state() const override;
  void set_state(const CallbackState& state) override;

 private:
  void reduce(int epoch);

  ReduceLROnPlateauOptions options_;
  Monitor monitor_;
  double best_ = 0;
  int wait_ = 0;
  int cooldown_ = 0;
};

/// Evaluates and predicts with the moving averages of the weights that an optimizer with use_ema
/// keeps: puts them into the model before and takes them out again afterwards.
class SwapEMAWeights : public Callback {
 public:
  /// With swap_on_epoch they are in the model at the end of each epoch as well, for callbacks that
  /// come after this one, such as ModelCheckpoint.
  explicit SwapEMAWeights(bool swap_on_epoch = false);
  void on_epoch_begin(int epoch) override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  void on_test_begin() override;
  void on_test_end(const Logs& logs) override;
  void on_predict_begin() override;
  void on_predict_end() override;
  CallbackState state() const override;
  void set_state(const CallbackState& state) override;

 private:
  Optimizer& optimizer() const;
  /// Throws ValueError when the model's optimizer keeps no averages.
  void put_averages(bool into_model);

  bool swap_on_epoch_;
};

struct LambdaCallbackOptions {
  std::function<void(int epoch)> on_epoch_begin = {};
  std::function<void(int epoch, const Logs& logs)> on_epoch_end = {};
  std::function<void()> on_train_begin = {};
  std::function<void(const Logs& logs)> on_train_end = {};
  std::function<void(int batch)> on_train_batch_begin = {};
  std::function<void(int batch, const Logs& logs)> on_train_batch_end = {};
};

/// Calls the given functions.
class LambdaCallback : public Callback {
 public:
  explicit LambdaCallback(LambdaCallbackOptions options);
  void on_epoch_begin(int epoch) override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  void on_train_begin() override;
  void on_train_end(const Logs& logs) override;
  void on_train_batch_begin(int batch) override;
  void on_train_batch_end(int batch, const Logs& logs) override;

 private:
  LambdaCallbackOptions options_;
};

}  // namespace sinew::callbacks
