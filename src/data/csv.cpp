#include "sinew/data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <memory>

#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::data {
namespace {

[[noreturn]] void fail(const std::string& path, std::int64_t line, const std::string& what) {
  throw FileError(fmt::format("{}: line {}: {}", path, line, what));
}

/// A field as a number; nothing when it is none. Spaces around it do not count.
std::optional<double> number_of(std::string_view field) {
  while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) field.remove_prefix(1);
  while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
  if (field.empty()) return std::numeric_limits<double>::quiet_NaN();
  // from_chars takes a minus sign, but not a plus sign.
  if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size()) return std::nullopt;
  return value;
}

/// A field as messages show it: not more than fits a line of them, nor what a terminal would obey.
std::string shown(std::string_view field) {
  constexpr std::size_t kLongest = 40;
  std::string text(field.substr(0, kLongest));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return field.size() > kLongest ? text + "..." : text;
}

/// Splits text into rows of fields, without copying fields that are not quoted.
class Rows {
 public:
  Rows(std::string_view text, char separator, const std::string& path)
      : text_(text), separator_(separator), path_(path) {}

  /// The next row that is not empty; false at the end. Fields are valid until the next call.
  bool next(std::vector<std::string_view>& fields) {
    while (at_ < text_.size()) {
      ++line_;
      fields.clear();
      unquoted_.clear();
      read_row(fields);
      if (fields.size() > 1 || !fields[0].empty()) return true;
    }
    return false;
  }
  std::int64_t line() const { return line_; }

 private:
  void read_row(std::vector<std::string_view>& fields) {
    for (;;) {
      fields.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : plain());
      if (at_ >= text_.size()) return;
      const char end = text_[at_++];
      if (end == separator_) continue;
      if (end == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      return;
    }
  }

  std::string_view plain() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' &&
           text_[at_] != '\r')
      ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::string_view quoted() {
    const std::int64_t line = line_;
    std::string field;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) fail(path_, line, "a quoted field is never closed");
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      field += text_[at_];
    }
    ++at_;
    if (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' &&
        text_[at_] != '\r') {
      fail(path_, line_, fmt::format("text follows the closing quote of \"{}\"", shown(field)));
    }
    unquoted_.push_back(std::make_unique<std::string>(std::move(field)));
    return *unquoted_.back();
  }

  std::string_view text_;
  char separator_;
  const std::string& path_;
  std::size_t at_ = 0;
  std::int64_t line_ = 0;
  std::vector<std::unique_ptr<std::string>> unquoted_;
};

std::size_t column_of(const std::string& wanted, const std::vector<std::string>& names,
                      const std::string& path) {
  const auto at = std::find(names.begin(), names.end(), wanted);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  const auto count = static_cast<std::int64_t>(names.size());
  if (number < 0) number += count;
  if (error != std::errc() || end != wanted.data() + wanted.size() || number < 0 ||
      number >= count) {
    throw ValueError(fmt::format("{}: has no column '{}'; its {} columns are {}", path, wanted,
                                 count, fmt::join(names, ", ")));
  }
  return static_cast<std::size_t>(number);
}

/// The label column: numbers as they are, anything else as classes.
void set_labels(CsvTable& table, const std::vector<std::string>& labels) {
  std::vector<float> numbers;
  for (const std::string& label : labels) {
    const std::optional<double> number = number_of(label);
    if (!number) break;
    numbers.push_back(static_cast<float>(*number));
  }
  const auto rows = static_cast<std::int64_t>(labels.size());
  if (numbers.size() == labels.size()) {
    table.y = Tensor::from(numbers, {rows, 1});
    return;
  }
  std::map<std::string, std::int64_t> classes;
  for (const std::string& label : labels) classes.emplace(label, 0);
  for (auto& [name, number] : classes) {
    number = static_cast<std::int64_t>(table.classes.size());
    table.classes.push_back(name);
  }
  table.y = Tensor(Shape{rows}, DType::Int64);
  for (std::size_t i = 0; i < labels.size(); ++i)
    table.y.data<std::int64_t>()[i] = classes.at(labels[i]);
}

}  // namespace

CsvTable parse_csv(std::string_view text, const std::string& path, const CsvOptions& options) {
  // Spreadsheets put a byte order mark before UTF-8.
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Rows rows(text, options.separator, path);
  std::vector<std::string_view> fields;
  if (!rows.next(fields)) throw FileError(fmt::format("{}: is empty", path));
  const bool header = options.header.value_or(
      std::none_of(fields.begin(), fields.end(),
                   [](std::string_view field) { return !field.empty() && number_of(field); }));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < fields.size(); ++i)
    names.push_back(header ? std::string(fields[i]) : std::to_string(i));
  bool more = !header || rows.next(fields);
  if (!more) throw FileError(fmt::format("{}: names its columns, but has no rows", path));

  const std::size_t label = column_of(options.label, names, path);
  std::vector<bool> used(names.size(), true);
  used[label] = false;
  for (const std::string& skip : options.skip) used[column_of(skip, names, path)] = false;
  CsvTable table;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (used[i]) table.columns.push_back(names[i]);
  }
  if (table.columns.empty()) {
    throw ValueError(
        fmt::format("{}: no column but the label '{}' is left to learn from; is '{}' "
                    "the separator?",
                    path, names[label], options.separator));
  }
  std::vector<float> values;
  std::vector<std::string> labels;
  for (; more; more = rows.next(fields)) {
    if (fields.size() != names.size()) {
      fail(path, rows.line(),
           fmt::format("has {} fields, but the first line has {}", fields.size(), names.size()));
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!used[i]) continue;
      const std::optional<double> number = number_of(fields[i]);
      if (!number)
        fail(path, rows.line(),
             fmt::format("column '{}': '{}' is not a number", names[i], shown(fields[i])));
      values.push_back(static_cast<float>(*number));
    }
    if (fields[label].empty())
      fail(path, rows.line(), fmt::format("column '{}', the label, is empty", names[label]));
    labels.emplace_back(fields[label]);
  }
  table.x = Tensor::from(values, {static_cast<std::int64_t>(labels.size()),
                                  static_cast<std::int64_t>(table.columns.size())});
  set_labels(table, labels);
  return table;
}

CsvTable read_csv(const std::string& path, const CsvOptions& options) {
  const std::vector<std::uint8_t> bytes = io::read_file(path);
  return parse_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path, options);
}

}  // namespace sinew::data
