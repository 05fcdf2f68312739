#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "nn/orthogonal.h"
#include "nn/stft_kernel.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/nn/initializers.h"

/// The initializers' formulas: each is a struct of its arguments (listed by `fields`) that fills a
/// tensor when called.
namespace sinew::initializers {

/// A tensor of `dtype` whose elements, in order, are next(): numbers are drawn as doubles and
/// rounded once.
template <typename Next>
Tensor fill(const Shape& shape, DType dtype, const Next& next) {
  if (!is_floating(dtype)) {
    throw DTypeError(fmt::format("an initializer fills floating weights, not {}", name_of(dtype)));
  }
  Tensor result(shape, dtype);
  dispatch(dtype, [&](auto type) {
    using T = decltype(type);
    for (T& element : result.data<T>()) element = static_cast<T>(next());
  });
  return result;
}

/// Standard normal within two standard deviations.
inline double truncated_normal(PhiloxStream& random) {
  for (;;) {
    const double drawn = random.normal();
    if (std::abs(drawn) <= 2.0) return drawn;
  }
}

struct ConstantFill {
  double value = 0.0;
  static void fields(auto& self, auto& visit) { visit("value", self.value); }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream&) const {
    return fill(shape, dtype, [&] { return value; });
  }
};

template <int value>
struct Always {
  static void fields(auto&, auto&) {}
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream&) const {
    return fill(shape, dtype, [] { return double{value}; });
  }
};

struct IdentityFill {
  double gain = 1.0;
  static void fields(auto& self, auto& visit) { visit("gain", self.gain); }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream&) const {
    if (shape.rank() != 2) {
      throw ShapeError(
          fmt::format("initializer Identity makes matrices; the weight has shape {}", shape.str()));
    }
    std::int64_t at = 0;
    return fill(shape, dtype, [&] {
      const bool diagonal = at / shape[1] == at % shape[1];
      ++at;
      return diagonal ? gain : 0.0;
    });
  }
};

struct UniformFill : UniformOptions {
  static void fields(auto& self, auto& visit) {
    visit("minval", self.minval);
    visit("maxval", self.maxval);
    visit("seed", self.seed);
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    return fill(shape, dtype, [&] { return minval + (maxval - minval) * random.uniform(); });
  }
};

template <bool truncated>
struct NormalFill : NormalOptions {
  static void fields(auto& self, auto& visit) {
    visit("mean", self.mean);
    visit("stddev", self.stddev);
    visit("seed", self.seed);
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    return fill(shape, dtype, [&] {
      return mean + stddev * (truncated ? truncated_normal(random) : random.normal());
    });
  }
};

/// Zero mean and variance scale / fan.
inline Tensor scaled(const VarianceScalingOptions& options, const Shape& shape, DType dtype,
                     PhiloxStream& random) {
  const Fans fans = compute_fans(shape, options.input_axes, options.output_axes);
  const double fan = options.mode == "fan_in"    ? fans.in
                     : options.mode == "fan_out" ? fans.out
                                                 : (fans.in + fans.out) / 2.0;
  const double variance = options.scale / std::max(1.0, fan);
  if (options.distribution == "uniform") {
    const double limit = std::sqrt(3.0 * variance);
    return fill(shape, dtype, [&] { return limit * (2.0 * random.uniform() - 1.0); });
  }
  if (options.distribution == "truncated_normal") {
    // A standard normal that is cut at two standard deviations has this standard deviation.
    constexpr double kTruncatedDeviation = 0.87962566103423978;
    const double stddev = std::sqrt(variance) / kTruncatedDeviation;
    return fill(shape, dtype, [&] { return stddev * truncated_normal(random); });
  }
  return fill(shape, dtype, [&] { return std::sqrt(variance) * random.normal(); });
}

