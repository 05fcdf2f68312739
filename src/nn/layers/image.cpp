#include "nn/layers/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace sinew::layers {

ops::Padding2D window_padding(const std::string& padding, const Shape& x, Size2D kernel,
                              Size2D strides, Size2D dilation) {
  if (padding == "valid") return {0, 0, 0, 0};
  const auto rows = ops::same_padding(x[1], kernel.rows, strides.rows, dilation.rows);
  const auto columns = ops::same_padding(x[2], kernel.columns, strides.columns, dilation.columns);
  return {rows[0], rows[1], columns[0], columns[1]};
}

void expect_padding(const Layer& layer, std::string& padding) {
  std::transform(padding.begin(), padding.end(), padding.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  expect_one_of(layer, "padding", padding, {"valid", "same"});
}

void expect_window_fits(const Layer& layer, const std::string& padding, const Shape& x,
                        Size2D kernel, Size2D dilation) {
  if (padding != "valid") return;
  const Size2D reach = {(kernel.rows - 1) * dilation.rows + 1,
                        (kernel.columns - 1) * dilation.columns + 1};
  const auto too_small = [](std::int64_t image, std::int64_t window) {
    return image != Shape::kUnknown && image < window;
  };
  if (too_small(x[1], reach.rows) || too_small(x[2], reach.columns)) {
    throw ShapeError(fmt::format(
        "{}: a window of {} x {} does not fit into an image of {} x {} (input shape {}). Use "
        "fewer or smaller windows before it, or padding \"same\"",
        layer.where(), reach.rows, reach.columns, x[1], x[2], x.str()));
  }
}

void expect_positive(const Layer& layer, const char* option, Size2D size) {
  const std::int64_t largest = kLargestExtent >> 20;
  if (size.rows > largest || size.columns > largest) {
    throw ValueError(fmt::format("{}: {} is ({}, {}); neither may be more than {}", layer.where(),
                                 option, size.rows, size.columns, largest));
  }
  if (size.rows < 1 || size.columns < 1) {
    throw ValueError(fmt::format("{}: {} is ({}, {}); both must be at least 1", layer.where(),
                                 option, size.rows, size.columns));
  }
}

}  // namespace sinew::layers
