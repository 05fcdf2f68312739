#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sinew::io {

/// A zip file in memory (PKWARE's APPNOTE 6.3.10): entries stored or deflated. Throws FileError
/// naming `path`, the entry and what is wrong. Nothing is ever written to where an entry's name
/// says.
class ZipFile {
 public:
  /// Reads the directory: refuses names that are absolute, hold '..' or come twice, encrypted
  /// entries and files of 4 GiB or more (zip64). `bytes` must outlive the object.
  ZipFile(std::span<const std::uint8_t> bytes, std::string path);

  /// Contents of an entry: a view of the file, or of what was unpacked.
  struct Contents {
    std::vector<std::uint8_t> unpacked = {};
    std::span<const std::uint8_t> bytes = {};
  };

  bool has(const std::string& name) const;
  /// Checks size and checksum. Refuses an entry of more than `limit` bytes, and one that would
  /// unpack to more than kMaxExpansion times what it is packed in, before allocating any.
  Contents read(const std::string& name, std::uint64_t limit) const;

  static constexpr std::uint64_t kMaxExpansion = 100;

 private:
  struct Entry {
    std::string name;
    std::uint32_t method, checksum;
    std::uint64_t packed, size, header;
  };

  const Entry* find(const std::string& name) const;
  void read_directory();
  [[noreturn]] void fail(const std::string& what) const;

  std::span<const std::uint8_t> bytes_;
  std::string path_;
  std::vector<Entry> entries_;
};

/// Whether bytes begin as a zip file with entries does.
bool is_zip(std::span<const std::uint8_t> bytes);

/// An entry to be written: its name, and its contents in pieces.
struct ZipMember {
  std::string name;
  std::vector<std::span<const std::uint8_t>> pieces;
};

/// Stores the entries as they are, dated 1980-01-01: the bytes depend on the contents only. Written
/// whole or not at all. Throws ValueError for 4 GiB or more, FileError as write_file does.
void write_zip(const std::string& path, const std::vector<ZipMember>& members);

}  // namespace sinew::io
