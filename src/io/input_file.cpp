#include "io/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sinew/base/error.h"

namespace sinew::io {

InputFile::InputFile(std::string path)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_.get() < 0) fail(path_, "open", errno);
  struct stat status {};
  if (::fstat(descriptor_.get(), &status) != 0) fail(path_, "read", errno);
  if (!S_ISREG(status.st_mode)) throw FileError(fmt::format("{}: is not a regular file", path_));
  size_ = static_cast<std::uint64_t>(status.st_size);
}

std::size_t InputFile::read_some(std::uint64_t offset, std::span<std::uint8_t> to) const {
  std::size_t done = 0;
  while (done < to.size()) {
    const ssize_t got = ::pread(descriptor_.get(), to.data() + done, to.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path_, "read", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void InputFile::read(std::uint64_t offset, std::span<std::uint8_t> to) const {
  const std::size_t got = read_some(offset, to);
  if (got < to.size())
    throw FileError(fmt::format("{}: ended after {} of {} bytes", path_, offset + got, size_));
}

}  // namespace sinew::io
