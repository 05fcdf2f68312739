#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinew/base/tensor.h"

namespace sinew::data {

/// What a model must know of the table it was trained on, to be given later ones alike.
struct CsvLayout {
  /// Whether the first line named the columns; otherwise they go by their numbers.
  bool header = false;
  /// The columns learned from, in the order of x.
  std::vector<std::string> columns = {};
  /// The column to learn, and its place in the file, from 0.
  std::string label = {};
  std::int64_t label_column = 0;
  /// The label's texts in the order of their class numbers; empty when labels are numbers.
  std::vector<std::string> classes = {};
};

struct CsvOptions {
  char separator = ',';
  /// Whether the first line names the columns. Default: it does when none of its fields is a
  /// number.
  std::optional<bool> header = {};
  /// The column to learn, by name or by number from 0 (negative counts from the end). Default: the
  /// last, or that of `like`.
  std::string label = "-1";
  /// Columns left out, by name or number: identifiers and the like.
  std::vector<std::string> skip = {};
  /// Another table's layout: its columns are taken, by their names when both tables have a header
  /// (others are passed over) and by their number otherwise, and labels become its class numbers.
  std::optional<CsvLayout> like = {};
  /// Whether a table `like` another must have a label; without it `y` is undefined.
  bool label_needed = true;
};

/// A table of numbers with a column to learn.
struct CsvTable : CsvLayout {
  /// Float32 (rows, features); an empty field is NaN.
  Tensor x = {};
  /// The label column: Float32 (rows, 1) when all of it are numbers, otherwise Int64 (rows,) class
  /// numbers in the sorted order of `classes`, or in the given one.
  Tensor y = {};
  /// Where each row stands in the file: the number of its last line, from 1.
  std::vector<std::int64_t> lines = {};
};

/// Reads a file of comma-separated values (RFC 4180: fields may be quoted, quotes doubled inside),
/// of any length, row by row. Throws FileError naming file, line, column and the text that is
/// wrong: a row of another length, a feature that is not a number, an open quote, a class that
/// `like` does not know.
CsvTable read_csv(const std::string& path, const CsvOptions& options = {});
/// The same from memory.
CsvTable parse_csv(std::string_view text, const std::string& path, const CsvOptions& options = {});

/// A field as such a file holds it: quoted where it must be.
std::string csv_field(std::string_view text);

}  // namespace sinew::data
