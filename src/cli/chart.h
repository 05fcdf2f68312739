#pragma once

#include <string>
#include <vector>

#include "cli/run_log.h"

namespace sinew::cli {

struct ChartSize {
  int columns = 80;
  /// With the title and the axis: kLeastChartRows or more.
  int rows = 14;
  /// Escape codes for colours; without them validation is told apart by its marks.
  bool colours = false;
};
inline constexpr int kLeastChartRows = 5;

/// A result's curves as lines of text, none wider than asked for: title with the latest values, the
/// curves in braille dots (2 x 4 a character), an axis.
std::vector<std::string> draw_chart(const Curves& curves, const ChartSize& size);

/// The latest values in one line.
std::string describe(const Curves& curves, const ChartSize& size);

}  // namespace sinew::cli
