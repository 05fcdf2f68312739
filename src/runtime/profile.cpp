#include "runtime/profile.h"

#include <fmt/format.h>

#include <algorithm>

namespace sinew::runtime {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

bool has_dtype(const std::vector<Operand>& operands, DType dtype) {
  return std::any_of(operands.begin(), operands.end(),
                     [&](const Operand& operand) { return operand.type.dtype == dtype; });
}

/// Vectors hold half as many float64 numbers as float32 ones.
double peak_flops(const Step& step, const MachinePeak& peak) {
  return has_dtype(step.outputs, DType::Float64) ? peak.fma_flops / 2 : peak.fma_flops;
}

std::string describe(const std::vector<Operand>& operands) {
  constexpr std::size_t kShown = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, operands.size()); ++i) {
    const TensorType& type = operands[i].type;
    if (i > 0) text += ", ";
    text += type.dtype == DType::Float32 ? type.shape.str() : type.str();
  }
  if (operands.size() > kShown) text += fmt::format(", … {} more", operands.size() - kShown);
  return text;
}

}  // namespace

double median(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

const char* name_of(Floor::Bound bound) {
  return bound == Floor::Bound::Compute ? "compute" : "memory";
}

Floor floor_of(const Step& step, const MachinePeak& peak) {
  const double compute = step.flops / peak_flops(step, peak);
  const double memory = step.bytes / peak.bandwidth;
  return compute >= memory ? Floor{compute, Floor::Bound::Compute}
                           : Floor{memory, Floor::Bound::Memory};
}

std::string describe_operands(const Step& step) {
  return describe(step.inputs) + " -> " + describe(step.outputs);
}

double Profile::kernel_seconds() const {
  double sum = 0;
  for (const Entry& entry : steps) sum += entry.seconds;
  return sum;
}

double Profile::floor_seconds() const {
  double sum = 0;
  for (const Entry& entry : steps) sum += entry.floor.seconds;
  return sum;
}

Profile profile(const Program& program, const std::function<void(std::span<CallTime>)>& run,
                const ProfileOptions& options) {
  constexpr double kBudget = 2.0;
  constexpr int kFewest = 5, kMost = 200;
  const std::size_t count = program.steps.size();
  std::vector<CallTime> times(count);
  std::vector<std::vector<double>> seconds(count);
  std::vector<double> whole, gaps;
  // The first runs touch the arena's pages and fill the caches.
  for (int warm = 0; warm < 2; ++warm) run({});
  const auto start = Clock::now();
  const auto enough = [&](int done) {
    if (options.runs > 0) return done >= options.runs;
    return done >= kMost || (done >= kFewest && seconds_of(Clock::now() - start) > kBudget);
  };
  for (int done = 0; !enough(done); ++done) {
    const auto begin = Clock::now();
    run({});
    whole.push_back(seconds_of(Clock::now() - begin));
    if (count == 0) continue;
    run(times);
    if (options.trace && done < kTracedRuns)
      add_calls(*options.trace, program, times, options.peak);
    double inside = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double call = seconds_of(times[i].end - times[i].begin);
      seconds[i].push_back(call);
      inside += call;
    }
    gaps.push_back(seconds_of(times.back().end - times.front().begin) - inside);
  }
  Profile result;
  for (std::size_t i = 0; i < count; ++i)
    result.steps.push_back({median(seconds[i]), floor_of(program.steps[i], options.peak)});
  result.seconds = median(whole);
  result.gap_seconds = median(gaps);
  return result;
}

void add_calls(io::ChromeTrace& trace, const Program& program, std::span<const CallTime> times,
               const MachinePeak& peak) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Step& step = program.steps[i];
    const double seconds = seconds_of(times[i].end - times[i].begin);
    const double rate = seconds > 0 ? step.flops / seconds : 0;
    const double share = seconds > 0 ? floor_of(step, peak).seconds / seconds : 0;
    trace.add({step.name(),
               "kernel",
               times[i].begin,
               times[i].end,
               {{"step", static_cast<double>(i)},
                {"flops", step.flops},
                {"bytes", step.bytes},
                {"gflops", rate / 1e9},
                {"share", share}},
               {{"layer", step.scope}, {"operands", describe_operands(step)}}});
  }
}

}  // namespace sinew::runtime
