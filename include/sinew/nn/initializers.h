#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sinew/base/philox.h"
#include "sinew/base/tensor.h"
#include "sinew/nn/identifier.h"

namespace sinew {

/// How a weight gets its first value: a name ("glorot_uniform", "zeros", …), an identifier with
/// arguments
/// ("TruncatedNormal(stddev=0.02)"), one of the objects in sinew::initializers, or a function that
/// fills a tensor.
class Initializer {
 public:
  /// Draws from the stream for a weight of this shape and floating dtype.
  using Function = std::function<Tensor(const Shape& shape, DType dtype, PhiloxStream& random)>;

  /// Throws ValueError naming the nearest known initializer, or the nearest argument.
  Initializer(const char* identifier) : Initializer(Identifier::parse(identifier, "initializer")) {}
  Initializer(const std::string& identifier)
      : Initializer(Identifier::parse(identifier, "initializer")) {}
  Initializer(Identifier identifier);
  /// An initializer without a name: identifier() throws, so that the layer cannot be saved.
  template <std::invocable<const Shape&, DType, PhiloxStream&> F>
  Initializer(F function) : function_(std::move(function)) {}

  /// The numbers depend on (seed, stream) and the shape only; an argument `seed` of the identifier
  /// replaces `seed`.
  Tensor operator()(const Shape& shape, DType dtype, std::uint64_t seed,
                    std::uint64_t stream) const;
  /// Keras's class name and the arguments, such as `GlorotUniform` or `TruncatedNormal(mean=0.0,
  /// stddev=0.05)`.
  std::string identifier() const;
  /// Whether the numbers are scaled by the weight's inputs and outputs (VarianceScaling and its
  /// kin).
  bool scales_by_fans() const;

 private:
  Function function_;
  Identifier identifier_;
  std::optional<std::uint64_t> seed_;
};

/// Keras's initializers as objects. `seed` fixes the numbers whatever the process-wide seed.
namespace initializers {

struct UniformOptions {
  double minval = -0.05;
  double maxval = 0.05;
  std::optional<std::int64_t> seed = {};
};
struct NormalOptions {
  double mean = 0.0;
  double stddev = 0.05;
  std::optional<std::int64_t> seed = {};
};
struct VarianceScalingOptions {
  double scale = 1.0;
  /// "fan_in", "fan_out" or "fan_avg".
  std::string mode = "fan_in";
  /// "truncated_normal", "untruncated_normal" or "uniform".
  std::string distribution = "truncated_normal";
  /// The axes that count as a unit's inputs and as its outputs; empty for Keras's rule
  /// (compute_fans).
  std::vector<std::int64_t> input_axes = {};
  std::vector<std::int64_t> output_axes = {};
  std::optional<std::int64_t> seed = {};
};
struct OrthogonalOptions {
  double gain = 1.0;
  std::optional<std::int64_t> seed = {};
};

struct STFTOptions {
  /// The cosines ("real") or minus the sines ("imag").
  std::string side = "real";
  /// "hann", "hamming", "blackman", "boxcar" or "none".
  std::string window = "hann";
  /// What the window is divided by: the root of the sum of its squares ("density"), the sum of its
  /// absolute values ("spectrum"), or nothing ("none").
  std::string scaling = "density";
  /// Whether the window repeats after the frame; false for a symmetric one.
  bool periodic = false;
};

Initializer Zeros();
Initializer Ones();
Initializer Constant(double value = 0.0);
/// A matrix with `gain` on its main diagonal and zeros elsewhere.
Initializer Identity(double gain = 1.0);
Initializer RandomUniform(UniformOptions options = {});
Initializer RandomNormal(NormalOptions options = {});
/// Normal, drawn again where it lies more than two standard deviations from the mean.
Initializer TruncatedNormal(NormalOptions options = {});
/// Zero mean, variance scale / fan: He et al. 2015, Glorot and Bengio 2010, LeCun et al. 1998 are
/// special cases.
Initializer VarianceScaling(VarianceScalingOptions options = {});
Initializer GlorotUniform(std::optional<std::int64_t> seed = {});
Initializer GlorotNormal(std::optional<std::int64_t> seed = {});
Initializer HeUniform(std::optional<std::int64_t> seed = {});
Initializer HeNormal(std::optional<std::int64_t> seed = {});
Initializer LecunUniform(std::optional<std::int64_t> seed = {});
Initializer LecunNormal(std::optional<std::int64_t> seed = {});
/// Rows or columns (whichever are fewer) of a matrix that are orthonormal times `gain` (Saxe et al.
/// 2014).
Initializer Orthogonal(OrthogonalOptions options = {});

/// A kernel (frame length, channels, 1 + FFT length / 2) by which a convolution is a short-time
/// Fourier transform.
Initializer STFT(STFTOptions options = {});

/// Inputs and outputs of a unit for a kernel of this shape, as Keras counts them: a convolution's
/// receptive field multiplies its channels.
struct Fans {
  double in;
  double out;
};
Fans compute_fans(const Shape& shape, const std::vector<std::int64_t>& input_axes = {},
                  const std::vector<std::int64_t>& output_axes = {});

}  // namespace initializers

/// Names that Initializer knows, sorted.
std::vector<std::string> initializer_names();

}  // namespace sinew
