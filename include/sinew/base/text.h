#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Words for messages and names.
namespace sinew {

/// 1568 -> "1,568".
std::string grouped(std::int64_t number);
/// "GlorotUniform" -> "glorot_uniform", "Conv2D" -> "conv2d", "LSTM" -> "lstm": Keras's
/// to_snake_case.
std::string snake_case(std::string_view camel_case);

}  // namespace sinew
