#pragma once

#include <vector>

#include "sinew/graph/graph.h"

/// Gradients kept small before an optimizer follows them.
namespace sinew {

/// Each element in [-limit, limit].
std::vector<Value> clip_by_value(const std::vector<Value>& gradients, double limit);
/// Each gradient scaled so that its Euclidean norm is at most `limit`.
std::vector<Value> clip_by_norm(const std::vector<Value>& gradients, double limit);
/// All scaled by one factor so that the norm of all together is at most `limit` (Pascanu et al.
/// 2013, section 3.2).
std::vector<Value> clip_by_global_norm(const std::vector<Value>& gradients, double limit);

}  // namespace sinew
