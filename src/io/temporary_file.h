#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "io/descriptor.h"

namespace sinew::io {

/// A file beside `path`, named PATH.PROCESS.RANDOM.tmp, that takes its place when it is whole and
/// goes away otherwise. Where `path` is a symbolic link, it is the file that the link leads to that
/// is replaced; what is there and no regular file (a device, a pipe, a folder) is refused. As long
/// as it is being written it is locked (flock), so that what a killed process left can be told from
/// what another is writing: whoever writes the same path removes the former. Throws FileError
/// naming `path` and the system's reason.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::span<const std::uint8_t> data);
  /// Syncs and closes it, renames it over `path`, syncs the folder.
  void replace();

 private:
  /// False when somebody removed the file before it was locked.
  bool lock();

  /// Of the file that is replaced, links followed.
  std::string path_;
  std::string temporary_;
  Descriptor descriptor_;
  /// A second descriptor, which keeps the lock until the file has its name.
  Descriptor lock_;
};

}  // namespace sinew::io
