#include "sinew/io/summary_writer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "io/model_graph.h"
#include "io/png_writer.h"
#include "io/protobuf.h"
#include "io/tf_record.h"
#include "sinew/base/error.h"

namespace sinew::io {
namespace {

// Numbers of fields and enumerations: tensorflow/core/util/event.proto,
// tensorflow/core/framework/{summary,tensor,tensor_shape,types}.proto and
// tensorboard/plugins/hparams/{api,plugin_data}.proto.
constexpr int kFloat = 1;
constexpr int kDouble = 2;
constexpr int kString = 7;
enum DataClass { kNone = 0, kScalar = 1, kTensor = 2, kBlobSequence = 3 };

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// A TensorProto of a dtype and shape, without its elements.
ProtobufMessage tensor_header(int dtype, std::initializer_list<std::int64_t> shape) {
  ProtobufMessage extents;
  for (const std::int64_t extent : shape) extents.message(2, ProtobufMessage().integer(1, extent));
  return ProtobufMessage().integer(1, dtype).message(2, extents);
}

ProtobufMessage string_tensor(const std::vector<std::string>& strings) {
  ProtobufMessage tensor = tensor_header(kString, {static_cast<std::int64_t>(strings.size())});
  for (const std::string& text : strings) tensor.bytes(8, text);
  return tensor;
}

/// A Summary with one value: its tag, the plugin that shows it, and a tensor.
ProtobufMessage summary(const std::string& tag, const char* plugin, const std::string& content,
                        DataClass data_class, const ProtobufMessage& tensor) {
  ProtobufMessage metadata;
  ProtobufMessage plugin_data;
  plugin_data.bytes(1, plugin);
  if (!content.empty()) plugin_data.bytes(2, content);
  metadata.message(1, plugin_data);
  if (data_class != kNone) metadata.integer(4, data_class);
  return ProtobufMessage().message(
      1, ProtobufMessage().bytes(1, tag).message(9, metadata).message(8, tensor));
}

/// Rows of left edge, right edge, count: tensorboard/plugins/histogram/summary_v2.py.
std::vector<std::array<double, 3>> buckets_of(const Tensor& values, int count) {
  std::vector<double> finite;
  finite.reserve(static_cast<std::size_t>(values.numel()));
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    if (const double value = values.at(i); std::isfinite(value)) finite.push_back(value);
  }
  std::vector<std::array<double, 3>> rows(static_cast<std::size_t>(count));
  if (finite.empty()) return rows;
  const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
  const double first = *low, width = (*high - *low) / count;
  for (int i = 0; i < count; ++i) {
    rows[static_cast<std::size_t>(i)] = {first + i * width,
                                         i + 1 == count ? *high : first + (i + 1) * width, 0};
  }
  for (const double value : finite) {
    const int bucket =
        width > 0 ? std::min(count - 1, static_cast<int>((value - first) / width)) : count - 1;
    rows[static_cast<std::size_t>(bucket)][2] += 1;
  }
  return rows;
}

/// As TensorFlow's saturating conversion: [0, 1] in 256 equal parts.
std::uint8_t as_byte(double value) {
  return value > 0 ? static_cast<std::uint8_t>(std::min(255.0, value * 255.5)) : 0;
}

std::vector<std::uint8_t> pixels_of(const Tensor& image) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(image.numel()));
  const bool bytes = image.dtype() == DType::UInt8;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double value = image.at(static_cast<std::int64_t>(i));
    pixels[i] = bytes ? static_cast<std::uint8_t>(value) : as_byte(value);
  }
  return pixels;
}

/// A google.protobuf.Value.
ProtobufMessage as_value(const HParam& value) {
  ProtobufMessage message;
  if (const auto* flag = std::get_if<bool>(&value)) return message.integer(4, *flag ? 1 : 0);
  if (const auto* text = std::get_if<std::string>(&value)) return message.bytes(3, *text);
  return message.real(2, std::get<double>(value));
}

std::string text_of(const HParam& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return fmt::format("{}", std::get<double>(value));
}

/// An HParamsPluginData message as the content of a summary whose tensor is empty.
ProtobufMessage hparams_summary(const char* tag, int field, const ProtobufMessage& info) {
  const ProtobufMessage data = ProtobufMessage().integer(1, 0).message(field, info);
  return summary(tag, "hparams", data.str(), kNone, tensor_header(kFloat, {0}));
}

}  // namespace

