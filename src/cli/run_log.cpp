#include "cli/run_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <string_view>

#include "io/json.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view kValidation = "val_";

/// What a folder holds that can be read.
struct Found {
  std::string table;
  std::vector<std::string> events;
};

bool is_table(const fs::path& path) {
  return path.extension() == ".csv" || path.extension() == ".jsonl";
}

Found find_logs(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path, {}};
  Found found;
  // A run of its own, or Keras's train/ and validation/.
  fs::recursive_directory_iterator files(path, fs::directory_options::skip_permission_denied,
                                         error);
  for (const fs::directory_entry& entry : files) {
    if (files.depth() > 1) files.disable_recursion_pending();
    if (!entry.is_regular_file(error)) continue;
    const std::string name = entry.path().filename();
    if (name.find("tfevents") != std::string::npos) found.events.push_back(entry.path());
    if (files.depth() == 0 && is_table(entry.path())) found.table = entry.path();
  }
  if (found.events.empty() && found.table.empty()) {
    throw FileError(fmt::format(
        "{}: holds no log: neither event files of TensorBoard's nor a .csv or .jsonl file", path));
  }
  // In the order in which they were begun.
  std::sort(found.events.begin(), found.events.end());
  return found;
}

/// The lines that have been written to their ends.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;
       text.remove_prefix(end + 1)) {
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  for (std::size_t end; (end = line.find(separator)) != std::string_view::npos;
       line.remove_prefix(end + 1))
    fields.push_back(line.substr(0, end));
  fields.push_back(line);
  return fields;
}

double number_of(std::string_view text, const std::string& where) {
  if (text == "NA") return kMissing;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw FileError(fmt::format("{}: '{}' is no number", where, text));
  return value;
}

using Row = std::vector<std::pair<std::string, double>>;

std::vector<Row> csv_rows(const std::vector<std::string_view>& lines, const std::string& path) {
  constexpr std::string_view kFirst = "epoch";
  if (!lines[0].starts_with(kFirst)) {
    throw FileError(fmt::format("{}: line 1: a log begins with the column 'epoch', not '{}'", path,
                                lines[0].substr(0, 40)));
  }
  const char separator = lines[0].size() > kFirst.size() ? lines[0][kFirst.size()] : ',';
  const std::vector<std::string_view> names = split(lines[0], separator);
  std::vector<Row> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string where = fmt::format("{}: line {}", path, i + 1);
    const std::vector<std::string_view> fields = split(lines[i], separator);
    if (fields.size() != names.size()) {
      throw FileError(
          fmt::format("{}: {} fields, but {} columns", where, fields.size(), names.size()));
    }
    Row& row = rows.emplace_back();
    for (std::size_t k = 0; k < names.size(); ++k)
      row.emplace_back(names[k], number_of(fields[k], where));
  }
  return rows;
}

std::vector<Row> json_rows(const std::vector<std::string_view>& lines, const std::string& path) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string where = fmt::format("{}: line {}", path, i + 1);
    io::Json json;
    try {
      json = io::parse_json(lines[i]);
    } catch (const ValueError& error) {
      throw FileError(fmt::format("{}: {}", where, error.what()));
    }
    if (!json.is_object() || !json.contains("epoch"))
      throw FileError(where + ": no object with the member \"epoch\"");
    Row& row = rows.emplace_back();
    for (const auto& [name, value] : json.items()) {
      if (value.is_number()) row.emplace_back(name, value.get<double>());
      if (value.is_null()) row.emplace_back(name, kMissing);
    }
  }
  return rows;
}

}  // namespace

bool RunLog::update() {
  const Found found = find_logs(path_);
  return found.events.empty() ? read_table(found.table) : read_events(found.events);
}

bool RunLog::read_table(const std::string& file) {
  constexpr std::size_t kLargest = 1 << 28;
  const std::vector<std::uint8_t> bytes = io::read_file(file, kLargest);
  std::string text(bytes.begin(), bytes.end());
  if (text == text_) return false;
  text_ = std::move(text);
  // A training that is resumed cuts its log back.
  curves_.clear();
  const std::vector<std::string_view> lines = lines_of(text_);
  if (lines.empty()) return true;
  const std::vector<Row> rows =
      lines[0].starts_with('{') ? json_rows(lines, file) : csv_rows(lines, file);
  for (const Row& row : rows) {
    double epoch = 0;
    for (const auto& [name, value] : row) {
      if (name == "epoch") epoch = value + 1;
    }
    for (const auto& [name, value] : row) {
      const bool validation = name.starts_with(kValidation);
      if (name != "epoch")
        add(validation ? name.substr(kValidation.size()) : name, validation, {epoch, value});
    }
  }
  sort();
  return true;
}

bool RunLog::read_events(const std::vector<std::string>& files) {
  constexpr std::string_view kEpoch = "epoch_";
  bool changed = false;
  for (const std::string& file : files) {
    std::unique_ptr<io::EventReader>& reader = readers_[file];
    if (!reader) reader = std::make_unique<io::EventReader>(file);
    const bool validation = fs::path(file).parent_path().filename() == "validation";
    for (const io::ScalarEvent& event : reader->read()) {
      changed = true;
      const auto step = static_cast<double>(event.step);
      if (event.tag.starts_with(kEpoch)) {
        add(event.tag.substr(kEpoch.size()), validation, {step + 1, event.value});
      } else if (!event.tag.starts_with("evaluation_")) {
        add(event.tag, validation, {step, event.value});
      }
    }
  }
  sort();
  return changed;
}

void RunLog::add(const std::string& name, bool validation, Point point) {
  auto at = std::find_if(curves_.begin(), curves_.end(),
                         [&](const Curves& curves) { return curves.name == name; });
  if (at == curves_.end()) at = curves_.insert(curves_.end(), {name, {}, {}});
  std::vector<Point>& points = validation ? at->validation : at->training;
  // A run that was resumed wrote some steps twice: what came later holds.
  while (!points.empty() && points.back().x >= point.x) points.pop_back();
  points.push_back(point);
}

void RunLog::sort() {
  const auto place = [](const Curves& curves) {
    return curves.name == "loss" ? 0 : curves.name == "learning_rate" ? 2 : 1;
  };
  std::stable_sort(curves_.begin(), curves_.end(),
                   [&](const Curves& a, const Curves& b) { return place(a) < place(b); });
}

}  // namespace sinew::cli
