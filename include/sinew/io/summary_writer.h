#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "sinew/base/tensor.h"

namespace sinew::io {

/// A hyper-parameter's value. A list of them: {{"units", 128.0}, {"optimizer", "adam"}}.
using HParam = std::variant<bool, double, std::string>;
using HParams = std::map<std::string, HParam>;

/// Writes an event file for TensorBoard, as TensorFlow 2's tf.summary does: `tensorboard --logdir`
/// shows it in the tabs for scalars, histograms, images, text, graphs and hyper-parameters. Tags
/// with slashes are grouped by their first part. Not to be used by two threads at once.
class SummaryWriter {
 public:
  /// Makes the folder, a run of TensorBoard's, and a new file in it. Throws FileError naming what
  /// cannot be made.
  explicit SummaryWriter(const std::string& folder);
  ~SummaryWriter();
  SummaryWriter(SummaryWriter&&) noexcept;
  SummaryWriter& operator=(SummaryWriter&&) noexcept;

  /// Kept as float32, as TensorFlow does.
  void scalar(const std::string& tag, double value, std::int64_t step);
  /// How often values lie in each of `buckets` equal parts of their range. What is not finite is
  /// left out.
  void histogram(const std::string& tag, const Tensor& values, std::int64_t step, int buckets = 30);
  /// Images (N, H, W, C) with 1, 3 or 4 channels, of which the first `max_outputs` are kept: UInt8,
  /// or numbers in [0, 1], beyond which they are cut off. Throws ShapeError.
  void image(const std::string& tag, const Tensor& images, std::int64_t step, int max_outputs = 3);
  /// Markdown.
  void text(const std::string& tag, const std::string& text, std::int64_t step);
  /// A model's layers, from Model::to_json(), in the tab for graphs: as its graph, and as its
  /// conceptual graph (tag "keras"). Throws ValueError for other JSON.
  void graph(const std::string& model_json, std::int64_t step = 0);
  /// The hyper-parameters of the trial whose results lie in this folder and those in it. Trials are
  /// told apart by the folders; those of one `trial` name count as repetitions of one, by default
  /// those with equal hyper-parameters.
  void hparams(const HParams& values, const std::string& trial = {});
  /// The trial is over.
  void hparams_end(bool success = true);

  /// What has been written so far can be read; else it happens once a second, and at the end.
  /// Throws FileError when the file cannot be written.
  void flush();
  const std::string& path() const;

 private:
  class File;
  std::unique_ptr<File> file_;
};

}  // namespace sinew::io
