#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/prepared_step.h"
#include "sinew/runtime/floor.h"

namespace sinew::cli {

/// A step that `sinew bench`, `sinew profile` and the tuner know by name.
struct Workload {
  std::string name;
  /// The compiled step with a batch of made-up data.
  std::function<PreparedStep()> prepare;
  /// The vendor's primitives that the step needs; null where it has none to be compared with.
  std::function<std::vector<runtime::Primitive>()> primitives;
};

const std::vector<Workload>& workloads();

/// The workloads of these names, or all when there are none. Throws ValueError naming the nearest
/// known one.
std::vector<Workload> find_workloads(const std::vector<std::string>& names);

}  // namespace sinew::cli
