#include "arrays.h"

#include <fmt/format.h>

#include "sinew/base/error.h"

namespace sinew::python {
namespace {

using Code = nb::dlpack::dtype_code;

DType to_dtype(nb::dlpack::dtype type) {
  const auto is = [&](Code code, int bits) {
    return type.code == static_cast<std::uint8_t>(code) && type.bits == bits && type.lanes == 1;
  };
  if (is(Code::Float, 32)) return DType::Float32;
  if (is(Code::Float, 64)) return DType::Float64;
  if (is(Code::Int, 32)) return DType::Int32;
  if (is(Code::Int, 64)) return DType::Int64;
  if (is(Code::UInt, 8)) return DType::UInt8;
  if (is(Code::Bool, 8)) return DType::Bool;
  if (is(Code::Bfloat, 16)) return DType::BFloat16;
  throw DTypeError(
      fmt::format("an array of {} bits (DLPack type code {}) is of no dtype that Sinew has",
                  int{type.bits}, int{type.code}));
}

nb::dlpack::dtype from_dtype(DType dtype) {
  const auto make = [](Code code, int bits) {
    return nb::dlpack::dtype{static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(bits), 1};
  };
  switch (dtype) {
    case DType::Float32:
      return make(Code::Float, 32);
    case DType::Float64:
      return make(Code::Float, 64);
    case DType::Int32:
      return make(Code::Int, 32);
    case DType::Int64:
      return make(Code::Int, 64);
    case DType::UInt8:
      return make(Code::UInt, 8);
    case DType::BFloat16:
      return make(Code::Bfloat, 16);
    case DType::Bool:
      break;
  }
  return make(Code::Bool, 8);
}

}  // namespace

Tensor to_tensor(const Array& array) {
  std::vector<std::int64_t> extents;
  for (std::size_t axis = 0; axis < array.ndim(); ++axis)
    extents.push_back(static_cast<std::int64_t>(array.shape(axis)));
  const DType dtype = to_dtype(array.dtype());
  std::shared_ptr<void> owner(new Array(array), [](void* held) {
    nb::gil_scoped_acquire lock;
    delete static_cast<Array*>(held);
  });
  // Sinew reads its inputs only.
  return Tensor::wrap(std::move(owner), const_cast<void*>(array.data()), Shape(std::move(extents)),
                      dtype);
}

std::vector<Tensor> to_tensors(const std::vector<Array>& arrays) {
  std::vector<Tensor> tensors;
  for (const Array& array : arrays) tensors.push_back(to_tensor(array));
  return tensors;
}

nb::object to_array(const Tensor& tensor) {
  const auto* kept =
      new Tensor(tensor.dtype() == DType::BFloat16 ? tensor.cast(DType::Float32) : tensor);
  const nb::capsule owner(kept, [](void* held) noexcept { delete static_cast<Tensor*>(held); });
  std::vector<std::size_t> extents(kept->shape().begin(), kept->shape().end());
  return nb::cast(nb::ndarray<nb::numpy>(const_cast<void*>(kept->raw()), extents.size(),
                                         extents.data(), owner, nullptr,
                                         from_dtype(kept->dtype())));
}

nb::list to_arrays(const std::vector<Tensor>& tensors) {
  nb::list arrays;
  for (const Tensor& tensor : tensors) arrays.append(to_array(tensor));
  return arrays;
}

nb::tuple shape_tuple(const Shape& shape) {
  nb::list extents;
  for (const std::int64_t extent : shape) {
    if (extent == Shape::kUnknown) {
      extents.append(nb::none());
    } else {
      extents.append(extent);
    }
  }
  return nb::tuple(extents);
}

Shape to_shape(nb::handle extents) {
  std::vector<std::int64_t> dims;
  for (const nb::handle extent : extents)
    dims.push_back(extent.is_none() ? Shape::kUnknown : nb::cast<std::int64_t>(extent));
  return Shape(std::move(dims));
}

}  // namespace sinew::python
