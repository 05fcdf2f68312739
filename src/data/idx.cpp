#include "sinew/data/idx.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "io/byte_stream.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

struct Header {
  DType dtype = DType::UInt8;
  Shape shape;
  std::size_t bytes = 0;
};

constexpr std::size_t kMaxRank = 8;

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// Bytes the header takes, from its first four; throws when they are not those of an IDX file.
std::size_t header_bytes(const std::uint8_t* magic, const std::string& path) {
  if (magic[0] != 0 || magic[1] != 0) {
    throw FileError(fmt::format("{}: byte 0: not an IDX file (it begins {:02x} {:02x}, not 00 00)",
                                path, magic[0], magic[1]));
  }
  if (magic[3] < 1 || magic[3] > kMaxRank) {
    throw FileError(
        fmt::format("{}: byte 3: {} axes; 1 to {} can be read", path, magic[3], kMaxRank));
  }
  return 4 + 4 * std::size_t{magic[3]};
}

Header parse_header(std::span<const std::uint8_t> bytes, const std::string& path) {
  Header header;
  switch (bytes[2]) {
    case 0x08:
      header.dtype = DType::UInt8;
      break;
    case 0x0C:
      header.dtype = DType::Int32;
      break;
    case 0x0D:
      header.dtype = DType::Float32;
      break;
    case 0x0E:
      header.dtype = DType::Float64;
      break;
    default:
      throw FileError(
          fmt::format("{}: byte 2: element type 0x{:02x}; 0x08, 0x0c, 0x0d and 0x0e can be read",
                      path, bytes[2]));
  }
  std::vector<std::int64_t> dims;
  std::int64_t count = static_cast<std::int64_t>(size_of(header.dtype));
  for (std::size_t at = 4; at < bytes.size(); at += 4) {
    dims.push_back(big_endian(bytes.data() + at));
    if (__builtin_mul_overflow(count, dims.back(), &count)) {
      throw FileError(fmt::format("{}: byte {}: the announced size overflows", path, at));
    }
  }
  header.shape = Shape(std::move(dims));
  header.bytes = static_cast<std::size_t>(count);
  return header;
}

void to_host_order(Tensor& tensor) {
  const std::size_t size = size_of(tensor.dtype());
  if (size == 1) return;
  auto* bytes = static_cast<std::uint8_t*>(tensor.raw());
  for (std::size_t at = 0; at < tensor.bytes(); at += size)
    std::reverse(bytes + at, bytes + at + size);
}

/// Reads exactly `to.size()` bytes of `what`.
void read(io::ByteStream& stream, std::span<std::uint8_t> to, const char* what) {
  const std::size_t got = stream.read(to);
  if (got == to.size()) return;
  throw FileError(fmt::format("{}: byte {}: ends inside the {}, which needs {} more byte{}",
                              stream.path(), stream.offset(), what, to.size() - got,
                              to.size() - got == 1 ? "" : "s"));
}

void expect_end(io::ByteStream& stream) {
  const std::uint64_t offset = stream.offset();
  std::uint8_t extra = 0;
  if (stream.read({&extra, 1}) > 0)
    throw FileError(
        fmt::format("{}: byte {}: holds more than it announces", stream.path(), offset));
}

/// deflate cannot shrink data more than about 1,032 times (zlib's documentation), so a file that
/// announces more is refused before its announced size is allocated.
void check_plausible(const io::ByteStream& stream, std::size_t announced) {
  constexpr std::size_t kMaxRatio = 1100;
  if (announced / kMaxRatio > stream.file_size()) {
    throw FileError(fmt::format("{}: announces {} bytes, more than its {} bytes can hold",
                                stream.path(), announced, stream.file_size()));
  }
}

}  // namespace

Tensor parse_idx(std::span<const std::uint8_t> bytes, const std::string& path) {
  if (bytes.size() < 4)
    throw FileError(fmt::format("{}: byte {}: ends inside the header", path, bytes.size()));
  const std::size_t length = header_bytes(bytes.data(), path);
  if (bytes.size() < length)
    throw FileError(fmt::format("{}: byte {}: ends inside the header", path, bytes.size()));
  const Header header = parse_header(bytes.first(length), path);
  if (bytes.size() - length != header.bytes) {
    throw FileError(fmt::format("{}: byte {}: announces {} bytes of data, but holds {}", path,
                                length, header.bytes, bytes.size() - length));
  }
  Tensor tensor(header.shape, header.dtype);
  if (header.bytes > 0) std::memcpy(tensor.raw(), bytes.data() + length, header.bytes);
  to_host_order(tensor);
  return tensor;
}

namespace {

/// The header of a stream, its announced size checked against what the file can hold.
Header open_header(io::ByteStream& stream) {
  std::vector<std::uint8_t> start(4);
  read(stream, start, "header");
  start.resize(header_bytes(start.data(), stream.path()));
  read(stream, std::span(start).subspan(4), "header");
  const Header header = parse_header(start, stream.path());
  check_plausible(stream, header.bytes);
  return header;
}

}  // namespace

