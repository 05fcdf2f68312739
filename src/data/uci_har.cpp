#include "sinew/data/uci_har.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "io/byte_stream.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

constexpr const char* kSignals[] = {"body_acc_x",  "body_acc_y",  "body_acc_z",
                                    "body_gyro_x", "body_gyro_y", "body_gyro_z",
                                    "total_acc_x", "total_acc_y", "total_acc_z"};
constexpr std::int64_t kSteps = 128;
constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

/// A text file, plain or with .gz appended to its name and compressed.
std::string read_text(const std::string& path) {
  std::error_code ignored;
  const std::string name = std::filesystem::exists(path, ignored) ? path : path + ".gz";
  if (!std::filesystem::exists(name, ignored))
    throw FileError(fmt::format("{}[.gz]: cannot be opened", path));
  io::ByteStream stream(name);
  std::string text;
  std::array<std::uint8_t, 1 << 16> piece;
  for (std::size_t got; text.size() <= kMaxBytes && (got = stream.read(piece)) > 0;)
    text.append(reinterpret_cast<const char*>(piece.data()), got);
  if (text.size() > kMaxBytes)
    throw FileError(fmt::format("{}: is larger than {} bytes", name, kMaxBytes));
  return text;
}

/// Lines of numbers separated by spaces; each line must have `width` of them.
std::vector<float> read_numbers(const std::string& path, std::int64_t width) {
  const std::string text = read_text(path);
  std::vector<float> numbers;
  std::int64_t line = 1;
  std::int64_t in_line = 0;
  const char* at = text.data();
  const char* end = at + text.size();
  const auto end_line = [&] {
    if (in_line != 0 && in_line != width) {
      throw FileError(
          fmt::format("{}: line {}: has {} numbers, not {}", path, line, in_line, width));
    }
    in_line = 0;
    ++line;
  };
  while (at < end) {
    if (*at == '\n') end_line();
    if (*at == '\n' || *at == ' ' || *at == '\r') {
      ++at;
      continue;
    }
    float value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    const bool whole = next == end || *next == ' ' || *next == '\n' || *next == '\r';
    if (error != std::errc() || !whole) {
      throw FileError(fmt::format(
          "{}: line {}: '{}' is not a number", path, line,
          std::string_view(at, std::min<std::size_t>(12, static_cast<std::size_t>(end - at)))));
    }
    numbers.push_back(value);
    ++in_line;
    at = next;
  }
  end_line();
  return numbers;
}

std::pair<Tensor, Tensor> load_part(const std::string& folder, const std::string& part) {
  const std::string base = fmt::format("{}/{}/", folder, part);
  const std::vector<float> labels = read_numbers(fmt::format("{}y_{}.txt", base, part), 1);
  const auto rows = static_cast<std::int64_t>(labels.size());
  Tensor x({rows, kSteps, 9});
  Tensor y(Shape{rows}, DType::Int64);
  for (std::size_t signal = 0; signal < 9; ++signal) {
    const std::string path =
        fmt::format("{}Inertial Signals/{}_{}.txt", base, kSignals[signal], part);
    const std::vector<float> values = read_numbers(path, kSteps);
    if (values.size() != labels.size() * kSteps) {
      throw FileError(fmt::format("{}: has {} windows, but there are {} labels", path,
                                  values.size() / kSteps, rows));
    }
    for (std::size_t i = 0; i < values.size(); ++i) x.data<float>()[i * 9 + signal] = values[i];
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    // Also true of NaN and of fractions.
    if (!(labels[i] >= 1 && labels[i] <= 6 && labels[i] == std::floor(labels[i]))) {
      throw FileError(fmt::format("{}y_{}.txt: line {}: activity {}; 1 to 6 are known", base, part,
                                  i + 1, labels[i]));
    }
    y.data<std::int64_t>()[i] = static_cast<std::int64_t>(labels[i]) - 1;
  }
  return {x, y};
}

}  // namespace

bool is_uci_har(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder + "/train/Inertial Signals", ignored);
}

WindowDataset load_uci_har(const std::string& folder) {
  auto [x_train, y_train] = load_part(folder, "train");
  auto [x_test, y_test] = load_part(folder, "test");
  return {x_train, y_train, x_test, y_test};
}

}  // namespace sinew::data
