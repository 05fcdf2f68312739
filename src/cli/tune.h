#pragma once

#include <vector>

#include "cli/workloads.h"

namespace sinew::cli {

/// `sinew bench --tune`: runs the workloads' steps with each kernel that could compute a request,
/// in turn, and writes which was fastest for each kind of request into the tuning table (see
/// runtime/tuning.h), keeping what the table says of other requests and machines. Prints what it
/// measured, or a JSON list of it.
void tune(const std::vector<Workload>& workloads, bool json);

}  // namespace sinew::cli
