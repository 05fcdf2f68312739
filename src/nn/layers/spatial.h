#pragma once

#include <vector>

#include "nn/layers/layer_support.h"

/// What layers of sequences (N, steps, features), images (N, rows, columns, channels) and volumes
/// (N, depth, rows, columns, channels) have in common: options an axis between the batch and the
/// channels.
namespace sinew::layers {

inline std::vector<std::int64_t> extents(Size1D size) { return {size.steps}; }
inline std::vector<std::int64_t> extents(Size2D size) { return {size.rows, size.columns}; }
inline std::vector<std::int64_t> extents(Size3D size) {
  return {size.depth, size.rows, size.columns};
}

inline std::vector<Border> borders(const Border& border) { return {border}; }
inline std::vector<Border> borders(const Border2D& border) { return {border.rows, border.columns}; }
inline std::vector<Border> borders(const Border3D& border) {
  return {border.depth, border.rows, border.columns};
}

/// The names of the axes of an input with so many spatial ones.
inline const char* axes_of_rank(std::size_t spatial) {
  if (spatial == 1) return "(batch, steps, features)";
  if (spatial == 2) return "(batch, rows, columns, channels)";
  return "(batch, depth, rows, columns, channels)";
}

/// Throws ShapeError unless the input has so many axes between batch and channels.
void expect_spatial(const Layer& layer, const TensorType& input, std::size_t spatial);

/// Zero padding before and after each axis of x for windows of `kernel` cells: "valid" (none),
/// "same", or "causal" (all of it before).
std::vector<std::int64_t> window_padding(const std::string& padding, const Shape& x,
                                         const std::vector<std::int64_t>& kernel,
                                         const std::vector<std::int64_t>& strides,
                                         std::vector<std::int64_t> dilation = {});

/// Puts the name of a padding in lower case, as Keras does; throws ValueError unless it is "valid",
/// "same" or, where it may be, "causal".
void expect_padding(const Layer& layer, std::string& padding, bool causal = false);

/// Throws ShapeError naming both sizes when a "valid" window is larger than the image.
void expect_window_fits(const Layer& layer, const std::string& padding, const Shape& x,
                        const std::vector<std::int64_t>& kernel,
                        std::vector<std::int64_t> dilation = {});

/// Every extent at least 1.
void expect_positive(const Layer& layer, const char* option, const std::vector<std::int64_t>& size);

/// Strides and dilation cannot both be more than 1.
void expect_no_dilated_strides(const Layer& layer, const std::vector<std::int64_t>& strides,
                               const std::vector<std::int64_t>& dilation);

/// Makes a layer of filters.
template <typename Made, typename Size, typename Options>
LayerPtr make_convolution(std::int64_t filters, Size kernel_size, const Options& options) {
  const auto layer = std::make_shared<Made>();
  layer->filters = filters;
  layer->kernel_size = kernel_size;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
