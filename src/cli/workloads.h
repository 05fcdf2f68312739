#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sinew::cli {

/// The time of one step (the shortest of many runs), its arithmetic, and the time of its oneDNN
/// primitives alone.
struct Measurement {
  double seconds = 0;
  double flops = 0;
  double floor_seconds = 0;
};

struct Workload {
  std::string name;
  std::function<Measurement()> measure;
};

/// What `sinew bench` runs: the tutorial's two networks, training.
const std::vector<Workload>& workloads();

}  // namespace sinew::cli
