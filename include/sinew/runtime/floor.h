#pragma once

#include <cstdint>
#include <vector>

/// How long the vendor's primitives alone would take for a step: what `sinew bench` compares with.
namespace sinew::runtime {

/// One primitive in float32, in the layouts the vendor's library picks itself.
struct Primitive {
  enum class Kind {
    ConvForward,
    ConvBackwardData,
    ConvBackwardWeights,
    MaxPoolForward,
    MaxPoolBackward,
    BatchNormForward,
    BatchNormBackward,
    Matmul,
    LstmForward,
    LstmBackward
  };
  Kind kind;
  /// Convolution: images, rows, columns, channels, filters. Pooling: images, rows, columns,
  /// channels, with a 2 x 2 window. Batch normalisation: images, rows, columns, channels, with the
  /// batch's statistics and relu fused. Matmul: M, K, N. LSTM: steps, rows, features, units.
  std::vector<std::int64_t> extents;
  /// Of a convolution: cells and step of its square window, and whether it is padded so that the
  /// output has ceil(input / stride) cells.
  std::int64_t window = 3;
  std::int64_t stride = 1;
  bool same_padding = false;
};

/// The shortest of many runs of one primitive, in seconds, with the present number of threads. No
/// measurement of a training depends on it. Throws InternalError when the library lacks the
/// primitive.
double measure_primitive(const Primitive& primitive);
double measure_primitives(const std::vector<Primitive>& primitives);

}  // namespace sinew::runtime
