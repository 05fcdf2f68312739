#pragma once

#include <string>

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// Einstein's sum of products of two operands, as one matrix product: "abc,cd->abd" multiplies
/// a(a,b,c) by b(c,d) and adds over the letters that the result does not name. Each operand names a
/// letter once at most; "..." stands for the axes that are not named, the same in operands that
/// have it, and must be in the result then. Both floating, of one dtype. Errors: ValueError for a
/// text that is no such equation, ShapeError naming the shapes when ranks or extents do not fit.
Value einsum(const std::string& equation, Value a, Value b);

}  // namespace sinew::ops
