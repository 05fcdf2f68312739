#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sinew/base/tensor.h"

namespace sinew::io {

/// A line of a chart.
struct Series {
  std::string name;
  std::vector<double> values;
  /// Where the values stand; empty: at 1, 2, 3, …
  std::vector<double> x = {};
};

struct Panel {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<Series> series;
  /// Powers of ten at equal distances: places must be above 0.
  bool log_x = false;
  /// A place to be marked by a line.
  std::optional<double> marked = {};
};

/// Line charts side by side, as an SVG file where the path ends in .svg, otherwise PNG. Values that
/// are not finite are left out. Throws FileError naming the path.
void plot_curves(const std::string& path, const std::vector<Panel>& panels);

/// A line of text under an image; wrong ones are drawn in red.
struct Caption {
  std::string text;
  bool right = true;
};

/// Images (N, H, W) of Float32 in [0, 1] in rows of `columns`, each with its caption, as a PNG
/// or SVG file. Throws ShapeError when there are not as many captions as images.
void plot_image_grid(const std::string& path, const Tensor& images,
                     const std::vector<Caption>& captions, int columns = 8);

}  // namespace sinew::io
