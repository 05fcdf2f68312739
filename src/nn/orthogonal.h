#pragma once

#include <cstdint>
#include <vector>

#include "sinew/base/philox.h"

namespace sinew {

/// A row-major (rows, columns) matrix whose rows or columns, whichever are fewer, are orthonormal,
/// uniformly distributed over all such matrices: the Q of a QR decomposition of normal numbers,
/// with R's diagonal positive (Mezzadri, "How to generate random matrices from the classical
/// compact groups", 2007).
std::vector<double> random_orthogonal(std::int64_t rows, std::int64_t columns,
                                      PhiloxStream& random);

}  // namespace sinew
