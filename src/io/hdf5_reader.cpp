#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "io/hdf5.h"
#include "io/hdf5_dataset.h"
#include "io/hdf5_fields.h"
#include "io/hdf5_format.h"
#include "sinew/base/error.h"

namespace sinew::io {
namespace {

using namespace hdf5;
constexpr const char* kNewerFormat =
    "is of HDF5's newer format, which Keras does not write; save the file again with Keras";

struct HeaderMessage {
  std::uint64_t type;
  Fields fields;
};

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes), unclaimed_(bytes.size()) {}

  NamedTensors read() {
    if (!is_hdf5(bytes_)) throw FileError("is not an HDF5 file");
    Fields superblock =
        structure(kSignature.size(), kSuperblockBytes - kSignature.size(), "superblock");
    if (superblock.number(1) != 0) throw FileError(kNewerFormat);
    superblock.skip(4);
    if (superblock.number(1) != 8 || superblock.number(1) != 8)
      throw FileError("has addresses or lengths of other than 8 bytes");
    superblock.skip(1 + 2 + 2 + 4);
    if (superblock.number(8) != 0) throw FileError("does not begin at its byte 0");
    superblock.skip(8);
    const std::uint64_t end = superblock.number(8);
    if (end > bytes_.size()) {
      throw FileError(fmt::format("has {} bytes of {}: it is cut short", bytes_.size(), end));
    }
    superblock.skip(8 + 8);
    read_object("", superblock.number(8), 0);
    return std::move(tensors_);
  }

 private:
  Fields structure(std::uint64_t address, std::uint64_t size, const char* what) const {
    return hdf5::structure(bytes_, address, size, what);
  }

  /// Each structure is reached once: no cycle of links, no work but what the file's size allows.
  void visit(std::uint64_t address, const char* what) {
    if (!visited_.insert(address).second)
      throw FileError(fmt::format("the {} at byte {} is reached twice", what, address));
  }

  std::vector<HeaderMessage> messages(std::uint64_t address) {
    visit(address, "object header");
    Fields header = structure(address, kHeaderPrefixBytes, "object header");
    if (header.number(1) != 1) throw FileError(kNewerFormat);
    header.skip(1);
    const std::uint64_t count = header.number(2);
    header.skip(4);
    std::vector<Fields> blocks = {
        structure(address + kHeaderPrefixBytes, header.number(4), "object header")};
    std::vector<HeaderMessage> result;
    for (std::size_t block = 0; block < blocks.size(); ++block) {
      while (blocks[block].left() >= kMessagePrefixBytes && result.size() < count) {
        const std::uint64_t type = blocks[block].number(2);
        const std::uint64_t size = blocks[block].number(2);
        const std::uint64_t flags = blocks[block].number(1);
        blocks[block].skip(3);
        HeaderMessage message{type, {blocks[block].take(size), "header message"}};
        constexpr std::uint64_t kShared = 2;
        if ((flags & kShared) != 0 && type == kDatatype)
          throw FileError(fmt::format("the datatype at byte {} lies elsewhere", address));
        if (type == kContinuation) {
          Fields place = message.fields;
          const std::uint64_t next = place.number(8);
          visit(next, "continued object header");
          blocks.push_back(structure(next, place.number(8), "continued object header"));
        }
        if (++messages_ > bytes_.size() / kMessagePrefixBytes)
          throw FileError("object headers lie upon each other");
        result.push_back(std::move(message));
      }
    }
    return result;
  }

  static std::optional<Fields> find(const std::vector<HeaderMessage>& messages, Message type) {
    for (const HeaderMessage& message : messages) {
      if (message.type == type) return message.fields;
    }
    return std::nullopt;
  }

  void read_object(const std::string& path, std::uint64_t address, int depth) {
    if (depth > kMaxGroupDepth) {
      throw FileError(
          fmt::format("'{}': groups are nested more than {} deep", path, kMaxGroupDepth));
    }
    try {
      const std::vector<HeaderMessage> header = messages(address);
      if (find(header, kLinkInfo) || find(header, kLink)) throw FileError(kNewerFormat);
      if (std::optional<Fields> table = find(header, kSymbolTable)) {
        const std::uint64_t tree = table->number(8);
        const Bytes names = read_names(table->number(8));
        read_tree(path, tree, names, depth, std::nullopt);
      } else {
        tensors_.emplace_back(path, read_dataset(header));
      }
    } catch (const FileError& error) {
      const std::string what = error.what();
      throw FileError(what.starts_with("'") ? what : fmt::format("'/{}': {}", path, what));
    }
  }

