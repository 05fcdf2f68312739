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

/// A kernel of an op; files of op families register them before main() runs. An op may have
/// several: then each has a name, says what it applies to and what it costs, and the tuning table
/// or the costs decide which is made. Whatever applies must give the same bits for any number of
/// threads.
struct KernelEntry {
  std::string op;
  std::unique_ptr<Kernel> (*create)(const KernelRequest& request) = nullptr;
  /// See Backend::layouts; null means row-major everywhere.
  std::vector<std::string> (*layouts)(const KernelRequest& request) = nullptr;
  /// The name by which tuning tables, profiles and programs know the kernel among those of the op.
  std::string implementation = {};
  /// Whether it can compute the request; null: any.
  bool (*applies)(const KernelRequest& request) = nullptr;
  /// Microseconds on two cores of 100 GFLOP/s and 15 GB/s each, a model that knows the request only
  /// (no clock, no number of threads). Null: dearer than any.
  double (*cost)(const KernelRequest& request) = nullptr;
  /// Whether it can compute the request, some of whose operands are bfloat16; null: none of them.
  bool (*bfloat16)(const KernelRequest& request) = nullptr;
};

/// For KernelEntry::bfloat16.
inline bool always(const KernelRequest&) { return true; }

/// The same, of kernels that compute in float32 on data in bfloat16 where the compiler asks for it
/// (Op::data).
inline bool stores_bfloat16(const KernelRequest& request) {
  return request.attributes.get_or<std::string>("storage", "") == "bfloat16";
}

class RegisterKernel {
 public:
  explicit RegisterKernel(KernelEntry entry);
};

/// The kernels that can compute a request, by name: maybe none where operands are bfloat16.
std::vector<const KernelEntry*> able_kernels(const KernelRequest& request);
/// See Backend::choose.
const KernelEntry& choose_kernel(const KernelRequest& request);

}  // namespace sinew::cpu
