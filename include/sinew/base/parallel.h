#pragma once

#include <cstdint>

namespace sinew {

/// Threads that kernels use (OpenMP's team, shared with oneDNN). Default: all cores, or
/// OMP_NUM_THREADS.
int num_threads();
/// Sets it for the whole process; throws ValueError when count < 1, or more than the cores and
/// than 256.
void set_num_threads(int count);

/// Runs body(i) for i in [0, count), spread over the team; each i runs on exactly one thread. What
/// a body computes must depend on i only, never on the thread: that is what makes results
/// independent of the number of threads.
template <typename Body>
void parallel_for(std::int64_t count, const Body& body) {
// Programs that include this without OpenMP's flag run it on one thread.
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (count > 1)
#endif
  for (std::int64_t i = 0; i < count; ++i) body(i);
}

/// The same where some i take longer than others: whoever is done takes the next one.
template <typename Body>
void parallel_for_uneven(std::int64_t count, const Body& body) {
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) if (count > 1)
#endif
  for (std::int64_t i = 0; i < count; ++i) body(i);
}

/// Runs body(phase, i) for i in [0, count) and phases in [0, phases), each phase when all of the
/// one before is done, in one go of the team: a barrier costs a tenth of starting the team anew.
/// Like parallel_for() otherwise.
template <typename Body>
void parallel_phases(std::int64_t phases, std::int64_t count, const Body& body) {
#ifdef _OPENMP
#pragma omp parallel if (count > 1)
#endif
  for (std::int64_t phase = 0; phase < phases; ++phase) {
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (std::int64_t i = 0; i < count; ++i) body(phase, i);
  }
}

}  // namespace sinew
