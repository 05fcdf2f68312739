#include "sinew/base/parallel.h"

#include <fmt/format.h>
#include <omp.h>

#include "sinew/base/error.h"

namespace sinew {

int num_threads() { return omp_get_max_threads(); }

void set_num_threads(int count) {
  if (count < 1) throw ValueError(fmt::format("threads must be at least 1, not {}", count));
  omp_set_num_threads(count);
}

}  // namespace sinew
