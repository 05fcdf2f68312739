#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <new>

#include "base/memory.h"
#include "io/zip.h"
#include "io/zip_format.h"
#include "sinew/base/error.h"

namespace sinew::io {
namespace {

using namespace zip;
using Bytes = std::span<const std::uint8_t>;

std::uint64_t number(Bytes bytes, std::size_t at, int width) {
  std::uint64_t value = 0;
  for (int i = width; i-- > 0;) value = value << 8 | bytes[at + static_cast<std::size_t>(i)];
  return value;
}

std::string text(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// Whether a name would lead out of the folder that a zip file is unpacked in.
bool leads_out(const std::string& name) {
  if (name.empty() || name[0] == '/' || name.find('\\') != std::string::npos) return true;
  return name == ".." || name.starts_with("../") || name.ends_with("/..") ||
         name.find("/../") != std::string::npos || name.find('\0') != std::string::npos;
}

/// Inflates all of `packed` into all of `to`.
bool inflate_all(Bytes packed, std::span<std::uint8_t> to) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = to.data();
  stream.avail_out = static_cast<uInt>(to.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
  inflateEnd(&stream);
  return whole;
}

}  // namespace

bool is_zip(Bytes bytes) { return bytes.size() >= 4 && number(bytes, 0, 4) == kLocalHeader; }

ZipFile::ZipFile(Bytes bytes, std::string path) : bytes_(bytes), path_(std::move(path)) {
  read_directory();
}

void ZipFile::fail(const std::string& what) const {
  throw FileError(fmt::format("{}: {}", path_, what));
}

void ZipFile::read_directory() {
  if (!is_zip(bytes_)) fail("is not a zip file");
  if (bytes_.size() > kLargest) fail("has 4 GiB or more, which is not read");
  // The end record is the file's last, but for a comment that fills the rest.
  std::size_t end = bytes_.size();
  constexpr std::size_t kLongestComment = 0xffff;
  for (std::size_t comment = 0; comment <= kLongestComment && end == bytes_.size(); ++comment) {
    if (bytes_.size() < kEndBytes + comment) break;
    const std::size_t at = bytes_.size() - kEndBytes - comment;
    if (number(bytes_, at, 4) == kEndRecord && number(bytes_, at + 20, 2) == comment) end = at;
  }
  if (end == bytes_.size()) fail("has no zip directory at its end: it is cut short or damaged");
  const std::uint64_t count = number(bytes_, end + 10, 2);
  const std::uint64_t begin = number(bytes_, end + 16, 4);
  if (begin > end || number(bytes_, end + 12, 4) != end - begin)
    fail("its zip directory is not where the file's end says");
  Bytes rest = bytes_.subspan(begin, end - begin);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (rest.size() < kEntryBytes || number(rest, 0, 4) != kDirectoryEntry)
      fail(fmt::format("entry {} of {} of its zip directory is damaged", i, count));
    const std::size_t name = number(rest, 28, 2);
    const std::size_t more = number(rest, 30, 2) + number(rest, 32, 2);
    if (rest.size() - kEntryBytes < name + more)
      fail(fmt::format("entry {} of {} of its zip directory is cut short", i, count));
    Entry entry{.name = text(rest.subspan(kEntryBytes, name)),
                .method = static_cast<std::uint32_t>(number(rest, 10, 2)),
                .checksum = static_cast<std::uint32_t>(number(rest, 16, 4)),
                .packed = number(rest, 20, 4),
                .size = number(rest, 24, 4),
                .header = number(rest, 42, 4)};
    if (leads_out(entry.name))
      fail(fmt::format("its entry '{}' would lie outside the file's own folder", entry.name));
    if (find(entry.name)) fail(fmt::format("holds '{}' twice", entry.name));
    constexpr std::uint64_t kEncrypted = 1;
    if (number(rest, 8, 2) & kEncrypted) fail(fmt::format("'{}' is encrypted", entry.name));
    entries_.push_back(std::move(entry));
    rest = rest.subspan(kEntryBytes + name + more);
  }
}

const ZipFile::Entry* ZipFile::find(const std::string& name) const {
  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return entry.name == name; });
  return at == entries_.end() ? nullptr : &*at;
}

bool ZipFile::has(const std::string& name) const { return find(name) != nullptr; }

ZipFile::Contents ZipFile::read(const std::string& name, std::uint64_t limit) const {
  const Entry* entry = find(name);
  if (!entry) fail(fmt::format("holds no '{}'", name));
  const auto damaged = [&](const std::string& how) { fail(fmt::format("'{}' {}", name, how)); };
  if (entry->size > limit)
    damaged(fmt::format("has {} bytes; at most {} are read", entry->size, limit));
  if (entry->header > bytes_.size() || bytes_.size() - entry->header < kLocalBytes ||
      number(bytes_, entry->header, 4) != kLocalHeader) {
    damaged(fmt::format("does not begin at byte {}", entry->header));
  }
  const std::uint64_t begin = entry->header + kLocalBytes + number(bytes_, entry->header + 26, 2) +
                              number(bytes_, entry->header + 28, 2);
  if (begin > bytes_.size() || entry->packed > bytes_.size() - begin) {
    damaged(fmt::format("would lie at bytes {} to {} of {}", begin, begin + entry->packed,
                        bytes_.size()));
  }
  const Bytes packed = bytes_.subspan(begin, entry->packed);
  Contents contents{.bytes = packed};
  if (entry->method == kDeflated) {
    if (entry->size > kMaxExpansion * entry->packed) {
      damaged(fmt::format("would unpack to {} bytes from {}: more than {} times as many is refused",
                          entry->size, entry->packed, kMaxExpansion));
    }
    try {
      check_memory(entry->size);
      contents.unpacked.resize(entry->size);
    } catch (const std::exception&) {
      damaged(fmt::format("has {} bytes, more than memory can hold", entry->size));
    }
    if (!inflate_all(packed, contents.unpacked)) damaged("is damaged: it cannot be unpacked");
    contents.bytes = contents.unpacked;
  } else if (entry->method != kStored) {
    damaged(
        fmt::format("is packed by method {}; stored and deflated ones are read", entry->method));
  }
  if (contents.bytes.size() != entry->size)
    damaged(fmt::format("has {} bytes of {}", contents.bytes.size(), entry->size));
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  if (crc32_z(0, contents.bytes.data(), contents.bytes.size()) != entry->checksum)
    damaged("is damaged: its checksum is wrong");
#endif
  return contents;
}

}  // namespace sinew::io
