#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "nn/layer_harness.h"

/// Plain loops that say what recurrent layers compute, for one sample.
namespace sinew {

struct Recurrence {
  std::vector<double> sequence = {};
  std::vector<double> hidden = {};
  std::vector<double> cell = {};
};

inline double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// Some numbers: (1, steps, features).
inline Tensor sequence(std::int64_t steps, std::int64_t features) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < steps * features; ++i)
    values.push_back(static_cast<double>(i * 7 % 13) / 4.0 - 1.5);
  return f64(values, {1, steps, features});
}

/// x_step W + h U + b, at one column.
inline double affine(const Tensor& x, std::int64_t step, const std::vector<double>& h,
                     const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias,
                     std::int64_t column) {
  const std::int64_t columns = kernel.shape()[1];
  double z = bias.at(column);
  for (std::int64_t k = 0; k < kernel.shape()[0]; ++k) {
    z += x.at(step * kernel.shape()[0] + k) * kernel.at(k * columns + column);
  }
  for (std::size_t k = 0; k < h.size(); ++k) {
    z += h[k] * recurrent_kernel.at(static_cast<std::int64_t>(k) * columns + column);
  }
  return z;
}

/// Steps from last to first.
inline Tensor reversed(const Tensor& x) {
  Tensor result(x.shape(), x.dtype());
  const std::int64_t steps = x.shape()[1];
  const std::int64_t features = x.shape()[2];
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::int64_t k = 0; k < features; ++k) {
      result.data<double>()[static_cast<std::size_t>(step * features + k)] =
          x.at((steps - 1 - step) * features + k);
    }
  }
  return result;
}

}  // namespace sinew
