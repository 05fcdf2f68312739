#include "sinew/data/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "data/csv_columns.h"
#include "data/csv_rows.h"
#include "io/input_file.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

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

/// Numbers as they are; nothing when one of the labels is none.
std::optional<Tensor> numeric_labels(const std::vector<std::string>& labels) {
  std::vector<float> numbers;
  for (const std::string& label : labels) {
    const std::optional<double> number = number_of(label);
    if (!number) return std::nullopt;
    numbers.push_back(static_cast<float>(*number));
  }
  return Tensor::from(numbers, {static_cast<std::int64_t>(labels.size()), 1});
}

/// The label column: numbers as they are, anything else as classes; as the table that it is to be
/// like had it.
void set_labels(CsvTable& table, const std::vector<std::string>& labels, const std::string& path,
                const CsvOptions& options) {
  const bool given = options.like && !options.like->classes.empty();
  if (!given) {
    if (std::optional<Tensor> numbers = numeric_labels(labels)) {
      table.y = *numbers;
      return;
    }
    if (options.like) {
      const auto bad = std::find_if(labels.begin(), labels.end(),
                                    [](const std::string& label) { return !number_of(label); });
      fail_line(path, table.lines[static_cast<std::size_t>(bad - labels.begin())],
                fmt::format("column '{}': '{}' is not a number, but the model learned numbers",
                            table.label, shown_field(*bad)));
    }
    table.classes = labels;
    std::sort(table.classes.begin(), table.classes.end());
    table.classes.erase(std::unique(table.classes.begin(), table.classes.end()),
                        table.classes.end());
  }
  std::map<std::string, std::int64_t> numbers;
  for (const std::string& name : table.classes)
    numbers.emplace(name, static_cast<std::int64_t>(numbers.size()));
  table.y = Tensor(Shape{static_cast<std::int64_t>(labels.size())}, DType::Int64);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto at = numbers.find(labels[i]);
    if (at == numbers.end()) {
      fail_line(path, table.lines[i],
                fmt::format("column '{}': the class '{}' is unknown; the model knows {}",
                            table.label, shown_field(labels[i]), fmt::join(table.classes, ", ")));
    }
    table.y.data<std::int64_t>()[i] = at->second;
  }
}

CsvTable read_table(CsvRows& rows, const std::string& path, const CsvOptions& options) {
  std::vector<std::string_view> fields;
  if (!rows.next(fields)) throw FileError(fmt::format("{}: is empty", path));
  CsvTable table;
  table.header = options.header.value_or(
      std::none_of(fields.begin(), fields.end(),
                   [](std::string_view field) { return !field.empty() && number_of(field); }));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < fields.size(); ++i)
    names.push_back(table.header ? std::string(fields[i]) : std::to_string(i));
  bool more = !table.header || rows.next(fields);
  if (!more) throw FileError(fmt::format("{}: names its columns, but has no rows", path));

  const CsvColumns columns = choose_columns(names, table.header, path, options);
  for (std::size_t i : columns.features) table.columns.push_back(names[i]);
  if (options.like) table.classes = options.like->classes;
  if (columns.label) {
    table.label = names[*columns.label];
    table.label_column = static_cast<std::int64_t>(*columns.label);
  }
  std::vector<float> values;
  std::vector<std::string> labels;
  for (; more; more = rows.next(fields)) {
    if (fields.size() != names.size()) {
      fail_line(
          path, rows.line(),
          fmt::format("has {} fields, but the first line has {}", fields.size(), names.size()));
    }
    for (std::size_t i : columns.features) {
      const std::optional<double> number = number_of(fields[i]);
      if (!number) {
        fail_line(
            path, rows.line(),
            fmt::format("column '{}': '{}' is not a number", names[i], shown_field(fields[i])));
      }
      values.push_back(static_cast<float>(*number));
    }
    table.lines.push_back(rows.line());
    if (!columns.label) continue;
    if (fields[*columns.label].empty())
      fail_line(path, rows.line(), fmt::format("column '{}', the label, is empty", table.label));
    labels.emplace_back(fields[*columns.label]);
  }
  table.x = Tensor::from(values, {static_cast<std::int64_t>(table.lines.size()),
                                  static_cast<std::int64_t>(table.columns.size())});
  if (columns.label) set_labels(table, labels, path, options);
  return table;
}

}  // namespace

CsvTable parse_csv(std::string_view text, const std::string& path, const CsvOptions& options) {
  CsvRows rows(text, options.separator, path);
  return read_table(rows, path, options);
}

CsvTable read_csv(const std::string& path, const CsvOptions& options) {
  const io::InputFile file(path);
  std::uint64_t offset = 0;
  const auto source = [&](std::span<char> to) {
    const std::size_t got =
        file.read_some(offset, {reinterpret_cast<std::uint8_t*>(to.data()), to.size()});
    offset += got;
    return got;
  };
  CsvRows rows(source, options.separator, path);
  try {
    return read_table(rows, path, options);
  } catch (const std::bad_alloc&) {
    throw FileError(fmt::format("{}: has {} bytes, more than memory can hold", path, file.size()));
  }
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (char letter : text) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + '"';
}

}  // namespace sinew::data
