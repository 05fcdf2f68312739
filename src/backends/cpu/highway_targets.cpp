// Which of Highway's targets the processor runs: the two functions that its dispatch takes from
// Highway's library. That library calibrates a timer when it is loaded, for 4 ms: a seventh of the
// time from a program's start to the end of its first training step.

#include <hwy/targets.h>

namespace hwy {

std::int64_t SupportedTargets() {
  static const std::int64_t supported = [] {
    std::int64_t targets = HWY_ENABLED_BASELINE;
#if HWY_ARCH_X86
    __builtin_cpu_init();
    // Processors with these have LZCNT and F16C too.
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    if (avx2) targets |= HWY_AVX2;
    const bool avx3 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd");
    if (avx2 && avx3) targets |= HWY_AVX3;
#endif
    return targets;
  }();
  return supported;
}

ChosenTarget& GetChosenTarget() {
  static ChosenTarget chosen;
  return chosen;
}

}  // namespace hwy
