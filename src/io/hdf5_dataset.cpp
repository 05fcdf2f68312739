#include "io/hdf5_dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "io/hdf5_format.h"

namespace sinew::io::hdf5 {
namespace {

DType read_type(Fields type) {
  const std::uint64_t kind = type.number(1) & 15;
  const std::uint64_t bits = type.number(3);
  const std::uint64_t bytes = type.number(4);
  const bool little_endian = (bits & 1) == 0;
  const bool is_signed = (bits & 8) != 0;
  if (kind == kInteger && little_endian) {
    if (bytes == 8 && is_signed) return DType::Int64;
    if (bytes == 4 && is_signed) return DType::Int32;
    if (bytes == 1 && !is_signed) return DType::UInt8;
  }
  if (kind == kFloat && little_endian) {
    type.skip(2 + 2);
    for (const FloatFormat& format : kFloats) {
      Fields parts = type;
      if (bytes == format.bytes && parts.number(1) == format.exponent &&
          parts.number(1) == format.exponent_bits && parts.number(1) == 0 &&
          parts.number(1) == format.mantissa_bits && parts.number(4) == format.bias) {
        return format.dtype;
      }
    }
  }
  // NumPy has no bfloat16: h5py writes that of ml_dtypes as two bytes of anything.
  if (kind == kOpaque && bytes == 2) return DType::BFloat16;
  if (kind == kEnumeration && bytes == 1) return DType::Bool;
  throw FileError(fmt::format(
      "has elements of class {} with {} bytes; little-endian float32, float64, int32, int64, "
      "uint8, bool and bfloat16 are read",
      kind, bytes));
}

/// A shape whose elements the file can hold.
Shape read_shape(Fields space, std::uint64_t element_bytes, std::uint64_t file_bytes) {
  const std::uint64_t version = space.number(1);
  const std::uint64_t rank = space.number(1);
  space.skip(1);
  if (version == 1) {
    space.skip(5);
  } else if (version != 2 || space.number(1) > 1) {
    throw FileError("has a dataspace that is neither a scalar nor an array");
  }
  constexpr std::uint64_t kMaxRank = 32;
  if (rank > kMaxRank) throw FileError(fmt::format("has {} axes", rank));
  std::vector<std::uint64_t> extents;
  std::uint64_t bytes = element_bytes;
  bool fits = true;
  for (std::uint64_t axis = 0; axis < rank; ++axis) {
    extents.push_back(space.number(8));
    fits = fits && extents.back() > 0 && !__builtin_mul_overflow(bytes, extents.back(), &bytes);
  }
  if (!fits || bytes > file_bytes) {
    throw FileError(
        fmt::format("has the shape ({}), whose elements are none or more than the {} "
                    "bytes of the file",
                    fmt::join(extents, ", "), file_bytes));
  }
  return Shape(std::vector<std::int64_t>(extents.begin(), extents.end()));
}

Bytes read_layout(Bytes file, Fields layout, std::uint64_t bytes) {
  const std::uint64_t version = layout.number(1);
  const std::uint64_t kind = layout.number(1);
  if (version != 3 && version != 4)
    throw FileError(fmt::format("has a layout of version {}, which Keras does not write", version));
  if (kind == kVirtual) throw FileError("is a virtual dataset: parts of others, maybe of files");
  if (kind == kChunked) throw FileError("lies in chunks, which Keras's weights never do");
  if (kind != kCompact && kind != kContiguous)
    throw FileError(fmt::format("has a layout of class {}", kind));
  const std::uint64_t address = kind == kCompact ? 0 : layout.number(8);
  const std::uint64_t size = layout.number(kind == kCompact ? 2 : 8);
  if (kind == kCompact ? size < bytes : size != bytes)
    throw FileError(fmt::format("needs {} bytes by its shape, but has {}", bytes, size));
  if (kind == kCompact) return layout.take(bytes);
  if (address == kUndefined) throw FileError("was never written");
  return structure(file, address, size, "dataset").take(size);
}

}  // namespace

Dataset describe_dataset(Bytes file, const DatasetMessages& messages) {
  Dataset dataset{.dtype = read_type(messages.type), .shape = {}, .data = {}};
  dataset.shape = read_shape(messages.space, size_of(dataset.dtype), file.size());
  const auto elements = static_cast<std::uint64_t>(dataset.shape.numel());
  dataset.data = read_layout(file, messages.layout, elements * size_of(dataset.dtype));
  return dataset;
}

Tensor tensor_of(const Dataset& dataset) {
  // Any other byte in a bool is undefined behaviour in whoever reads it.
  if (dataset.dtype == DType::Bool &&
      std::any_of(dataset.data.begin(), dataset.data.end(), [](auto byte) { return byte > 1; })) {
    throw FileError("is of truth values, but holds other than 0 and 1");
  }
  try {
    Tensor tensor(dataset.shape, dataset.dtype);
    std::memcpy(tensor.raw(), dataset.data.data(), dataset.data.size());
    return tensor;
  } catch (const MemoryError& error) {
    throw FileError(fmt::format("shape {}: {}", dataset.shape.str(), error.what()));
  }
}

}  // namespace sinew::io::hdf5
