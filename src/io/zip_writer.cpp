#include <fmt/format.h>
#include <zlib.h>

#include "io/zip.h"
#include "io/zip_format.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::io {
namespace {

using namespace zip;

class Record {
 public:
  Record& put(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i, value >>= 8) bytes_.push_back(static_cast<std::uint8_t>(value));
    return *this;
  }
  Record& put(const std::string& text) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }
  std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// What a local header and a directory entry have in common, from the version that reads it to the
/// length of the name.
void describe(Record& record, const ZipMember& member, std::uint32_t checksum, std::uint64_t size) {
  constexpr std::uint64_t kVersion = 20, kUtf8 = 0x800, kMidnight = 0, kFirstOf1980 = 0x21;
  record.put(kVersion, 2).put(kUtf8, 2).put(kStored, 2).put(kMidnight, 2).put(kFirstOf1980, 2);
  record.put(checksum, 4).put(size, 4).put(size, 4).put(member.name.size(), 2);
}

}  // namespace

void write_zip(const std::string& path, const std::vector<ZipMember>& members) {
  std::vector<Record> headers(members.size());
  std::vector<std::span<const std::uint8_t>> pieces;
  Record directory;
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const ZipMember& member = members[i];
    std::uint64_t size = 0;
    uLong checksum = 0;
    for (const auto& piece : member.pieces) {
      size += piece.size();
      if (!piece.empty()) checksum = crc32_z(checksum, piece.data(), piece.size());
    }
    if (at + size > kLargest) {
      throw ValueError(fmt::format(
          "{}: would have 4 GiB or more, which zip files are not written with; save the model as "
          ".safetensors",
          path));
    }
    const auto sum = static_cast<std::uint32_t>(checksum);
    headers[i].put(kLocalHeader, 4);
    describe(headers[i], member, sum, size);
    headers[i].put(0, 2).put(member.name);
    constexpr std::uint64_t kMadeOnUnix = 3 << 8 | 20, kReadableFile = 0100644;
    directory.put(kDirectoryEntry, 4).put(kMadeOnUnix, 2);
    describe(directory, member, sum, size);
    directory.put(0, 2 + 2 + 2 + 2).put(kReadableFile << 16, 4).put(at, 4).put(member.name);
    pieces.push_back(headers[i].bytes());
    pieces.insert(pieces.end(), member.pieces.begin(), member.pieces.end());
    at += headers[i].bytes().size() + size;
  }
  Record end;
  end.put(kEndRecord, 4).put(0, 4).put(members.size(), 2).put(members.size(), 2);
  end.put(directory.bytes().size(), 4).put(at, 4).put(0, 2);
  pieces.push_back(directory.bytes());
  pieces.push_back(end.bytes());
  write_file(path, pieces);
}

}  // namespace sinew::io
