// Every rule as its paper states it, in plain double loops.

#include <algorithm>

#include "nn/optimizer_harness.h"

namespace sinew {
namespace {

using namespace optimizers;

double adam(double t, double& m, double& v, double g, double b1, double b2, double epsilon) {
  m = b1 * m + (1 - b1) * g;
  v = b2 * v + (1 - b2) * g * g;
  // Kingma and Ba 2015, the form that ends section 2.
  return std::sqrt(1 - std::pow(b2, t)) / (1 - std::pow(b1, t)) * m / (std::sqrt(v) + epsilon);
}

double norm(const Numbers& x) {
  double squares = 0;
  for (double value : x) squares += value * value;
  return std::sqrt(squares);
}

double root_mean_square(const Numbers& x) {
  return norm(x) / std::sqrt(static_cast<double>(x.size()));
}

/// You et al. 2020, algorithm 2.
void lamb(double t, Followed& weight, const Numbers& g) {
  Numbers& m = weight.slot(0);
  Numbers& v = weight.slot(1);
  Numbers step(g.size());
  for (std::size_t i = 0; i < g.size(); ++i) {
    m[i] = 0.9 * m[i] + 0.1 * g[i];
    v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
    step[i] = m[i] / (1 - std::pow(0.9, t)) / (std::sqrt(v[i] / (1 - std::pow(0.999, t))) + 1e-7);
  }
  const double ratio = norm(weight.value) / norm(step);
  for (std::size_t i = 0; i < g.size(); ++i) weight.value[i] -= kRate * ratio * step[i];
}

/// Shazeer and Stern 2018, algorithms 4 (matrices, over the last two axes) and 5 (vectors).
void adafactor(double t, Followed& weight, const Numbers& g) {
  const double keep = 1 - std::pow(t, -0.8);
  const double size =
      std::max(1e-3, root_mean_square(weight.value)) * std::min(kRate, 1 / std::sqrt(t));
  Numbers squares = g;
  for (double& value : squares) value = value * value + 1e-30;
  Numbers& v = weight.slot(0);
  Numbers& row = weight.slot(1);
  Numbers& column = weight.slot(2);
  if (weight.shape.rank() < 2) {
    for (std::size_t i = 0; i < g.size(); ++i) v[i] = keep * v[i] + (1 - keep) * squares[i];
  } else {
    const auto rows = static_cast<std::size_t>(weight.shape[-2]);
    const auto columns = static_cast<std::size_t>(weight.shape[-1]);
    for (std::size_t begin = 0; begin < g.size(); begin += rows * columns) {
      double mean = 0;
      // Row r's average is kept at row[begin + r], column c's at column[begin + c].
      for (std::size_t r = 0; r < rows; ++r) {
        double sum = 0;
        for (std::size_t c = 0; c < columns; ++c) sum += squares[begin + r * columns + c];
        row[begin + r] = keep * row[begin + r] + (1 - keep) * sum / static_cast<double>(columns);
        mean += row[begin + r] / static_cast<double>(rows);
      }
      for (std::size_t c = 0; c < columns; ++c) {
        double sum = 0;
        for (std::size_t r = 0; r < rows; ++r) sum += squares[begin + r * columns + c];
        column[begin + c] = keep * column[begin + c] + (1 - keep) * sum / static_cast<double>(rows);
        for (std::size_t r = 0; r < rows; ++r)
          v[begin + r * columns + c] = row[begin + r] * column[begin + c] / mean;
      }
    }
  }
  Numbers step(g.size());
  for (std::size_t i = 0; i < g.size(); ++i) step[i] = g[i] / std::sqrt(v[i]);
  const double excess = std::max(1.0, root_mean_square(step));
  for (std::size_t i = 0; i < g.size(); ++i) weight.value[i] -= size * step[i] / excess;
}

/// Row-major matrices of (rows, columns).
struct Matrix {
  std::size_t rows, columns;
  Numbers values;

  double operator()(std::size_t r, std::size_t c) const { return values[r * columns + c]; }
  Matrix transposed() const {
    Matrix result{columns, rows, Numbers(values.size())};
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) result.values[c * rows + r] = (*this)(r, c);
    }
    return result;
  }
  Matrix operator*(const Matrix& other) const {
    Matrix result{rows, other.columns, Numbers(rows * other.columns)};
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < other.columns; ++c) {
        for (std::size_t k = 0; k < columns; ++k)
          result.values[r * other.columns + c] += (*this)(r, k) * other(k, c);
      }
    }
    return result;
  }
  /// this * a + other * b.
  Matrix mixed(double a, const Matrix& other, double b) const {
    Matrix result = *this;
    for (std::size_t i = 0; i < values.size(); ++i)
      result.values[i] = a * values[i] + b * other.values[i];
    return result;
  }
};

