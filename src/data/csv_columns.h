#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sinew/data/csv.h"

namespace sinew::data {

/// Which of a file's columns are what.
struct CsvColumns {
  std::vector<std::size_t> features;
  std::optional<std::size_t> label;
};

/// `names` are those of the file's columns, or their numbers when it has no header. Throws
/// FileError or ValueError naming the file, the column and those there are.
CsvColumns choose_columns(const std::vector<std::string>& names, bool header,
                          const std::string& path, const CsvOptions& options);

}  // namespace sinew::data
