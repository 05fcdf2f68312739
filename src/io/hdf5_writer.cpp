#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "io/hdf5.h"
#include "io/hdf5_format.h"
#include "sinew/base/error.h"

namespace sinew::io {
namespace {

using namespace hdf5;

constexpr std::size_t kSymbolsPerTable = 8;
constexpr std::size_t kTableBytes = 8 + kSymbolsPerTable * kSymbolBytes;
constexpr std::size_t kTreePrefixBytes = 24;
constexpr std::size_t kGroupHeaderBytes = kHeaderPrefixBytes + kMessagePrefixBytes + 16;
/// Half of a tree's children, as HDF5's library counts them: its own choice, and its largest.
constexpr std::size_t kUsualRank = 16;
constexpr std::size_t kLargestRank = 0x7fff;

/// A group, or a dataset where there is a tensor, with the places of its structures.
struct Node {
  std::map<std::string, Node> members = {};
  const Tensor* tensor = nullptr;
  std::uint64_t header = 0, tree = 0, heap = 0, names = 0, tables = 0, data = 0;

  std::size_t table_count() const {
    return (members.size() + kSymbolsPerTable - 1) / kSymbolsPerTable;
  }
  std::size_t names_bytes() const {
    std::size_t bytes = 8;
    for (const auto& [name, member] : members) bytes += padded(name.size() + 1);
    return bytes;
  }
};

const FloatFormat* float_format(DType dtype) {
  const auto at = std::find_if(kFloats.begin(), kFloats.end(),
                               [&](const FloatFormat& format) { return format.dtype == dtype; });
  return at == kFloats.end() ? nullptr : &*at;
}

std::size_t type_bytes(DType dtype) { return padded(8 + (float_format(dtype) ? 12 : 4)); }

std::size_t message_bytes(const Tensor& tensor) {
  const std::size_t space = 8 + 8 * static_cast<std::size_t>(tensor.shape().rank());
  return 3 * kMessagePrefixBytes + space + type_bytes(tensor.dtype()) + padded(18);
}

class Writer {
 public:
  explicit Writer(const NamedTensors& tensors) {
    for (const auto& [path, tensor] : tensors) add(path, tensor);
    place(root_);
    std::uint64_t end = end_;
    for (Node* dataset : datasets_) {
      dataset->data = end;
      end += padded(dataset->tensor->bytes());
    }
    image_.structure.resize(end_);
    write_superblock(end);
    write(root_);
  }

  Hdf5Image take() {
    image_.pieces.emplace_back(image_.structure);
    static constexpr std::uint8_t kZeros[8] = {};
    for (const Node* dataset : datasets_) {
      const std::size_t bytes = dataset->tensor->bytes();
      image_.pieces.emplace_back(static_cast<const std::uint8_t*>(dataset->tensor->raw()), bytes);
      image_.pieces.emplace_back(kZeros, padded(bytes) - bytes);
    }
    return std::move(image_);
  }

 private:
  void add(const std::string& path, const Tensor& tensor) {
    Node* node = &root_;
    for (std::size_t begin = 0, end = 0; end != path.size(); begin = end + 1) {
      end = std::min(path.find('/', begin), path.size());
      node = &node->members[path.substr(begin, end - begin)];
      if (node->tensor || end == begin)
        throw ValueError(fmt::format("'{}' cannot be a dataset's path beside the others", path));
    }
    if (!node->members.empty())
      throw ValueError(fmt::format("'{}' is both a dataset and a group", path));
    node->tensor = &tensor;
  }

  std::uint64_t reserve(std::size_t bytes) {
    const std::uint64_t at = end_;
    end_ += padded(bytes);
    return at;
  }

  void place(Node& node) {
    if (node.tensor) {
      node.header = reserve(kHeaderPrefixBytes + message_bytes(*node.tensor));
      datasets_.push_back(&node);
      return;
    }
    // One level of tree for any group: its nodes are as wide as the widest needs.
    rank_ = std::max(rank_, (node.table_count() + 1) / 2);
    if (rank_ > kLargestRank)
      throw ValueError(fmt::format("a group of {} members is too large", node.members.size()));
    for (auto& [name, member] : node.members) place(member);
    node.header = reserve(kGroupHeaderBytes);
    node.heap = reserve(kHeapBytes);
    node.names = reserve(node.names_bytes());
    node.tables = reserve(node.table_count() * kTableBytes);
    groups_.push_back(&node);
    if (&node != &root_) return;
    for (Node* group : groups_) group->tree = reserve(kTreePrefixBytes + (4 * rank_ + 1) * 8);
  }

  void seek(std::uint64_t address) { at_ = address; }
  void put(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i, value >>= 8)
      image_.structure[at_++] = static_cast<std::uint8_t>(value);
  }
  void put(const char* text) {
    for (; *text; ++text) put(static_cast<std::uint8_t>(*text), 1);
  }

  void write_superblock(std::uint64_t end) {
    for (std::uint8_t byte : kSignature) put(byte, 1);
    put(0, 5);
    put(8, 1);
    put(8, 1);
    put(0, 1);
    put(kSymbolsPerTable / 2, 2);
    put(rank_, 2);
    put(0, 4);
    put(0, 8);
    put(kUndefined, 8);
    put(end, 8);
    put(kUndefined, 8);
    write_symbol(0, root_);
  }

