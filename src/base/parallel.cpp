#include "sinew/base/parallel.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>

#include "sinew/base/error.h"

namespace sinew {

int num_threads() { return omp_get_max_threads(); }

void set_num_threads(int count) {
  if (count < 1) throw ValueError(fmt::format("threads must be at least 1, not {}", count));
  // OpenMP keeps a team's records on the stack, and dies when it cannot start a thread.
  const int most = std::max(256, omp_get_num_procs());
  if (count > most)
    throw ValueError(fmt::format("threads must be at most {}, not {}", most, count));
  omp_set_num_threads(count);
}

}  // namespace sinew
