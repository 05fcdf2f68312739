#pragma once

#include <cstdint>
#include <functional>
#include <limits>
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
  /// batch's statistics and relu fused. Matmul: M, K, N, or number of products, M, K, N. LSTM:
  /// steps, rows, features, units.
  std::vector<std::int64_t> extents;
  /// Of a convolution: cells and step of its square window, and whether it is padded so that the
  /// output has ceil(input / stride) cells.
  std::int64_t window = 3;
  std::int64_t stride = 1;
  bool same_padding = false;

  bool operator==(const Primitive&) const = default;
};

/// Times primitives, which are made once for the present number of threads, in as many runs as the
/// caller gives them, so that they can take turns with what they are compared with. No measurement
/// of a training depends on it. Throws InternalError when the library lacks a primitive.
class PrimitiveTimer {
 public:
  explicit PrimitiveTimer(const std::vector<Primitive>& primitives);

  void run(int times);
  /// The shortest runs of all of them so far, added up; infinite before the first.
  double seconds() const;

 private:
  /// Equal primitives are timed once.
  struct Entry {
    Primitive primitive;
    int count = 1;
    std::vector<std::function<double()>> ways = {};
    double seconds = std::numeric_limits<double>::infinity();
  };
  std::vector<Entry> entries_;
};

}  // namespace sinew::runtime
