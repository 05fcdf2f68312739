#include "sinew/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <new>

#include "base/memory.h"
#include "io/input_file.h"
#include "io/temporary_file.h"
#include "sinew/base/error.h"

namespace sinew::io {
namespace {

int open_file(const char* path, int flags, unsigned mode) { return ::open(path, flags, mode); }

}  // namespace

SystemCalls& system_calls() {
  static SystemCalls calls{open_file, ::write, ::fsync, ::close, std::rename};
  return calls;
}

std::vector<std::uint8_t> read_file(const std::string& path, std::size_t limit) {
  const InputFile file(path);
  if (file.size() > limit) {
    throw FileError(
        fmt::format("{}: has {} bytes, but at most {} are accepted", path, file.size(), limit));
  }
  std::vector<std::uint8_t> bytes;
  try {
    check_memory(file.size());
    bytes.resize(file.size());
  } catch (const MemoryError& error) {
    throw FileError(fmt::format("{}: {}", path, error.what()));
  } catch (const std::bad_alloc&) {
    throw FileError(fmt::format("{}: has {} bytes, more than memory can hold", path, file.size()));
  }
  file.read(0, bytes);
  return bytes;
}

void write_file(const std::string& path, std::span<const std::span<const std::uint8_t>> pieces) {
  TemporaryFile file(path);
  for (const auto& piece : pieces) file.write(piece);
  file.replace();
}

void check_writable(const std::string& path) { const TemporaryFile file(path); }

void write_file(const std::string& path, const std::string& text) {
  const std::span<const std::uint8_t> piece(reinterpret_cast<const std::uint8_t*>(text.data()),
                                            text.size());
  write_file(path, std::span(&piece, 1));
}

}  // namespace sinew::io
