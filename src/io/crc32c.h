#pragma once

#include <cstdint>
#include <string_view>

namespace sinew::io {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4); zlib has another polynomial's only.
std::uint32_t crc32c(std::string_view data);
/// As TFRecord stores it, so that a checksum over data that hold checksums stays a good one.
std::uint32_t masked_crc32c(std::string_view data);

}  // namespace sinew::io
