#include "nn/stft_kernel.h"

#include <cmath>
#include <numbers>

namespace sinew::initializers {
namespace {

/// Sums of cosines with these coefficients, as SciPy's windows are.
std::vector<double> coefficients(const std::string& window) {
  if (window == "hann") return {0.5, -0.5};
  if (window == "hamming") return {0.54, -0.46};
  if (window == "blackman") return {0.42, -0.5, 0.08};
  return {1.0};
}

std::vector<double> window_of(const STFTOptions& options, std::int64_t length) {
  const double period = static_cast<double>(options.periodic ? length : length - 1);
  std::vector<double> window(static_cast<std::size_t>(length), 0.0);
  for (std::size_t i = 0; i < window.size(); ++i) {
    double order = 0;
    for (const double coefficient : coefficients(options.window)) {
      const double angle = 2 * std::numbers::pi * order * static_cast<double>(i);
      // A frame of one element has a window of 1.
      window[i] += length == 1 ? (order == 0 ? 1.0 : 0.0) : coefficient * std::cos(angle / period);
      ++order;
    }
  }
  return window;
}

double scale_of(const STFTOptions& options, const std::vector<double>& window) {
  if (options.window == "none" || options.scaling == "none") return 1.0;
  double sum = 0;
  for (const double weight : window)
    sum += options.scaling == "density" ? weight * weight : std::abs(weight);
  return options.scaling == "density" ? std::sqrt(sum) : sum;
}

}  // namespace

std::vector<double> stft_kernel(const STFTOptions& options, std::int64_t frame_length,
                                std::int64_t frequencies) {
  const std::vector<double> window = window_of(options, frame_length);
  const double scale = scale_of(options, window);
  const double fft_length = 2.0 * static_cast<double>(frequencies - 1);
  std::vector<double> kernel;
  for (std::int64_t time = 0; time < frame_length; ++time) {
    for (std::int64_t frequency = 0; frequency < frequencies; ++frequency) {
      const double angle = -2.0 * std::numbers::pi * static_cast<double>(time) *
                           static_cast<double>(frequency) / fft_length;
      const double wave = options.side == "real" ? std::cos(angle) : std::sin(angle);
      kernel.push_back(wave * window[static_cast<std::size_t>(time)] / scale);
    }
  }
  return kernel;
}

}  // namespace sinew::initializers
