#include "sinew/model/callbacks/tensorboard.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/model/model.h"

namespace sinew::callbacks {
namespace {

constexpr std::string_view kValidation = "val_";

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::max(1e-9,
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
}

/// The elements of (rows, columns) as (columns, rows).
Tensor transposed(const Tensor& matrix, std::int64_t rows, std::int64_t columns) {
  Tensor result({columns, rows}, DType::Float32);
  const auto to = result.data<float>();
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j)
      to[static_cast<std::size_t>(j * rows + i)] = static_cast<float>(matrix.at(i * columns + j));
  }
  return result;
}

/// A weight as Keras shows it: a bias as a column, a matrix with its shorter axis down, of a kernel
/// of three axes an image a last one's; undefined where that is no image.
Tensor as_images(const Tensor& weight) {
  std::vector<std::int64_t> shape;
  for (int axis = 0; axis < weight.shape().rank(); ++axis) {
    if (weight.shape()[axis] != 1) shape.push_back(weight.shape()[axis]);
  }
  switch (shape.size()) {
    case 0:
      return weight.reshape({1, 1, 1, 1});
    case 1:
      return weight.reshape({1, shape[0], 1, 1});
    case 2: {
      if (shape[0] <= shape[1]) return weight.reshape({1, shape[0], shape[1], 1});
      return transposed(weight, shape[0], shape[1]).reshape({1, shape[1], shape[0], 1});
    }
    case 3:
      return transposed(weight, shape[0] * shape[1], shape[2])
          .reshape({shape[2], shape[0], shape[1], 1});
    case 4: {
      const bool coloured = shape[3] == 3 || shape[3] == 4;
      if (coloured) return weight.reshape({shape[0], shape[1], shape[2], shape[3]});
      return {};
    }
    default:
      return {};
  }
}

std::shared_ptr<io::SummaryWriter> writer_of(const std::string& folder) {
  return std::make_shared<io::SummaryWriter>(folder);
}

}  // namespace

TensorBoard::TensorBoard(std::string log_dir, TensorBoardOptions options)
    : log_dir_(std::move(log_dir)), options_(std::move(options)) {
  if (log_dir_.empty()) throw ValueError("TensorBoard: log_dir is empty: name a folder");
  const auto check = [](const char* name, std::int64_t value, const char* zero) {
    if (value >= 0) return;
    throw ValueError(
        fmt::format("TensorBoard: {} is {}; it is a number, or 0 for {}", name, value, zero));
  };
  check("histogram_freq", options_.histogram_freq, "never");
  check("update_freq", options_.update_freq, "each epoch");
}

io::SummaryWriter& TensorBoard::train_writer() {
  if (!train_) train_ = writer_of(log_dir_ + "/train");
  return *train_;
}

io::SummaryWriter& TensorBoard::validation_writer() {
  if (!validation_) validation_ = writer_of(log_dir_ + "/validation");
  return *validation_;
}

void TensorBoard::on_train_begin() {
  batches_ = 0;
  if (options_.write_graph) write_graph();
  if (!options_.hparams.empty()) train_writer().hparams(options_.hparams);
  train_writer().flush();
}

void TensorBoard::on_train_end(const Logs&) {
  if (!options_.hparams.empty()) train_writer().hparams_end();
  train_writer().flush();
}

void TensorBoard::on_epoch_begin(int) {
  epoch_begin_ = Clock::now();
  epoch_first_batch_ = batches_;
}

void TensorBoard::on_train_batch_begin(int) { batch_begin_ = Clock::now(); }

void TensorBoard::on_train_batch_end(int, const Logs& logs) {
  ++batches_;
  if (options_.update_freq == 0 || batches_ % options_.update_freq != 0) return;
  if (options_.write_steps_per_second)
    train_writer().scalar("batch_steps_per_second", 1 / seconds_since(batch_begin_), batches_);
  for (const auto& [name, value] : logs) train_writer().scalar("batch_" + name, value, batches_);
}

void TensorBoard::on_test_end(const Logs& logs) {
  for (const auto& [name, value] : logs) {
    validation_writer().scalar("evaluation_" + name + "_vs_iterations", value,
                               model().iterations());
  }
  validation_writer().flush();
}

void TensorBoard::on_epoch_end(int epoch, const Logs& logs) {
  Logs training;
  for (const auto& [name, value] : logs) {
    if (name.starts_with(kValidation)) {
      validation_writer().scalar("epoch_" + name.substr(kValidation.size()), value, epoch);
    } else {
      training.set(name, value);
    }
  }
  training.set("learning_rate", model().learning_rate());
  if (options_.write_steps_per_second) {
    training.set("steps_per_second",
                 static_cast<double>(batches_ - epoch_first_batch_) / seconds_since(epoch_begin_));
  }
  for (const auto& [name, value] : training) train_writer().scalar("epoch_" + name, value, epoch);
  if (options_.histogram_freq > 0 && epoch % options_.histogram_freq == 0) write_weights(epoch);
  train_writer().flush();
  if (validation_) validation_->flush();
}

void TensorBoard::write_graph() {
  std::string json;
  try {
    json = model().to_json();
  } catch (const ValueError& error) {
    // As Keras: pictures must not end a training.
    logger().warn("TensorBoard: the graph is left out: {}", error.what());
    return;
  }
  train_writer().graph(json);
}

void TensorBoard::write_weights(int epoch) {
  for (const model::NamedWeight& weight : model::named_weights(*model().state())) {
    const Tensor value = weight.variable->value();
    train_writer().histogram(weight.name + "/histogram", value, epoch);
    if (!options_.write_images) continue;
    if (const Tensor images = as_images(value); images.defined())
      train_writer().image(weight.name + "/image", images, epoch);
  }
}

CallbackState TensorBoard::state() const {
  return {{{"batches", static_cast<double>(batches_)}}, {}};
}

void TensorBoard::set_state(const CallbackState& state) {
  batches_ = static_cast<std::int64_t>(state.numbers.at("batches"));
  epoch_first_batch_ = batches_;
  epoch_begin_ = Clock::now();
}

}  // namespace sinew::callbacks