struct VarianceScalingFill : VarianceScalingOptions {
  static void fields(auto& self, auto& visit) {
    visit("scale", self.scale);
    visit("mode", self.mode);
    visit("distribution", self.distribution);
    visit("input_axes", self.input_axes);
    visit("output_axes", self.output_axes);
    visit("seed", self.seed);
  }
  void check() {
    if (distribution == "normal") distribution = "truncated_normal";
    const auto one_of = [](const char* what, const std::string& given,
                           std::vector<std::string> known) {
      if (std::find(known.begin(), known.end(), given) == known.end()) {
        throw ValueError("initializer VarianceScaling: " +
                         unknown_name_message(what, given, known));
      }
    };
    one_of("mode", mode, {"fan_in", "fan_out", "fan_avg"});
    one_of("distribution", distribution, {"truncated_normal", "untruncated_normal", "uniform"});
    if (!(scale > 0.0)) {
      throw ValueError(
          fmt::format("initializer VarianceScaling: scale is {}; it must be positive", scale));
    }
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    return scaled(*this, shape, dtype, random);
  }
};

enum class Fan { In, Average };
enum class Distribution { Uniform, Normal };

/// The six named cases of variance scaling; `scale` is 1 or 2.
template <int scale, Fan fan, Distribution distribution>
struct NamedScaling {
  std::vector<std::int64_t> input_axes = {};
  std::vector<std::int64_t> output_axes = {};
  std::optional<std::int64_t> seed = {};
  static void fields(auto& self, auto& visit) {
    visit("input_axes", self.input_axes);
    visit("output_axes", self.output_axes);
    visit("seed", self.seed);
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    return scaled(
        {.scale = scale,
         .mode = fan == Fan::In ? "fan_in" : "fan_avg",
         .distribution = distribution == Distribution::Uniform ? "uniform" : "truncated_normal",
         .input_axes = input_axes,
         .output_axes = output_axes},
        shape, dtype, random);
  }
};

struct OrthogonalFill : OrthogonalOptions {
  static void fields(auto& self, auto& visit) {
    visit("gain", self.gain);
    visit("seed", self.seed);
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    if (shape.rank() < 2) {
      throw ShapeError(fmt::format(
          "initializer Orthogonal needs a weight of at least two axes; this one has shape {}",
          shape.str()));
    }
    const std::int64_t columns = shape[-1];
    const std::int64_t rows = shape.numel() / std::max<std::int64_t>(columns, 1);
    const std::vector<double> q = random_orthogonal(rows, columns, random);
    std::size_t at = 0;
    return fill(shape, dtype, [&] { return gain * q[at++]; });
  }
};

struct STFTFill : STFTOptions {
  static void fields(auto& self, auto& visit) {
    visit("side", self.side);
    visit("window", self.window);
    visit("scaling", self.scaling);
    visit("periodic", self.periodic);
  }
  void check() const {
    const auto one_of = [](const char* what, const std::string& given,
                           const std::vector<std::string>& known) {
      if (std::find(known.begin(), known.end(), given) == known.end())
        throw ValueError("initializer STFT: " + unknown_name_message(what, given, known));
    };
    one_of("side", side, {"real", "imag"});
    one_of("window", window, {"hann", "hamming", "blackman", "boxcar", "none"});
    one_of("scaling", scaling, {"density", "spectrum", "none"});
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream&) const {
    if (shape.rank() != 3) {
      throw ShapeError(fmt::format(
          "initializer STFT makes kernels (frame length, channels, frequencies); the weight has "
          "shape {}",
          shape.str()));
    }
    const std::vector<double> kernel = stft_kernel(*this, shape[0], shape[2]);
    std::size_t at = 0;
    const auto frequencies = static_cast<std::size_t>(shape[2]);
    const auto channels = static_cast<std::size_t>(shape[1]);
    return fill(shape, dtype, [&] {
      const std::size_t time = at / (channels * frequencies);
      return kernel[time * frequencies + at++ % frequencies];
    });
  }
};

}  // namespace sinew::initializers
