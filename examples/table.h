#pragma once

#include <sinew/data/csv.h>

#include <cmath>
#include <string>
#include <vector>

/// Some columns of a table, each shifted and scaled to mean 0 and variance 1, so that one learning
/// rate suits them all.
inline sinew::Tensor standardised(const sinew::data::CsvTable& table,
                                  const std::vector<std::string>& names) {
  const std::int64_t rows = table.x.shape()[0];
  const std::int64_t width = table.x.shape()[1];
  sinew::Tensor result({rows, static_cast<std::int64_t>(names.size())});
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::int64_t column = 0;
    while (table.columns.at(static_cast<std::size_t>(column)) != names[k]) ++column;
    double mean = 0;
    double square = 0;
    for (std::int64_t i = 0; i < rows; ++i) {
      const double value = table.x.at(i * width + column);
      mean += value / static_cast<double>(rows);
      square += value * value / static_cast<double>(rows);
    }
    const double scale = 1.0 / std::sqrt(square - mean * mean);
    for (std::int64_t i = 0; i < rows; ++i) {
      const double value = (table.x.at(i * width + column) - mean) * scale;
      result.data<float>()[static_cast<std::size_t>(i) * names.size() + k] =
          static_cast<float>(value);
    }
  }
  return result;
}
