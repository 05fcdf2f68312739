#pragma once

#include "sinew/graph/graph.h"

/// What matmul and the convolutions share.
namespace sinew::ops {

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
