#include "io/byte_stream.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "sinew/base/error.h"

namespace sinew::io {

ByteStream::ByteStream(const std::string& path) : file_(path) {
  std::array<std::uint8_t, 2> magic{};
  if (file_.read_some(0, magic) < magic.size() || magic[0] != 0x1f || magic[1] != 0x8b) return;
  piece_ = std::make_unique<std::uint8_t[]>(kPiece);
  zlib_ = std::make_unique<z_stream_s>();
  constexpr int kGzipOnly = 16;
  if (inflateInit2(zlib_.get(), MAX_WBITS + kGzipOnly) != Z_OK)
    throw MemoryError(fmt::format("{}: no memory to unpack it", path));
}

ByteStream::~ByteStream() {
  if (zlib_) inflateEnd(zlib_.get());
}

std::size_t ByteStream::read(std::span<std::uint8_t> to) {
  const std::size_t got = zlib_ ? inflate(to) : file_.read_some(offset_, to);
  offset_ += got;
  return got;
}

bool ByteStream::more() {
  if (zlib_->avail_in > 0) return true;
  const std::size_t got = file_.read_some(read_, {piece_.get(), kPiece});
  read_ += got;
  zlib_->next_in = piece_.get();
  zlib_->avail_in = static_cast<uInt>(got);
  return got > 0;
}

std::size_t ByteStream::inflate(std::span<std::uint8_t> to) {
  std::size_t done = 0;
  while (!ended_) {
    const std::size_t room = std::min<std::size_t>(to.size() - done, 1 << 30);
    if (room == 0) return done;
    if (!more()) damaged("the compressed data end early");
    zlib_->next_out = to.data() + done;
    zlib_->avail_out = static_cast<uInt>(room);
    const int result = ::inflate(zlib_.get(), Z_NO_FLUSH);
    done += room - zlib_->avail_out;
    if (result == Z_STREAM_END) {
      ended_ = !more();
      later_member_ = true;
      if (!ended_) inflateReset(zlib_.get());
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      if (later_member_ && zlib_->total_out == 0)
        damaged("something else follows the compressed data");
      damaged(zlib_->msg ? zlib_->msg : "the compressed data are malformed");
    }
  }
  return done;
}

void ByteStream::damaged(const char* how) const {
  throw FileError(fmt::format("{}: is damaged after {} bytes: {}", path(), offset_, how));
}

}  // namespace sinew::io