  Bytes read_names(std::uint64_t address) const {
    Fields heap = structure(address, kHeapBytes, "heap of names");
    heap.expect("HEAP");
    heap.skip(4);
    const std::uint64_t size = heap.number(8);
    heap.skip(8);
    return structure(heap.number(8), size, "heap of names").take(size);
  }

  /// A B-tree of symbol tables; the levels go down to 0.
  void read_tree(const std::string& path, std::uint64_t address, Bytes names, int depth,
                 std::optional<std::uint64_t> parent_level) {
    visit(address, "tree");
    constexpr std::uint64_t kPrefix = 24;
    Fields node = structure(address, kPrefix, "tree");
    node.expect("TREE");
    if (node.number(1) != 0) throw FileError("a group's tree is of another kind");
    const std::uint64_t level = node.number(1);
    if (parent_level ? level + 1 != *parent_level : level > 8)
      throw FileError(fmt::format("a group's tree has a node of level {}", level));
    const std::uint64_t count = node.number(2);
    Fields children = structure(address + kPrefix, count * 16 + 8, "tree");
    for (std::uint64_t i = 0; i < count; ++i) {
      children.skip(8);
      const std::uint64_t child = children.number(8);
      if (level > 0) {
        read_tree(path, child, names, depth, level);
      } else {
        read_symbols(path, child, names, depth);
      }
    }
  }

  void read_symbols(const std::string& path, std::uint64_t address, Bytes names, int depth) {
    visit(address, "symbol table");
    Fields table = structure(address, 8, "symbol table");
    table.expect("SNOD");
    table.skip(2);
    const std::uint64_t count = table.number(2);
    Fields symbols = structure(address + 8, count * kSymbolBytes, "symbol table");
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string name = name_at(names, symbols.number(8));
      const std::string member = path.empty() ? name : path + "/" + name;
      constexpr std::size_t kLongestPath = 1000;
      if (member.size() > kLongestPath) throw FileError("a path has more than 1000 characters");
      const std::uint64_t header = symbols.number(8);
      constexpr std::uint64_t kSoftLink = 2;
      if (symbols.number(4) == kSoftLink)
        throw FileError(fmt::format("'/{}': is a soft link, which is not followed", member));
      symbols.skip(20);
      read_object(member, header, depth + 1);
    }
  }

  static std::string name_at(Bytes names, std::uint64_t offset) {
    constexpr std::size_t kLongest = 256;
    if (offset >= names.size()) throw FileError("a name lies outside the heap of names");
    const Bytes rest = names.subspan(offset, std::min(names.size() - offset, kLongest));
    const auto end = std::find(rest.begin(), rest.end(), 0);
    if (end == rest.end()) throw FileError("a name has no end, or more than 255 characters");
    const std::string name(rest.begin(), end);
    const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
      return c == '/' || static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
    if (name.empty() || name == "." || name == ".." || !plain)
      throw FileError("a name is empty, '.' or '..', or holds '/' or control characters");
    return name;
  }

  Tensor read_dataset(const std::vector<HeaderMessage>& header) {
    const std::optional<Fields> space = find(header, kDataspace), type = find(header, kDatatype),
                                layout = find(header, kLayout);
    if (!space || !type || !layout) throw FileError("is neither a group nor a dataset");
    if (find(header, kExternalFiles)) throw FileError("lies in another file, which is not opened");
    if (find(header, kFilters)) throw FileError("is compressed, which Keras's weights never are");
    const Dataset dataset = describe_dataset(bytes_, {*space, *type, *layout});
    if (dataset.data.size() > unclaimed_) throw FileError("datasets lie upon each other");
    unclaimed_ -= dataset.data.size();
    return tensor_of(dataset);
  }

  Bytes bytes_;
  /// Bytes of the file that no dataset has taken yet.
  std::uint64_t unclaimed_;
  std::uint64_t messages_ = 0;
  std::set<std::uint64_t> visited_;
  NamedTensors tensors_;
};

}  // namespace

bool is_hdf5(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= kSignature.size() &&
         std::equal(kSignature.begin(), kSignature.end(), bytes.begin());
}

NamedTensors parse_hdf5(std::span<const std::uint8_t> bytes, const std::string& path) {
  try {
    return Reader(bytes).read();
  } catch (const FileError& error) {
    throw FileError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace sinew::io
