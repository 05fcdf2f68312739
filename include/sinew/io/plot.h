#pragma once

#include <string>
#include <vector>

#include "sinew/base/tensor.h"

namespace sinew::io {

/// A line of a chart: values at 1, 2, 3, …
struct Series {
  std::string name;
  std::vector<double> values;
};

struct Panel {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<Series> series;
};

/// Line charts side by side, as a PNG file. Values that are not finite are left out. Throws
/// FileError naming the path.
void plot_curves(const std::string& path, const std::vector<Panel>& panels);

/// A line of text under an image; wrong ones are drawn in red.
struct Caption {
  std::string text;
  bool right = true;
};

/// Images (N, H, W) of Float32 in [0, 1] in rows of `columns`, each with its caption, as a PNG
/// file. Throws ShapeError when there are not as many captions as images.
void plot_image_grid(const std::string& path, const Tensor& images,
                     const std::vector<Caption>& captions, int columns = 8);

}  // namespace sinew::io
