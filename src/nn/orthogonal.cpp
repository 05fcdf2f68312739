#include "nn/orthogonal.h"

#include <cmath>
#include <numeric>
#include <span>

namespace sinew {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

std::vector<double> random_orthogonal(std::int64_t rows, std::int64_t columns,
                                      PhiloxStream& random) {
  // `count` vectors of `length` numbers, made orthonormal one after the other by Gram and Schmidt's
  // process. Going over the earlier vectors twice keeps them orthogonal to rounding error (Giraud
  // et al. 2005, "twice is enough"), and dividing by a positive norm is R's positive diagonal.
  const auto count = static_cast<std::size_t>(std::min(rows, columns));
  const auto length = static_cast<std::size_t>(std::max(rows, columns));
  std::vector<double> vectors(count * length);
  const auto vector = [&](std::size_t i) { return std::span(vectors).subspan(i * length, length); };
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<double> current = vector(i);
    for (double& element : current) element = random.normal();
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < i; ++j) {
        const std::span<const double> earlier = vector(j);
        const double projection = dot(earlier, current);
        for (std::size_t k = 0; k < length; ++k) current[k] -= projection * earlier[k];
      }
    }
    const double norm = std::sqrt(dot(current, current));
    for (double& element : current) element /= norm;
  }
  if (rows <= columns) return vectors;
  std::vector<double> transposed(vectors.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < length; ++k) transposed[k * count + i] = vectors[i * length + k];
  }
  return transposed;
}

}  // namespace sinew
