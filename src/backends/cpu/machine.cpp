#include "sinew/runtime/machine.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "backends/cpu/onednn.h"
#include "sinew/base/parallel.h"
#include "sinew/base/tensor.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/machine.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Twelve independent chains cover the latency of two multiply-add units. Returns the operations
/// done.
double multiply_adds(int64_t rounds, float* sink) {
  const hn::ScalableTag<float> d;
  const auto factor = hn::Set(d, 0.999f);
  // Chains that began alike would be merged by the compiler.
  const auto start = [&](float value) { return hn::Set(d, value); };
  auto a = start(0.10f), b = start(0.11f), c = start(0.12f), e = start(0.13f), f = start(0.14f),
       g = start(0.15f), h = start(0.16f), i = start(0.17f), j = start(0.18f), k = start(0.19f),
       l = start(0.20f), m = start(0.21f);
  for (int64_t round = 0; round < rounds; ++round) {
    a = hn::MulAdd(a, factor, factor);
    b = hn::MulAdd(b, factor, factor);
    c = hn::MulAdd(c, factor, factor);
    e = hn::MulAdd(e, factor, factor);
    f = hn::MulAdd(f, factor, factor);
    g = hn::MulAdd(g, factor, factor);
    h = hn::MulAdd(h, factor, factor);
    i = hn::MulAdd(i, factor, factor);
    j = hn::MulAdd(j, factor, factor);
    k = hn::MulAdd(k, factor, factor);
    l = hn::MulAdd(l, factor, factor);
    m = hn::MulAdd(m, factor, factor);
  }
  const auto all = hn::Add(
      hn::Add(hn::Add(a, b), hn::Add(c, e)),
      hn::Add(hn::Add(hn::Add(f, g), hn::Add(h, i)), hn::Add(hn::Add(j, k), hn::Add(l, m))));
  *sink = hn::GetLane(all);
  return 2.0 * 12.0 * static_cast<double>(rounds) * static_cast<double>(hn::Lanes(d));
}

void triad(const float* b, const float* c, float* a, int64_t count) {
  const hn::ScalableTag<float> d;
  const auto factor = hn::Set(d, 3.0f);
  for (int64_t i = 0; i < count; i += static_cast<int64_t>(hn::Lanes(d))) {
    hn::StoreU(hn::MulAdd(factor, hn::LoadU(d, c + i), hn::LoadU(d, b + i)), d, a + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(multiply_adds);
HWY_EXPORT(triad);

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// The best of several runs: what disturbs a run only makes it slower.
constexpr int kRuns = 10;

double fma_flops() {
  constexpr std::int64_t kRounds = 2'000'000;
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    double operations = 0;
    const auto begin = Clock::now();
#pragma omp parallel reduction(+ : operations)
    {
      volatile float kept = 0;
      float sink = 0;
      operations += HWY_DYNAMIC_DISPATCH(multiply_adds)(kRounds, &sink);
      kept = sink;
      static_cast<void>(kept);
    }
    best = std::max(best, operations / seconds_since(begin));
  }
  return best;
}

double bandwidth() {
  // Far more than a last-level cache of usual size; machines with larger ones show the cache's
  // figure.
  constexpr std::int64_t kElements = std::int64_t{1} << 25;
  Tensor a({kElements}), b({kElements}), c({kElements});
  double best = 0;
  constexpr std::int64_t kPiece = 1 << 16;
  for (int run = 0; run < kRuns / 2; ++run) {
    const auto begin = Clock::now();
    parallel_for(kElements / kPiece, [&](std::int64_t piece) {
      const std::int64_t at = piece * kPiece;
      HWY_DYNAMIC_DISPATCH(triad)
      (b.data<float>().data() + at, c.data<float>().data() + at, a.data<float>().data() + at,
       kPiece);
    });
    best = std::max(best, 3.0 * kElements * sizeof(float) / seconds_since(begin));
  }
  return best;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace
}  // namespace sinew::cpu

namespace sinew {

double measure_fma_flops() { return cpu::fma_flops(); }

MachinePeak measure_machine() { return {cpu::fma_flops(), cpu::bandwidth()}; }

MachineInfo machine_info() {
  MachineInfo info;
  info.processor = cpu::processor_name();
  info.cores = omp_get_num_procs();
  const auto compiled = static_cast<std::int64_t>(HWY_TARGETS);
  const auto usable = static_cast<std::int64_t>(hwy::SupportedTargets()) & compiled;
  // The lowest bit is the best instruction set.
  info.target = hwy::TargetName(usable & -usable);
  for (std::int64_t bit = 1; bit > 0 && bit <= compiled; bit <<= 1) {
    if (compiled & bit) info.targets.push_back(hwy::TargetName(bit));
  }
  info.bfloat16 = cpu::onednn::multiplies_bfloat16();
  const dnnl_version_t* version = dnnl_version();
  info.libraries.push_back(
      fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch));
  info.libraries.push_back(fmt::format("Highway {}.{}.{}", HWY_MAJOR, HWY_MINOR, HWY_PATCH));
  return info;
}

}  // namespace sinew
#endif
