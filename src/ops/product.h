#pragma once

#include "sinew/graph/graph.h"

/// Types of operands where an op takes bfloat16 and float32 together.
namespace sinew::ops {

/// Of parameters and statistics beside data: the data's, but float32 where the compiler stores
/// those in bfloat16 (Op::data).
inline DType computing_type(const Node& node, DType data) {
  return node.attributes.get_or<std::string>("storage", "").empty() ? data : DType::Float32;
}

/// Whether a product may have operands of these types: one floating type, or data of bfloat16 with
/// weights of float32, where the compiler has put the weights themselves in place of a rounded
/// copy.
inline bool multiplies(DType data, DType weights) {
  return is_floating(data) &&
         (data == weights || (data == DType::BFloat16 && weights == DType::Float32));
}

/// The type of a product's result: its data's, or that of the attribute "result", into which the
/// compiler has turned a cast behind the product.
inline DType product_type(const Node& node, DType data) {
  const std::string result = node.attributes.get_or<std::string>("result", "");
  return result.empty() ? data : dtype_from_name(result);
}

}  // namespace sinew::ops
