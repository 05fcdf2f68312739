#include "nn/layers/spatial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sinew/ops/conv.h"

namespace sinew::layers {

void expect_spatial(const Layer& layer, const TensorType& input, std::size_t spatial) {
  const int rank = static_cast<int>(spatial) + 2;
  if (input.shape.rank() == rank) return;
  throw ShapeError(fmt::format("{}: input has shape {}, but the layer takes {} axes {}",
                               layer.where(), input.shape.str(), rank, axes_of_rank(spatial)));
}

std::vector<std::int64_t> window_padding(const std::string& padding, const Shape& x,
                                         const std::vector<std::int64_t>& kernel,
                                         const std::vector<std::int64_t>& strides,
                                         std::vector<std::int64_t> dilation) {
  if (padding == "valid") return {};
  dilation.resize(kernel.size(), 1);
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    if (padding == "causal") {
      result.insert(result.end(), {(kernel[i] - 1) * dilation[i], 0});
    } else {
      const auto [before, after] =
          ops::same_padding(x[static_cast<int>(i) + 1], kernel[i], strides[i], dilation[i]);
      result.insert(result.end(), {before, after});
    }
  }
  return result;
}

void expect_padding(const Layer& layer, std::string& padding, bool causal) {
  std::transform(padding.begin(), padding.end(), padding.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  std::vector<std::string> known{"valid", "same"};
  if (causal) known.emplace_back("causal");
  expect_one_of(layer, "padding", padding, known);
}

void expect_window_fits(const Layer& layer, const std::string& padding, const Shape& x,
                        const std::vector<std::int64_t>& kernel,
                        std::vector<std::int64_t> dilation) {
  if (padding != "valid") return;
  dilation.resize(kernel.size(), 1);
  std::vector<std::int64_t> window, cells;
  bool fits = true;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    window.push_back((kernel[i] - 1) * dilation[i] + 1);
    cells.push_back(x[static_cast<int>(i) + 1]);
    fits = fits && (cells[i] == Shape::kUnknown || cells[i] >= window[i]);
  }
  if (fits) return;
  constexpr const char* kNames[] = {"a sequence", "an image", "a volume"};
  throw ShapeError(fmt::format(
      "{}: a window of {} does not fit into {} of {} (input shape {}). Use fewer or smaller "
      "windows before it, or padding \"same\"",
      layer.where(), fmt::join(window, " x "), kNames[kernel.size() - 1], fmt::join(cells, " x "),
      x.str()));
}

void expect_positive(const Layer& layer, const char* option,
                     const std::vector<std::int64_t>& size) {
  constexpr const char* kAll[] = {"it", "both", "all"};
  constexpr const char* kNone[] = {"it may not be", "neither may be", "none may be"};
  const std::int64_t largest = kLargestExtent >> 20;
  const std::string given =
      size.size() == 1 ? std::to_string(size[0]) : fmt::format("({})", fmt::join(size, ", "));
  if (*std::max_element(size.begin(), size.end()) > largest) {
    throw ValueError(fmt::format("{}: {} is {}; {} more than {}", layer.where(), option, given,
                                 kNone[size.size() - 1], largest));
  }
  if (*std::min_element(size.begin(), size.end()) < 1) {
    throw ValueError(fmt::format("{}: {} is {}; {} must be at least 1", layer.where(), option,
                                 given, kAll[size.size() - 1]));
  }
}

void expect_no_dilated_strides(const Layer& layer, const std::vector<std::int64_t>& strides,
                               const std::vector<std::int64_t>& dilation) {
  const auto above_one = [](std::int64_t extent) { return extent > 1; };
  if (std::any_of(strides.begin(), strides.end(), above_one) &&
      std::any_of(dilation.begin(), dilation.end(), above_one)) {
    throw ValueError(layer.where() + ": strides and dilation_rate cannot both be more than 1");
  }
}

}  // namespace sinew::layers
