// Elements of the first whole pass, kept in a file: "SINEWSET", then for each element the number of
// its tensors, and for each tensor its type's name, rank, extents and numbers; after the last one
// kEnd and how many there were. Integers are of 64 bits, little-endian.

#include <fmt/format.h>

#include <cstring>
#include <filesystem>

#include "data/dataset/node.h"
#include "io/input_file.h"
#include "io/temporary_file.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

constexpr std::uint64_t kMagic = 0x5445'5357'454E'4953;  // "SINEWSET"
constexpr std::uint64_t kEnd = ~std::uint64_t{0};
/// More are in no element and no shape that was written here.
constexpr std::uint64_t kMostTensors = 1 << 16;
constexpr std::uint64_t kMostAxes = 64;
constexpr std::size_t kTypeName = 16;

class ElementWriter {
 public:
  explicit ElementWriter(const std::string& path) : file_(path) { put(kMagic); }

  void write(const Element& element) {
    put(element.size());
    for (const Tensor& tensor : element) {
      char name[kTypeName] = {};
      name_of(tensor.dtype()).copy(name, kTypeName - 1);
      put(name, kTypeName);
      put(static_cast<std::uint64_t>(tensor.shape().rank()));
      for (std::int64_t extent : tensor.shape()) put(static_cast<std::uint64_t>(extent));
      put(tensor.raw(), tensor.bytes());
    }
    ++count_;
  }
  void finish() {
    put(kEnd);
    put(count_);
    file_.write(buffer_);
    file_.replace();
  }

 private:
  static constexpr std::size_t kPiece = 1 << 16;

  void put(std::uint64_t number) { put(&number, sizeof(number)); }
  void put(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    buffer_.insert(buffer_.end(), bytes, bytes + size);
    if (buffer_.size() < kPiece) return;
    file_.write(buffer_);
    buffer_.clear();
  }

  io::TemporaryFile file_;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t count_ = 0;
};

class ElementReader : public ElementStream {
 public:
  explicit ElementReader(const std::string& path) : file_(path) {
    if (file_.size() < 8 || number() != kMagic) damaged("is no cache of a data set");
  }

  bool next(Element& element) override {
    const std::uint64_t tensors = begin();
    if (tensors == kEnd) return false;
    element.clear();
    for (std::uint64_t k = 0; k < tensors; ++k) {
      const Type type = header();
      Tensor tensor(type.shape, type.dtype);
      take(tensor.raw(), tensor.bytes());
      if (type.dtype == DType::Bool) {
        auto* bytes = static_cast<std::uint8_t*>(tensor.raw());
        std::transform(bytes, bytes + tensor.bytes(), bytes,
                       [](std::uint8_t byte) { return std::uint8_t{byte != 0}; });
      }
      element.push_back(std::move(tensor));
    }
    ++count_;
    return true;
  }

  std::int64_t skip(std::int64_t count) override {
    std::int64_t skipped = 0;
    for (; skipped < count; ++skipped, ++count_) {
      const std::uint64_t tensors = begin();
      if (tensors == kEnd) break;
      for (std::uint64_t k = 0; k < tensors; ++k) {
        const Type type = header();
        at_ += static_cast<std::uint64_t>(type.shape.numel()) * size_of(type.dtype);
      }
    }
    return skipped;
  }

 private:
  struct Type {
    DType dtype;
    Shape shape;
  };

  /// Tensors of the next element, or kEnd.
  std::uint64_t begin() {
    const std::uint64_t before = at_;
    const std::uint64_t tensors = number();
    if (tensors == kEnd) {
      if (number() != count_) damaged("tells another number of elements than it has");
      at_ = before;
    } else if (tensors > kMostTensors) {
      damaged("has an element of too many tensors");
    }
    return tensors;
  }

  /// Checked against what is left of the file, before memory is allocated.
  Type header() {
    char name[kTypeName];
    take(name, kTypeName);
    name[kTypeName - 1] = 0;
    const DType dtype = type_named(name);
    const std::uint64_t rank = number();
    if (rank > kMostAxes) damaged("has a tensor of too many axes");
    std::vector<std::int64_t> dims;
    std::uint64_t left = (file_.size() - at_) / size_of(dtype);
    bool empty = false;
    for (std::uint64_t axis = 0; axis < rank; ++axis) {
      const std::uint64_t extent = number();
      if (extent > file_.size() || (!empty && extent > left))
        damaged("has a tensor that is larger than the file");
      if (extent == 0) empty = true;
      if (!empty) left /= extent;
      dims.push_back(static_cast<std::int64_t>(extent));
    }
    return {dtype, Shape(std::move(dims))};
  }

  DType type_named(const char* name) const {
    try {
      return dtype_from_name(name);
    } catch (const ValueError&) {
      damaged("has a tensor of an unknown type");
    }
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    take(&value, sizeof(value));
    return value;
  }
  void take(void* to, std::size_t size) {
    auto* bytes = static_cast<std::uint8_t*>(to);
    if (size >= kPiece) {
      file_.read(at_, {bytes, size});
      at_ += size;
      return;
    }
    while (size > 0) {
      if (at_ < piece_at_ || at_ >= piece_at_ + piece_.size()) refill();
      const auto from = static_cast<std::size_t>(at_ - piece_at_);
      const std::size_t part = std::min(size, piece_.size() - from);
      std::memcpy(bytes, piece_.data() + from, part);
      bytes += part;
      size -= part;
      at_ += part;
    }
  }
  void refill() {
    piece_.resize(kPiece);
    piece_at_ = at_;
    piece_.resize(file_.read_some(at_, piece_));
    if (piece_.empty()) damaged("ends early");
  }
  [[noreturn]] void damaged(const char* how) const {
    throw FileError(fmt::format("'{}' {}, at byte {}: delete it, and it will be made anew",
                                file_.path(), how, at_));
  }

  static constexpr std::size_t kPiece = 1 << 16;

  io::InputFile file_;
  std::uint64_t at_ = 0, piece_at_ = 0, count_ = 0;
  std::vector<std::uint8_t> piece_;
};

class WritingStream : public ElementStream {
 public:
  WritingStream(StreamPtr input, const std::string& path)
      : input_(std::move(input)), writer_(std::make_unique<ElementWriter>(path)) {}
  bool next(Element& element) override {
    if (!writer_) return false;
    if (input_->next(element)) {
      writer_->write(element);
      return true;
    }
    writer_->finish();
    writer_.reset();
    return false;
  }

 private:
  StreamPtr input_;
  std::unique_ptr<ElementWriter> writer_;
};

class CachedInFile : public Stage {
 public:
  CachedInFile(NodePtr input, std::string path) : Stage(std::move(input)), path_(std::move(path)) {}
  StreamPtr open(Pass pass) const override {
    if (std::filesystem::exists(path_)) return std::make_unique<ElementReader>(path_);
    return std::make_unique<WritingStream>(input().open(pass), path_);
  }

 private:
  std::string path_;
};

}  // namespace

Dataset Dataset::cache(const std::string& path) const { return made<CachedInFile>(node_, path); }

}  // namespace sinew::data