/// The file itself: events in TFRecord's frames.
class SummaryWriter::File {
 public:
  explicit File(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
      throw FileError(
          fmt::format("SummaryWriter: folder '{}' cannot be made: {}", folder, error.message()));
    }
    // TensorBoard reads files with "tfevents" in their names, in the order of their names.
    static std::atomic<int> number = 0;
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) std::strcpy(host.data(), "host");
    path = fmt::format("{}/events.out.tfevents.{:010d}.{}.{}.{}.v2", folder,
                       static_cast<std::int64_t>(seconds_since_epoch()), host.data(), ::getpid(),
                       number++);
    file_.reset(std::fopen(path.c_str(), "wb"));
    if (!file_) {
      throw FileError(
          fmt::format("SummaryWriter: '{}' cannot be written: {}", path, std::strerror(errno)));
    }
    put(ProtobufMessage().real(1, seconds_since_epoch()).bytes(3, "brain.Event:2"));
    flush();
  }

  void write(const ProtobufMessage& summary, std::int64_t step) {
    put(ProtobufMessage().real(1, seconds_since_epoch()).integer(2, step).message(5, summary));
    if (std::chrono::steady_clock::now() - flushed_ > std::chrono::seconds(1)) flush();
  }

  void write_graph(const std::string& graph_def, std::int64_t step) {
    put(ProtobufMessage().real(1, seconds_since_epoch()).integer(2, step).bytes(4, graph_def));
  }

  void flush() {
    if (std::fflush(file_.get()) != 0) fail();
    flushed_ = std::chrono::steady_clock::now();
  }

  std::string path;

 private:
  void put(const ProtobufMessage& event) {
    const std::string record = tf_record(event.str());
    if (std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size()) fail();
  }

  [[noreturn]] void fail() const {
    throw FileError(
        fmt::format("SummaryWriter: '{}' cannot be written: {}", path, std::strerror(errno)));
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::chrono::steady_clock::time_point flushed_;
};

SummaryWriter::SummaryWriter(const std::string& folder) : file_(std::make_unique<File>(folder)) {}
SummaryWriter::~SummaryWriter() = default;
SummaryWriter::SummaryWriter(SummaryWriter&&) noexcept = default;
SummaryWriter& SummaryWriter::operator=(SummaryWriter&&) noexcept = default;

void SummaryWriter::scalar(const std::string& tag, double value, std::int64_t step) {
  const ProtobufMessage tensor = tensor_header(kFloat, {}).single(5, static_cast<float>(value));
  file_->write(summary(tag, "scalars", "", kScalar, tensor), step);
}

void SummaryWriter::histogram(const std::string& tag, const Tensor& values, std::int64_t step,
                              int buckets) {
  if (buckets < 1)
    throw ValueError(fmt::format("SummaryWriter: a histogram of {} buckets", buckets));
  const auto rows = buckets_of(values, buckets);
  const std::string_view content(reinterpret_cast<const char*>(rows.data()),
                                 rows.size() * sizeof(rows[0]));
  const ProtobufMessage tensor = tensor_header(kDouble, {buckets, 3}).bytes(4, content);
  file_->write(summary(tag, "histograms", "", kTensor, tensor), step);
}

void SummaryWriter::image(const std::string& tag, const Tensor& images, std::int64_t step,
                          int max_outputs) {
  const Shape& shape = images.shape();
  const bool fits = images.defined() && shape.rank() == 4 && shape[1] > 0 && shape[2] > 0 &&
                    (shape[3] == 1 || shape[3] == 3 || shape[3] == 4);
  if (!fits) {
    throw ShapeError(fmt::format(
        "SummaryWriter: images '{}' have shape {}; (N, H, W, C) with 1, 3 or 4 channels is needed",
        tag, images.defined() ? shape.str() : "undefined"));
  }
  std::vector<std::string> strings = {std::to_string(shape[2]), std::to_string(shape[1])};
  for (std::int64_t i = 0; i < std::min<std::int64_t>(shape[0], max_outputs); ++i) {
    strings.push_back(png_of(pixels_of(images.rows(i, i + 1)).data(), static_cast<int>(shape[1]),
                             static_cast<int>(shape[2]), static_cast<int>(shape[3])));
  }
  file_->write(summary(tag, "images", "", kBlobSequence, string_tensor(strings)), step);
}

void SummaryWriter::text(const std::string& tag, const std::string& text, std::int64_t step) {
  file_->write(summary(tag, "text", "", kTensor, tensor_header(kString, {}).bytes(8, text)), step);
}

void SummaryWriter::graph(const std::string& model_json, std::int64_t step) {
  // What the tab shows at once; and, of version 1, what it shows as the conceptual graph.
  file_->write_graph(graph_def_of(model_json), step);
  file_->write(summary("keras", "graph_keras_model", "1", kNone,
                       tensor_header(kString, {}).bytes(8, model_json)),
               step);
}

void SummaryWriter::hparams(const HParams& values, const std::string& trial) {
  ProtobufMessage start;
  std::string group = trial;
  for (const auto& [name, value] : values) {
    start.message(1, ProtobufMessage().bytes(1, name).message(2, as_value(value)));
    if (trial.empty()) group += name + "=" + text_of(value) + ";";
  }
  start.bytes(4, group).real(5, seconds_since_epoch());
  file_->write(hparams_summary("_hparams_/session_start_info", 3, start), 0);
}

void SummaryWriter::hparams_end(bool success) {
  constexpr int kSuccess = 1, kFailure = 2;
  const ProtobufMessage end =
      ProtobufMessage().integer(1, success ? kSuccess : kFailure).real(2, seconds_since_epoch());
  file_->write(hparams_summary("_hparams_/session_end_info", 4, end), 0);
}

void SummaryWriter::flush() { file_->flush(); }

const std::string& SummaryWriter::path() const { return file_->path; }

}  // namespace sinew::io
