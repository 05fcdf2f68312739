#include "sinew/ops/norm.h"

#include <cmath>

#include "ops/op_harness.h"

namespace sinew::testing_ops {
namespace {

OpCase layer_norm(const Shape& shape, bool gamma, bool beta, double epsilon) {
  const std::int64_t n = shape[-1];
  OpCase c;
  c.name = std::string(gamma ? "gamma_" : "") + (beta ? "beta_" : "") + shape.str();
  c.inputs = {{shape}};
  if (gamma) c.inputs.push_back({{n}});
  if (beta) c.inputs.push_back({{n}});
  c.build = [=](const std::vector<Value>& x) {
    return ops::layer_norm(x[0], gamma ? x[1] : Value(), beta ? x.back() : Value(), epsilon);
  };
  c.reference = [=](const std::vector<Array>& x) {
    Array y(shape);
    for (std::int64_t row = 0; row < shape.numel() / n; ++row) {
      double mean = 0, variance = 0;
      for (std::int64_t i = 0; i < n; ++i) mean += x[0][row * n + i] / static_cast<double>(n);
      for (std::int64_t i = 0; i < n; ++i)
        variance += std::pow(x[0][row * n + i] - mean, 2) / static_cast<double>(n);
      for (std::int64_t i = 0; i < n; ++i) {
        y[row * n + i] =
            (x[0][row * n + i] - mean) / std::sqrt(variance + epsilon) * (gamma ? x[1][i] : 1.0) +
            (beta ? x.back()[i] : 0.0);
      }
    }
    return y;
  };
  c.terms = 4;
  return c;
}

std::vector<OpCase> cases() {
  std::vector<OpCase> all;
  for (const Shape& shape : {Shape{5}, Shape{1, 1}, Shape{3, 7}, Shape{2, 3, 16}, Shape{4, 33},
                             Shape{70, 3}, Shape{130, 257}}) {
    for (bool gamma : {false, true}) {
      for (bool beta : {false, true}) all.push_back(layer_norm(shape, gamma, beta, 1e-3));
    }
  }
  all.push_back(layer_norm({3, 40}, true, true, 0.5));
  return all;
}

SINEW_OP_TABLE(LayerNorm, cases());

}  // namespace
}  // namespace sinew::testing_ops
