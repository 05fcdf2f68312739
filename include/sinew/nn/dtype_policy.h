#pragma once

#include <string>
#include <vector>

#include "sinew/base/dtype.h"

namespace sinew {

/// Keras's DTypePolicy: in which type a layer keeps its weights and in which it computes.
/// "float32", "float64" and "bfloat16" are one type for both; "mixed_bfloat16" keeps weights in
/// float32, and with them the optimizer's work, and computes in bfloat16: products add up in
/// float32 and are rounded once.
class DTypePolicy {
 public:
  /// The policy of set_dtype_policy().
  DTypePolicy();
  DTypePolicy(DType dtype) : variable_(dtype), compute_(dtype) {}
  /// By name; throws ValueError naming the nearest known one.
  DTypePolicy(const std::string& name);
  DTypePolicy(const char* name) : DTypePolicy(std::string(name)) {}

  std::string name() const;
  DType variable_dtype() const { return variable_; }
  DType compute_dtype() const { return compute_; }
  bool operator==(const DTypePolicy&) const = default;

 private:
  DType variable_ = DType::Float32;
  DType compute_ = DType::Float32;
};

std::vector<std::string> dtype_policy_names();

/// Keras's keras.config.set_dtype_policy: the policy of layers that are made from now on and given
/// none of their own. "float32" until set.
void set_dtype_policy(const DTypePolicy& policy);
DTypePolicy dtype_policy();

}  // namespace sinew
