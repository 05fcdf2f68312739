#include "sinew/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "sinew/base/error.h"

namespace sinew::io {
namespace {

[[noreturn]] void fail(const std::string& path, const char* what, int error) {
  throw FileError(fmt::format("{}: cannot {}: {}", path, what, std::strerror(error)));
}

int open_file(const char* path, int flags, unsigned mode) { return ::open(path, flags, mode); }

/// A descriptor that is closed on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

void write_all(int descriptor, std::span<const std::uint8_t> data, const std::string& path) {
  while (!data.empty()) {
    const ssize_t written = system_calls().write(descriptor, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(path, "write", written < 0 ? errno : ENOSPC);
    data = data.subspan(static_cast<std::size_t>(written));
  }
}

void sync_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path.substr(0, slash);
  const Descriptor descriptor(
      system_calls().open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
  if (descriptor.get() < 0) fail(folder, "open the folder", errno);
  // Some file systems cannot sync a folder and say EINVAL; there is nothing more to be done there.
  if (system_calls().fsync(descriptor.get()) != 0 && errno != EINVAL)
    fail(folder, "sync the folder", errno);
}

std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> count{0};
  return fmt::format("{}.{}.{}.tmp", path, ::getpid(), count++);
}

}  // namespace

SystemCalls& system_calls() {
  static SystemCalls calls{open_file, ::write, ::fsync, ::close, std::rename};
  return calls;
}

std::vector<std::uint8_t> read_file(const std::string& path, std::size_t limit) {
  const Descriptor descriptor(open_file(path.c_str(), O_RDONLY | O_CLOEXEC, 0));
  if (descriptor.get() < 0) fail(path, "open", errno);
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) fail(path, "read", errno);
  if (!S_ISREG(status.st_mode)) throw FileError(fmt::format("{}: is not a regular file", path));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > limit) {
    throw FileError(
        fmt::format("{}: has {} bytes, but at most {} are accepted", path, size, limit));
  }
  std::vector<std::uint8_t> bytes(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(descriptor.get(), bytes.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "read", errno);
    if (got == 0) throw FileError(fmt::format("{}: ended after {} of {} bytes", path, done, size));
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

void write_file(const std::string& path, std::span<const std::span<const std::uint8_t>> pieces) {
  const std::string temporary = temporary_name(path);
  Descriptor descriptor(
      system_calls().open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (descriptor.get() < 0) fail(path, "create a file beside it", errno);
  try {
    for (const auto& piece : pieces) write_all(descriptor.get(), piece, path);
    if (system_calls().fsync(descriptor.get()) != 0) fail(path, "sync", errno);
    if (system_calls().close(descriptor.release()) != 0) fail(path, "close", errno);
    if (system_calls().rename(temporary.c_str(), path.c_str()) != 0) fail(path, "replace", errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(path);
}

void check_writable(const std::string& path) {
  const std::string temporary = temporary_name(path);
  const Descriptor descriptor(
      system_calls().open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (descriptor.get() < 0) fail(path, "create a file beside it", errno);
  ::unlink(temporary.c_str());
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
    throw FileError(fmt::format("{}: is a folder; name a file", path));
}

void write_file(const std::string& path, const std::string& text) {
  const std::span<const std::uint8_t> piece(reinterpret_cast<const std::uint8_t*>(text.data()),
                                            text.size());
  write_file(path, std::span(&piece, 1));
}

}  // namespace sinew::io
