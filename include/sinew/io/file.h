#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sinew::io {

/// The whole of a file. Throws FileError naming the path and the system's reason; `limit` is the
/// largest size accepted.
std::vector<std::uint8_t> read_file(const std::string& path, std::size_t limit = SIZE_MAX);

/// Writes a file whole or not at all: to a temporary file beside it, synced, then renamed over it,
/// then the folder synced. Whatever fails or whenever the process dies, `path` holds either its old
/// contents or the new ones. Symbolic links are followed and stay; devices, pipes and folders are
/// refused. The pieces are written one after the other. Throws FileError naming
/// the path and the system's reason; the temporary file is removed, and so are those that killed
/// processes left of the same path.
void write_file(const std::string& path, std::span<const std::span<const std::uint8_t>> pieces);
void write_file(const std::string& path, const std::string& text);

/// Finds out before a long computation whether write_file() could write such a file: makes a
/// temporary file beside it and removes it. Throws FileError as write_file() would.
void check_writable(const std::string& path);

/// The system calls that writing goes through, so that tests can make each of them fail.
struct SystemCalls {
  int (*open)(const char* path, int flags, unsigned mode);
  ssize_t (*write)(int descriptor, const void* data, std::size_t size);
  int (*fsync)(int descriptor);
  int (*close)(int descriptor);
  int (*rename)(const char* from, const char* to);
};
/// The calls in use; a test may replace them and must put them back.
SystemCalls& system_calls();

}  // namespace sinew::io