/// Jordan et al. 2024, with Nesterov's momentum, the scale of Liu et al. 2025, and both kinds'
/// weight decay of 0.004; all but matrices by Adam.
void muon(double t, Followed& weight, const Numbers& g) {
  for (double& w : weight.value) w -= kRate * 0.004 * w;
  Numbers& m = weight.slot(0);
  if (weight.shape.rank() != 2) {
    Numbers& v = weight.slot(1);
    for (std::size_t i = 0; i < g.size(); ++i)
      weight.value[i] -= kRate * adam(t, m[i], v[i], g[i], 0.9, 0.999, 1e-7);
    return;
  }
  Matrix x{static_cast<std::size_t>(weight.shape[0]), static_cast<std::size_t>(weight.shape[1]), g};
  for (std::size_t i = 0; i < g.size(); ++i) {
    m[i] = 0.95 * m[i] + g[i];
    x.values[i] = g[i] + 0.95 * m[i];
  }
  const bool tall = x.rows > x.columns;
  const double scale = 0.2 * std::sqrt(static_cast<double>(std::max(x.rows, x.columns)));
  if (tall) x = x.transposed();
  const double size = norm(x.values) + 1e-7;
  for (double& value : x.values) value /= size;
  for (int i = 0; i < 5; ++i) {
    const Matrix a = x * x.transposed();
    x = x.mixed(3.4445, a.mixed(-4.775, a * a, 2.0315) * x, 1);
  }
  if (tall) x = x.transposed();
  for (std::size_t i = 0; i < g.size(); ++i) weight.value[i] -= kRate * scale * x.values[i];
}

/// Defazio et al. 2024, algorithm 1: state z, v, x and the weight y.
double schedule_free(double t, double y, double g, std::vector<double>& s) {
  if (t == 1) s[0] = s[2] = y;
  s[1] = 0.999 * s[1] + 0.001 * g * g;
  s[0] -= kRate * g / (std::sqrt(s[1] / (1 - std::pow(0.999, t))) + 1e-8);
  s[2] = (1 - 1 / t) * s[2] + s[0] / t;
  return 0.1 * s[0] + 0.9 * s[2];
}

/// McMahan et al. 2013, algorithm 1, with beta = 0.5 and both strengths.
double ftrl(double, double w, double g, std::vector<double>& s) {
  const double sigma = (std::sqrt(s[0] + g * g) - std::sqrt(s[0])) / kRate;
  s[0] += g * g;
  s[1] += g - sigma * w;
  if (std::abs(s[1]) <= 0.25) return 0;
  const double sign = s[1] > 0 ? 1 : -1;
  return -(s[1] - sign * 0.25) / ((0.5 + std::sqrt(s[0])) / kRate + 2 * 0.125);
}

struct Case {
  const char* name;
  std::function<OptimizerPtr()> make;
  PublishedRule rule;
};

