#include "sinew/nn/dtype_policy.h"

#include <algorithm>
#include <mutex>

#include "sinew/base/error.h"
#include "sinew/base/suggest.h"

namespace sinew {
namespace {

constexpr const char* kMixed = "mixed_bfloat16";

struct Shared {
  std::mutex mutex;
  DTypePolicy policy = DType::Float32;
};

Shared& shared() {
  static Shared instance;
  return instance;
}

}  // namespace

DTypePolicy::DTypePolicy() : DTypePolicy(dtype_policy()) {}

DTypePolicy::DTypePolicy(const std::string& name) {
  const std::vector<std::string> known = dtype_policy_names();
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw ValueError(unknown_name_message("dtype policy", name, known));
  variable_ = name == kMixed ? DType::Float32 : dtype_from_name(name);
  compute_ = name == kMixed ? DType::BFloat16 : variable_;
}

std::string DTypePolicy::name() const {
  return variable_ == compute_ ? std::string(name_of(variable_)) : kMixed;
}

std::vector<std::string> dtype_policy_names() { return {"bfloat16", "float32", "float64", kMixed}; }

void set_dtype_policy(const DTypePolicy& policy) {
  const std::lock_guard lock(shared().mutex);
  shared().policy = policy;
}

DTypePolicy dtype_policy() {
  const std::lock_guard lock(shared().mutex);
  return shared().policy;
}

}  // namespace sinew
