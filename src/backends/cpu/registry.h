#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/backend.h"

namespace sinew::cpu {

using runtime::Kernel;
using runtime::KernelArguments;
using runtime::KernelRequest;

/// The kernels of one op: one file an op family registers them, before main() runs.
struct KernelEntry {
  std::string op;
  std::unique_ptr<Kernel> (*create)(const KernelRequest& request) = nullptr;
  /// See Backend::preferred_layouts; null means row-major everywhere.
  std::vector<std::string> (*preferred_layouts)(const KernelRequest& request) = nullptr;
};

class RegisterKernel {
 public:
  explicit RegisterKernel(KernelEntry entry);
};


}  // namespace sinew::cpu