  void write_symbol(std::uint64_t name, const Node& node) {
    constexpr std::uint64_t kNothingCached = 0, kGroupCached = 1;
    put(name, 8);
    put(node.header, 8);
    put(node.tensor ? kNothingCached : kGroupCached, 4);
    put(0, 4);
    put(node.tree, 8);
    put(node.heap, 8);
  }

  void write_header(std::uint64_t address, int messages, std::size_t bytes) {
    seek(address);
    put(1, 2);
    put(static_cast<std::uint64_t>(messages), 2);
    put(1, 4);
    put(bytes, 8);
  }
  void begin_message(Message type, std::size_t bytes) {
    put(type, 2);
    put(bytes, 2);
    put(0, 4);
  }

  void write(const Node& node) {
    if (node.tensor) {
      write_dataset(node);
      return;
    }
    write_header(node.header, 1, kMessagePrefixBytes + 16);
    begin_message(kSymbolTable, 16);
    put(node.tree, 8);
    put(node.heap, 8);
    const std::vector<std::uint64_t> names = write_names(node);
    write_tree(node, names);
    write_tables(node, names);
    for (const auto& [name, member] : node.members) write(member);
  }

  /// Returns the names' offsets in their heap.
  std::vector<std::uint64_t> write_names(const Node& node) {
    seek(node.heap);
    put("HEAP");
    put(0, 4);
    put(node.names_bytes(), 8);
    constexpr std::uint64_t kNothingFree = 1;
    put(kNothingFree, 8);
    put(node.names, 8);
    std::vector<std::uint64_t> offsets;
    std::uint64_t offset = 8;
    for (const auto& [name, member] : node.members) {
      seek(node.names + offset);
      put(name.c_str());
      offsets.push_back(offset);
      offset += padded(name.size() + 1);
    }
    return offsets;
  }

  void write_tree(const Node& node, const std::vector<std::uint64_t>& names) {
    seek(node.tree);
    put("TREE");
    put(0, 2);
    put(node.table_count(), 2);
    put(kUndefined, 8);
    put(kUndefined, 8);
    put(0, 8);
    // After each table stands its last name.
    for (std::size_t table = 0; table < node.table_count(); ++table) {
      put(node.tables + table * kTableBytes, 8);
      put(names[std::min((table + 1) * kSymbolsPerTable, names.size()) - 1], 8);
    }
  }

  void write_tables(const Node& node, const std::vector<std::uint64_t>& names) {
    std::size_t index = 0;
    for (const auto& [name, member] : node.members) {
      if (index % kSymbolsPerTable == 0) {
        seek(node.tables + index / kSymbolsPerTable * kTableBytes);
        put("SNOD");
        put(1, 2);
        put(std::min(kSymbolsPerTable, node.members.size() - index), 2);
      }
      write_symbol(names[index++], member);
    }
  }

  void write_dataset(const Node& node) {
    const Shape& shape = node.tensor->shape();
    const auto rank = static_cast<std::size_t>(shape.rank());
    write_header(node.header, 3, message_bytes(*node.tensor));
    begin_message(kDataspace, 8 + 8 * rank);
    put(1, 1);
    put(rank, 7);
    for (std::int64_t extent : shape) put(static_cast<std::uint64_t>(extent), 8);
    write_type(node.tensor->dtype());
    begin_message(kLayout, padded(18));
    put(3, 1);
    put(kContiguous, 1);
    put(node.data, 8);
    put(node.tensor->bytes(), 8);
  }

  void write_type(DType dtype) {
    constexpr std::uint64_t kVersion = 0x10;
    begin_message(kDatatype, type_bytes(dtype));
    const std::uint64_t next = at_ + type_bytes(dtype);
    const std::size_t bytes = size_of(dtype);
    if (const FloatFormat* format = float_format(dtype)) {
      constexpr std::uint64_t kLeadingOneImplied = 0x20;
      put(kVersion | kFloat, 1);
      put(kLeadingOneImplied, 1);
      put(format->sign, 2);
      put(bytes, 4);
      put(0, 2);
      put(8 * bytes, 2);
      put(format->exponent, 1);
      put(format->exponent_bits, 1);
      put(0, 1);
      put(format->mantissa_bits, 1);
      put(format->bias, 4);
    } else {
      constexpr std::uint64_t kSigned = 8;
      put(kVersion | kInteger, 1);
      put(dtype == DType::Int32 || dtype == DType::Int64 ? kSigned : 0, 3);
      put(bytes, 4);
      put(0, 2);
      put(8 * bytes, 2);
    }
    seek(next);
  }

  Node root_;
  std::vector<Node*> groups_;
  std::vector<Node*> datasets_;
  std::size_t rank_ = kUsualRank;
  std::uint64_t end_ = kSuperblockBytes;
  std::uint64_t at_ = 0;
  Hdf5Image image_;
};

}  // namespace

Hdf5Image make_hdf5(const NamedTensors& tensors) {
  for (const auto& [path, tensor] : tensors) {
    if (tensor.dtype() == DType::BFloat16 || tensor.numel() == 0)
      throw ValueError(fmt::format("'{}': HDF5 files of Keras's hold no {} tensor of shape {}",
                                   path, name_of(tensor.dtype()), tensor.shape().str()));
  }
  return Writer(tensors).take();
}

}  // namespace sinew::io
