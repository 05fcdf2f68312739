#pragma once

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sinew::testing {

using Matrix = std::vector<std::vector<double>>;

/// Solves a x = b by Gaussian elimination with partial pivoting.
inline std::vector<double> solve(Matrix a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    std::swap(a[column], a[pivot]);
    std::swap(b[column], b[pivot]);
    for (std::size_t row = column + 1; row < n; ++row) {
      const double factor = a[row][column] / a[column][column];
      for (std::size_t k = column; k < n; ++k) a[row][k] -= factor * a[column][k];
      b[row] -= factor * b[column];
    }
  }
  std::vector<double> x(n);
  for (std::size_t row = n; row-- > 0;) {
    double sum = b[row];
    for (std::size_t k = row + 1; k < n; ++k) sum -= a[row][k] * x[k];
    x[row] = sum / a[row][row];
  }
  return x;
}

/// X^T diag(w) X beta = X^T diag(w) z: weighted least squares by the normal equations; the rows of
/// x begin with 1.
inline std::vector<double> weighted_least_squares(const Matrix& x, const std::vector<double>& z,
                                                  const std::vector<double>& w) {
  const std::size_t n = x[0].size();
  Matrix a(n, std::vector<double>(n, 0));
  std::vector<double> b(n, 0);
  for (std::size_t row = 0; row < x.size(); ++row) {
    for (std::size_t i = 0; i < n; ++i) {
      b[i] += w[row] * x[row][i] * z[row];
      for (std::size_t k = 0; k < n; ++k) a[i][k] += w[row] * x[row][i] * x[row][k];
    }
  }
  return solve(a, b);
}

/// The Wisconsin diagnostic breast cancer table (569 rows): the malignancy (1 or 0) and the 30
/// measurements.
struct Wdbc {
  std::vector<double> malignant;
  Matrix features;
};

/// Columns that are not nearly copies of one another: texture, smoothness, compactness, symmetry.
inline const std::vector<std::size_t> kDistinctColumns = {1, 4, 5, 8};
/// What the linear regressions predict.
inline constexpr std::size_t kConcavity = 6;

inline Wdbc read_wdbc(const std::string& path) {
  Wdbc table;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::stringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    if (row.size() != 32 || row[0] == "id") continue;
    table.malignant.push_back(row[1] == "M" ? 1 : 0);
    table.features.emplace_back();
    for (std::size_t i = 2; i < row.size(); ++i) table.features.back().push_back(std::stod(row[i]));
  }
  return table;
}

/// A leading 1 and the given columns with mean 0 and variance 1.
inline Matrix design_matrix(const Matrix& features, const std::vector<std::size_t>& columns) {
  Matrix x(features.size(), std::vector<double>{1.0});
  for (std::size_t column : columns) {
    double mean = 0, square = 0;
    for (const auto& row : features) mean += row[column];
    mean /= static_cast<double>(features.size());
    for (const auto& row : features) square += (row[column] - mean) * (row[column] - mean);
    const double deviation = std::sqrt(square / static_cast<double>(features.size()));
    for (std::size_t row = 0; row < features.size(); ++row) {
      x[row].push_back((features[row][column] - mean) / deviation);
    }
  }
  return x;
}

/// The betas of the largest likelihood of P(y=1|x) = 1 / (1 + e^-(x beta)) by Newton's method, that
/// is, iteratively reweighted least squares (McCullagh and Nelder, "Generalized Linear Models",
/// 1989, section 2.5): weights p (1 - p), working response eta + (y - p) / (p (1 - p)).
inline std::vector<double> newton_logistic(const Matrix& design, const std::vector<double>& y) {
  std::vector<double> beta(design[0].size(), 0.0);
  for (int iteration = 0; iteration < 12; ++iteration) {
    std::vector<double> working, weight;
    for (std::size_t row = 0; row < y.size(); ++row) {
      double eta = 0;
      for (std::size_t i = 0; i < beta.size(); ++i) eta += beta[i] * design[row][i];
      const double p = 1 / (1 + std::exp(-eta));
      weight.push_back(p * (1 - p));
      working.push_back(eta + (y[row] - p) / (p * (1 - p)));
    }
    beta = weighted_least_squares(design, working, weight);
  }
  return beta;
}

}  // namespace sinew::testing
