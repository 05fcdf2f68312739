#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinew/base/tensor.h"

namespace sinew::data {

struct CsvOptions {
  char separator = ',';
  /// Whether the first line names the columns. Default: it does when none of its fields is a
  /// number.
  std::optional<bool> header = {};
  /// The column to learn, by name or by number from 0 (negative counts from the end). Default: the
  /// last.
  std::string label = "-1";
  /// Columns left out, by name or number: identifiers and the like.
  std::vector<std::string> skip = {};
};

/// A table of numbers with a column to learn.
struct CsvTable {
  /// Float32 (rows, features); an empty field is NaN.
  Tensor x;
  /// The label column: Float32 (rows, 1) when all of it are numbers, otherwise Int64 (rows,) class
  /// numbers in the sorted order of `classes`.
  Tensor y;
  std::vector<std::string> columns;
  std::vector<std::string> classes;
};

/// Reads a file of comma-separated values (RFC 4180: fields may be quoted, quotes doubled inside).
/// Throws FileError naming file, line, column and the text that is wrong: a row of another length,
/// a feature that is not a number, an open quote.
CsvTable read_csv(const std::string& path, const CsvOptions& options = {});
/// The same from memory.
CsvTable parse_csv(std::string_view text, const std::string& path, const CsvOptions& options = {});

}  // namespace sinew::data
