#include "cli/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace sinew::cli {
namespace {

constexpr const char* kTrainingColour = "\033[36m";
constexpr const char* kValidationColour = "\033[33m";
constexpr const char* kPlain = "\033[0m";

/// Dots in characters of 2 x 4, as Unicode's braille patterns count them.
class Dots {
 public:
  Dots(int columns, int rows)
      : columns_(columns),
        cells_(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows)) {}

  void set(int x, int y) {
    static constexpr std::uint8_t kBits[4][2] = {{1, 8}, {2, 16}, {4, 32}, {64, 128}};
    cells_[cell(x / 2, y / 4)] |= kBits[y % 4][x % 2];
  }
  /// A straight line (Bresenham 1965, by steps along its longer side).
  void line(int x0, int y0, int x1, int y1) {
    const int steps = std::max({std::abs(x1 - x0), std::abs(y1 - y0), 1});
    for (int i = 0; i <= steps; ++i) {
      const double share = static_cast<double>(i) / steps;
      set(static_cast<int>(std::lround(x0 + share * (x1 - x0))),
          static_cast<int>(std::lround(y0 + share * (y1 - y0))));
    }
  }
  std::uint8_t at(int column, int row) const { return cells_[cell(column, row)]; }

 private:
  std::size_t cell(int column, int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(column);
  }
  int columns_;
  std::vector<std::uint8_t> cells_;
};

/// U+2800 and the dots, in UTF-8.
std::string braille(std::uint8_t dots) {
  return {'\xe2', static_cast<char>(0xa0 | dots >> 6), static_cast<char>(0x80 | (dots & 0x3f))};
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void take(double value) {
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  }
  void widen() {
    if (!(low <= high)) low = 0, high = 1;
    if (low == high) high = low + (low == 0 ? 1 : std::abs(low) * 0.1);
  }
  double share(double value) const { return (value - low) / (high - low); }
};

Dots dots_of(const std::vector<Point>& points, const Range& x, const Range& y, int columns,
             int rows) {
  Dots dots(columns, rows);
  const auto place_x = [&](const Point& point) {
    return static_cast<int>(std::lround(x.share(point.x) * (2 * columns - 1)));
  };
  const auto place_y = [&](const Point& point) {
    return static_cast<int>(std::lround((1 - y.share(point.y)) * (4 * rows - 1)));
  };
  const Point* last = nullptr;
  for (const Point& point : points) {
    const bool drawn = std::isfinite(point.y);
    if (drawn && last) dots.line(place_x(*last), place_y(*last), place_x(point), place_y(point));
    if (drawn) dots.set(place_x(point), place_y(point));
    last = drawn ? &point : nullptr;
  }
  return dots;
}

/// One character of the plot and its colour.
std::string cell_of(std::uint8_t training, std::uint8_t validation, bool colours) {
  if (!colours) return validation ? "×" : training ? braille(training) : " ";
  if (!training && !validation) return " ";
  return fmt::format("{}{}{}", validation ? kValidationColour : kTrainingColour,
                     braille(training | validation), kPlain);
}

std::string label_of(double value) { return fmt::format("{:.4g}", value); }

/// Of characters, not of bytes: those that continue a character begin with binary 10.
int columns_of(const std::string& text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

std::string clipped(std::string text, int columns) {
  while (!text.empty() && columns_of(text) > columns) {
    while ((text.back() & 0xc0) == 0x80) text.pop_back();
    text.pop_back();
  }
  return text;
}

double latest(const std::vector<Point>& points) {
  return points.empty() ? std::numeric_limits<double>::quiet_NaN() : points.back().y;
}

}  // namespace

std::string describe(const Curves& curves, const ChartSize& size) {
  // Cut to the width before colours are put in, which take no columns.
  int left = size.columns;
  std::string text;
  const auto add = [&](const std::string& piece, const char* colour) {
    const std::string fitting = clipped(piece, left);
    left -= columns_of(fitting);
    text += size.colours && *colour ? colour + fitting + kPlain : fitting;
  };
  add(curves.name, "\033[1m");
  if (!curves.training.empty())
    add(fmt::format("  training {}", label_of(latest(curves.training))), kTrainingColour);
  if (!curves.validation.empty()) {
    add(fmt::format("  {}validation {}", size.colours ? "" : "× ",
                    label_of(latest(curves.validation))),
        kValidationColour);
  }
  return text;
}

std::vector<std::string> draw_chart(const Curves& curves, const ChartSize& size) {
  Range x, y;
  for (const std::vector<Point>* points : {&curves.training, &curves.validation}) {
    for (const Point& point : *points) x.take(point.x), y.take(point.y);
  }
  x.widen();
  y.widen();
  const std::string high = label_of(y.high), low = label_of(y.low);
  // A very narrow terminal has room for the curves alone.
  int margin = static_cast<int>(std::max(high.size(), low.size())) + 2;
  if (margin > size.columns / 2) margin = 0;
  const int columns = std::max(1, size.columns - margin);
  const int rows = std::max(1, size.rows - 3);
  const Dots training = dots_of(curves.training, x, y, columns, rows);
  const Dots validation = dots_of(curves.validation, x, y, columns, rows);

  std::vector<std::string> lines = {describe(curves, size)};
  for (int row = 0; row < rows; ++row) {
    std::string line;
    if (margin > 0) {
      const std::string label = row == 0 ? high : row == rows - 1 ? low : "";
      line = fmt::format("{:>{}} {}", label, margin - 2, label.empty() ? "│" : "┤");
    }
    for (int column = 0; column < columns; ++column)
      line += cell_of(training.at(column, row), validation.at(column, row), size.colours);
    lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
  }
  std::string axis = margin > 0 ? fmt::format("{:>{}}", "└", margin) : "";
  for (int column = 0; column < columns; ++column) axis += "─";
  lines.push_back(axis);
  const std::string first = label_of(x.low), last = label_of(x.high);
  const int gap = columns - static_cast<int>(first.size() + last.size());
  lines.push_back(fmt::format(
      "{:{}}{}", "", margin,
      gap < 1 ? clipped(last, columns) : fmt::format("{}{:{}}{}", first, "", gap, last)));
  return lines;
}

}  // namespace sinew::cli
