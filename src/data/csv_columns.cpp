#include "data/csv_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "sinew/base/error.h"

namespace sinew::data {
namespace {

using Names = std::vector<std::string>;

std::size_t column_of(const std::string& wanted, const Names& names, const std::string& path) {
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

/// A table to learn from: all columns but the label and those left out.
CsvColumns first_columns(const Names& names, const std::string& path, const CsvOptions& options) {
  CsvColumns result;
  result.label = column_of(options.label, names, path);
  std::vector<bool> used(names.size(), true);
  used[*result.label] = false;
  for (const std::string& skip : options.skip) used[column_of(skip, names, path)] = false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (used[i]) result.features.push_back(i);
  }
  if (result.features.empty()) {
    throw ValueError(
        fmt::format("{}: no column but the label '{}' is left to learn from; is '{}' "
                    "the separator?",
                    path, names[*result.label], options.separator));
  }
  return result;
}

/// The columns in their order in the file, the label (if it is there) at its place.
CsvColumns by_number(std::size_t count, bool labelled, std::size_t label) {
  CsvColumns result;
  if (labelled) result.label = label;
  for (std::size_t i = 0; i < count; ++i) {
    if (!labelled || i != label) result.features.push_back(i);
  }
  return result;
}

CsvColumns by_name(const Names& names, const std::string& label, const std::string& path,
                   const CsvOptions& options) {
  CsvColumns result;
  for (const std::string& column : options.like->columns) {
    const auto count = std::count(names.begin(), names.end(), column);
    if (count != 1) {
      throw FileError(
          fmt::format("{}: has {} column '{}', which the model learned from; its "
                      "columns are {}",
                      path, count == 0 ? "no" : "more than one", column, fmt::join(names, ", ")));
    }
    result.features.push_back(
        static_cast<std::size_t>(std::find(names.begin(), names.end(), column) - names.begin()));
  }
  const auto at = std::find(names.begin(), names.end(), label);
  if (at != names.end()) result.label = static_cast<std::size_t>(at - names.begin());
  return result;
}

CsvColumns columns_like(const Names& names, bool header, const std::string& path,
                        const CsvOptions& options) {
  const CsvLayout& like = *options.like;
  const bool own_label = options.label != CsvOptions().label;
  const std::string label = own_label ? options.label : like.label;
  CsvColumns result;
  Names whole = like.columns;
  const auto place = static_cast<std::size_t>(
      std::clamp<std::int64_t>(like.label_column, 0, static_cast<std::int64_t>(whole.size())));
  whole.insert(whole.begin() + static_cast<std::ptrdiff_t>(place), like.label);
  const bool same = !own_label && (names == whole || names == like.columns);
  if (header && like.header && !same) {
    result = by_name(names, label, path, options);
  } else if (names.size() == like.columns.size()) {
    result = by_number(names.size(), false, 0);
  } else if (names.size() == whole.size()) {
    result = by_number(names.size(), true, own_label ? column_of(label, names, path) : place);
  } else {
    throw FileError(fmt::format(
        "{}: has {} columns, but the model learned from {} ({}) "
        "and the label '{}'",
        path, names.size(), like.columns.size(), fmt::join(like.columns, ", "), like.label));
  }
  if (options.label_needed && !result.label) {
    throw FileError(fmt::format("{}: has no column '{}', the label; its columns are {}", path,
                                label, fmt::join(names, ", ")));
  }
  return result;
}

}  // namespace

CsvColumns choose_columns(const Names& names, bool header, const std::string& path,
                          const CsvOptions& options) {
  return options.like ? columns_like(names, header, path, options)
                      : first_columns(names, path, options);
}

}  // namespace sinew::data
