#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "sinew/io/summary_writer.h"
#include "sinew/model/callback.h"

namespace sinew::callbacks {

struct TensorBoardOptions {
  /// Weights' distributions every so many epochs; 0: never.
  int histogram_freq = 0;
  /// The model's layers, in the tab for graphs.
  bool write_graph = true;
  /// Weights as images too, when their distributions are written.
  bool write_images = false;
  bool write_steps_per_second = false;
  /// Results after every so many batches too; 0: at the end of each epoch alone.
  std::int64_t update_freq = 0;
  /// Beyond Keras: what the tab for hyper-parameters shows of this run. Empty: nothing.
  io::HParams hparams = {};
};

/// Writes event files for TensorBoard, in Keras's layout: LOG_DIR/train and LOG_DIR/validation with
/// scalars epoch_loss, epoch_accuracy, …, epoch_learning_rate, with update_freq also batch_loss, …,
/// and evaluation_loss_vs_iterations. What a hook of the user's is to add, images or texts, it
/// writes through train_writer().
class TensorBoard : public Callback {
 public:
  /// Throws ValueError for an empty folder or negative frequencies.
  explicit TensorBoard(std::string log_dir = "logs", TensorBoardOptions options = {});
  /// Throws FileError naming the folder that cannot be written.
  void on_train_begin() override;
  void on_train_end(const Logs& logs) override;
  void on_epoch_begin(int epoch) override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  void on_train_batch_begin(int batch) override;
  void on_train_batch_end(int batch, const Logs& logs) override;
  void on_test_end(const Logs& logs) override;
  CallbackState state() const override;
  void set_state(const CallbackState& state) override;

  /// Of LOG_DIR/train and LOG_DIR/validation; they are opened by the first call.
  io::SummaryWriter& train_writer();
  io::SummaryWriter& validation_writer();

 private:
  using Clock = std::chrono::steady_clock;
  void write_graph();
  void write_weights(int epoch);

  std::string log_dir_;
  TensorBoardOptions options_;
  std::shared_ptr<io::SummaryWriter> train_;
  std::shared_ptr<io::SummaryWriter> validation_;
  /// Training batches so far.
  std::int64_t batches_ = 0;
  std::int64_t epoch_first_batch_ = 0;
  Clock::time_point epoch_begin_;
  Clock::time_point batch_begin_;
};

}  // namespace sinew::callbacks