Tensor read_idx(const std::string& path) {
  io::ByteStream stream(path);
  const Header header = open_header(stream);
  Tensor tensor(header.shape, header.dtype);
  read(stream, {static_cast<std::uint8_t*>(tensor.raw()), header.bytes}, "data");
  expect_end(stream);
  to_host_order(tensor);
  return tensor;
}

Tensor read_idx_unit_range(const std::string& path) {
  io::ByteStream stream(path);
  const Header header = open_header(stream);
  if (header.dtype != DType::UInt8) {
    throw FileError(
        fmt::format("{}: holds {}; images of bytes are needed", path, name_of(header.dtype)));
  }
  Tensor tensor(header.shape, DType::Float32);
  float* to = tensor.data<float>().data();
  std::array<std::uint8_t, 1 << 14> piece;
  for (std::size_t done = 0; done < header.bytes; done += piece.size()) {
    const std::size_t size = std::min(piece.size(), header.bytes - done);
    read(stream, std::span(piece).first(size), "data");
    for (std::size_t i = 0; i < size; ++i) to[done + i] = static_cast<float>(piece[i]) / 255.0f;
  }
  expect_end(stream);
  return tensor;
}

namespace {

/// One file of a data set.
struct Part {
  std::string path;
  Tensor tensor;
};

Part read_part(const std::string& folder, const char* name, int rank, Pixels pixels) {
  for (const char* ending : {"", ".gz"}) {
    const std::string path = folder + "/" + name + ending;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) continue;
    const bool scaled = rank == 3 && pixels == Pixels::UnitRange;
    Tensor tensor = scaled ? read_idx_unit_range(path) : read_idx(path);
    if (tensor.shape().rank() != rank || (!scaled && tensor.dtype() != DType::UInt8)) {
      throw FileError(fmt::format("{}: holds {}{}; {} axes of uint8 are needed", path,
                                  name_of(tensor.dtype()), tensor.shape().str(), rank));
    }
    return {path, std::move(tensor)};
  }
  throw FileError(
      fmt::format("{}/{}[.gz]: no such file; a data set folder holds train-images-idx3-ubyte, "
                  "train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte",
                  folder, name));
}

void check_counts(const std::string& folder, const Tensor& images, const Tensor& labels,
                  const char* part) {
  if (images.shape()[0] == 0)
    throw FileError(fmt::format("{}: the {} part has no images", folder, part));
  if (images.shape()[0] != labels.shape()[0]) {
    throw FileError(fmt::format("{}: the {} part has {} images, but {} labels", folder, part,
                                images.shape()[0], labels.shape()[0]));
  }
}

/// A model that learned from images of one size knows nothing of another.
void check_sizes(const Part& train, const Part& test) {
  const Shape& a = train.tensor.shape();
  const Shape& b = test.tensor.shape();
  if (a.drop_front() != b.drop_front()) {
    throw FileError(fmt::format(
        "{}: holds images of {} x {} pixels, but {} images of {} x {}; the test images must be as "
        "large as the training images",
        test.path, b[1], b[2], train.path, a[1], a[2]));
  }
  if (a[1] == 0 || a[2] == 0) {
    throw FileError(fmt::format("{} and {}: hold images of {} x {} pixels, nothing to learn from",
                                train.path, test.path, a[1], a[2]));
  }
}

}  // namespace

ImageDataset load_idx_dataset(const std::string& folder, Pixels pixels) {
  const Part x_train = read_part(folder, "train-images-idx3-ubyte", 3, pixels);
  const Part y_train = read_part(folder, "train-labels-idx1-ubyte", 1, pixels);
  const Part x_test = read_part(folder, "t10k-images-idx3-ubyte", 3, pixels);
  const Part y_test = read_part(folder, "t10k-labels-idx1-ubyte", 1, pixels);
  check_counts(folder, x_train.tensor, y_train.tensor, "training");
  check_counts(folder, x_test.tensor, y_test.tensor, "test");
  check_sizes(x_train, x_test);
  return {x_train.tensor, y_train.tensor, x_test.tensor, y_test.tensor};
}

ImageDataset fashion_mnist(Pixels pixels) {
  const std::string folder = "/usr/share/datasets/fashion-mnist";
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) {
    throw FileError(fmt::format(
        "{}: no such folder; install it with: apt-get install dataset-fashion-mnist", folder));
  }
  return load_idx_dataset(folder, pixels);
}

Tensor to_unit_range(const Tensor& images) {
  Tensor result = images.cast(DType::Float32);
  for (float& value : result.data<float>()) value /= 255.0f;
  return result;
}

}  // namespace sinew::data
