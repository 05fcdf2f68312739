#pragma once

#include <cstddef>
#include <cstdint>

/// What the reader and the writer of zip files share.
namespace sinew::io::zip {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint32_t kEndRecord = 0x06054b50;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::uint32_t kStored = 0;
constexpr std::uint32_t kDeflated = 8;
/// What 32 bits hold; all ones stand for zip64.
constexpr std::uint64_t kLargest = 0xfffffffe;

}  // namespace sinew::io::zip
