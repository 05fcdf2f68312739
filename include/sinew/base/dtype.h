#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sinew/base/bfloat16.h"

namespace sinew {

/// Element type of a tensor. Graphs compute in Float32 and Float64, and store in BFloat16 what
/// mixed precision rounds; integers carry labels, indices and images.
enum class DType : std::uint8_t { Float32, Float64, Int32, Int64, UInt8, Bool, BFloat16 };

/// Bytes of one element.
std::size_t size_of(DType dtype);
/// Keras's name: "float32", "float64", "int32", "int64", "uint8", "bool", "bfloat16".
std::string_view name_of(DType dtype);
/// Inverse of name_of; throws ValueError for an unknown name.
DType dtype_from_name(std::string_view name);
bool is_floating(DType dtype);

template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::Float32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::Float64;
};
template <>
struct DTypeOf<std::int32_t> {
  static constexpr DType value = DType::Int32;
};
template <>
struct DTypeOf<std::int64_t> {
  static constexpr DType value = DType::Int64;
};
template <>
struct DTypeOf<std::uint8_t> {
  static constexpr DType value = DType::UInt8;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = DType::Bool;
};

template <>
struct DTypeOf<BFloat16> {
  static constexpr DType value = DType::BFloat16;
};

/// Calls `body` with a value-initialised T for the element type `dtype`, so that it can be a
/// generic lambda.
template <typename Body>
decltype(auto) dispatch(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::Float32:
      return body(float{});
    case DType::Float64:
      return body(double{});
    case DType::Int32:
      return body(std::int32_t{});
    case DType::Int64:
      return body(std::int64_t{});
    case DType::UInt8:
      return body(std::uint8_t{});
    case DType::BFloat16:
      return body(BFloat16{});
    case DType::Bool:
      break;
  }
  return body(bool{});
}

}  // namespace sinew
