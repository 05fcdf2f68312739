#include "sinew/base/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace sinew {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  };
  // row[j] is the distance between the part of `a` read so far and b's first j letters.
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (same(a[i], b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, diagonal + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string nearest_name(std::string_view unknown, const std::vector<std::string>& known) {
  const auto nearest =
      std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return edit_distance(unknown, a) < edit_distance(unknown, b);
      });
  return nearest == known.end() ? "" : *nearest;
}

std::string unknown_name_message(std::string_view what, std::string_view unknown,
                                 const std::vector<std::string>& known) {
  if (known.empty()) return fmt::format("unknown {} '{}'", what, unknown);
  return fmt::format("unknown {} '{}': did you mean '{}'? Known: {}", what, unknown,
                     nearest_name(unknown, known), fmt::join(known, ", "));
}

}  // namespace sinew