const std::vector<Case> kCases = {
    {"SGD", [] { return SGD({.learning_rate = kRate}); },
     each_number([](double, double w, double g, auto&) { return w - kRate * g; })},
    {"SGD, momentum", [] { return SGD({.learning_rate = kRate, .momentum = 0.9}); },
     each_number([](double, double w, double g, auto& s) {
       s[0] = 0.9 * s[0] - kRate * g;
       return w + s[0];
     })},
    {"SGD, Nesterov",
     [] { return SGD({.learning_rate = kRate, .momentum = 0.9, .nesterov = true}); },
     each_number([](double, double w, double g, auto& s) {
       s[0] = 0.9 * s[0] - kRate * g;
       return w + 0.9 * s[0] - kRate * g;
     })},
    {"SGD, weight decay", [] { return SGD({.learning_rate = kRate, .weight_decay = 0.1}); },
     each_number(
         [](double, double w, double g, auto&) { return w - kRate * 0.1 * w - kRate * g; })},
    {"Adam", [] { return Adam({.learning_rate = kRate}); },
     each_number([](double t, double w, double g, auto& s) {
       return w - kRate * adam(t, s[0], s[1], g, 0.9, 0.999, 1e-7);
     })},
    {"Adam, amsgrad", [] { return Adam({.learning_rate = kRate, .amsgrad = true}); },
     each_number([](double t, double w, double g, auto& s) {
       adam(t, s[0], s[1], g, 0.9, 0.999, 1e-7);
       s[2] = std::max(s[2], s[1]);
       const double rate = std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t));
       return w - kRate * rate * s[0] / (std::sqrt(s[2]) + 1e-7);
     })},
    {"AdamW", [] { return AdamW({.learning_rate = kRate, .beta_1 = 0.5, .weight_decay = 0.25}); },
     each_number([](double t, double w, double g, auto& s) {
       return w - kRate * 0.25 * w - kRate * adam(t, s[0], s[1], g, 0.5, 0.999, 1e-7);
     })},
    {"Adamax", [] { return Adamax({.learning_rate = kRate}); },
     each_number([](double t, double w, double g, auto& s) {
       s[0] = 0.9 * s[0] + 0.1 * g;
       s[1] = std::max(0.999 * s[1], std::abs(g));
       return w - kRate / (1 - std::pow(0.9, t)) * s[0] / (s[1] + 1e-7);
     })},
    {"Nadam", [] { return Nadam({.learning_rate = kRate}); },
     each_number(
         [](double t, double w, double g, auto& s) {
           const double u = 0.9 * (1 - 0.5 * std::pow(0.96, t));
           const double next = 0.9 * (1 - 0.5 * std::pow(0.96, t + 1));
           s[2] *= u;
           s[0] = 0.9 * s[0] + 0.1 * g;
           s[1] = 0.999 * s[1] + 0.001 * g * g;
           const double m = next * s[0] / (1 - s[2] * next) + (1 - u) * g / (1 - s[2]);
           return w - kRate * m / (std::sqrt(s[1] / (1 - std::pow(0.999, t))) + 1e-7);
         },
         {0, 0, 1})},
    {"RMSprop", [] { return RMSprop({.learning_rate = kRate, .epsilon = 0.01}); },
     each_number([](double, double w, double g, auto& s) {
       s[0] = 0.9 * s[0] + 0.1 * g * g;
       return w - kRate * g / std::sqrt(s[0] + 0.01);
     })},
    {"RMSprop, centred, momentum",
     [] {
       return RMSprop({.learning_rate = kRate, .momentum = 0.5, .epsilon = 0.01, .centered = true});
     },
     each_number([](double, double w, double g, auto& s) {
       s[0] = 0.9 * s[0] + 0.1 * g * g;
       s[1] = 0.9 * s[1] + 0.1 * g;
       s[2] = 0.5 * s[2] + kRate * g / std::sqrt(s[0] - s[1] * s[1] + 0.01);
       return w - s[2];
     })},
    {"Adagrad", [] { return Adagrad({.learning_rate = kRate}); },
     each_number(
         [](double, double w, double g, auto& s) {
           s[0] += g * g;
           return w - kRate * g / std::sqrt(s[0] + 1e-7);
         },
         {0.1})},
    {"Adadelta", [] { return Adadelta({.learning_rate = kRate, .epsilon = 0.01}); },
     each_number([](double, double w, double g, auto& s) {
       s[0] = 0.95 * s[0] + 0.05 * g * g;
       const double step = std::sqrt(s[1] + 0.01) / std::sqrt(s[0] + 0.01) * g;
       s[1] = 0.95 * s[1] + 0.05 * step * step;
       return w - kRate * step;
     })},
    {"Adafactor", [] { return Adafactor({.learning_rate = kRate}); }, adafactor},
    {"Ftrl",
     [] {
       return Ftrl({.learning_rate = kRate,
                    .l1_regularization_strength = 0.25,
                    .l2_regularization_strength = 0.125,
                    .beta = 0.5});
     },
     each_number(ftrl, {0.1, 0})},
    {"Lion", [] { return Lion({.learning_rate = kRate}); },
     each_number([](double, double w, double g, auto& s) {
       const double direction = 0.9 * s[0] + 0.1 * g;
       s[0] = 0.99 * s[0] + 0.01 * g;
       return w - kRate * (direction > 0 ? 1 : -1);
     })},
    {"Lamb", [] { return Lamb({.learning_rate = kRate}); }, lamb},
    {"Muon", [] { return Muon({.learning_rate = kRate}); }, muon},
    {"ScheduleFreeAdamW", [] { return ScheduleFreeAdamW({.learning_rate = kRate}); },
     each_number(schedule_free)},
};

TEST(OptimizerRules, FollowTheirPapers) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_follows(c.make, c.rule);
  }
}

}  // namespace
}  // namespace sinew
