#pragma once

#include <functional>
#include <string>
#include <vector>

#include "io/chrome_trace.h"
#include "runtime/executable.h"
#include "sinew/runtime/machine.h"

namespace sinew::runtime {

/// The least time a step could take: its arithmetic at the peak of fused multiply-adds, or its
/// operands, each input read and each output written once, at the bandwidth of main memory,
/// whichever is longer. Operands that are still in a cache move faster than that.
struct Floor {
  double seconds = 0;
  enum class Bound { Compute, Memory } bound = Bound::Compute;
};
const char* name_of(Floor::Bound bound);
Floor floor_of(const Step& step, const MachinePeak& peak);

/// The operands' shapes and those element types that are not float32, a line that tells equal
/// calls:
/// `(32, 28, 28, 1), (3, 3, 1, 32) -> (32, 26, 26, 32)`. Long lists are cut short.
std::string describe_operands(const Step& step);

/// Times of a program: medians over runs.
struct Profile {
  struct Entry {
    double seconds = 0;
    Floor floor;
    /// Of the floor in the time: 1 is as fast as the machine can be.
    double share() const { return seconds > 0 ? floor.seconds / seconds : 0; }
  };
  /// One a step of the program, in its order.
  std::vector<Entry> steps;
  /// A whole run without clocks between the steps.
  double seconds = 0;
  /// Between the end of a step and the beginning of the next, over a run.
  double gap_seconds = 0;

  /// Sums over the steps.
  double kernel_seconds() const;
  double floor_seconds() const;
};

struct ProfileOptions {
  /// Runs to take medians of; 0: as many as fit into two seconds, between 5 and 200.
  int runs = 0;
  MachinePeak peak;
  /// Gets the first kTracedRuns runs, when given.
  io::ChromeTrace* trace = nullptr;
};
inline constexpr int kTracedRuns = 20;

/// Runs a program over and over, in turn with and without clocks. `run` is called with room for a
/// time a step, or with none.
Profile profile(const Program& program, const std::function<void(std::span<CallTime>)>& run,
                const ProfileOptions& options);

/// The value in the middle, the upper of two; 0 when there are none. Changes the order.
double median(std::vector<double>& values);

/// One span a step of a run, with flops, bytes, gflops and share (of the floor) as arguments.
void add_calls(io::ChromeTrace& trace, const Program& program, std::span<const CallTime> times,
               const MachinePeak& peak);

}  // namespace sinew::runtime
