#include "io/temporary_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <random>

#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".tmp";

fs::path folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

/// The file that a new one may be renamed over: what `path` leads to by symbolic links, there
/// already or not. The name of anything but a regular file stays the thing's that it names.
std::string file_behind(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    throw FileError(fmt::format("{}: is {}, which a file would replace; name a file", path,
                                kind_of(status.st_mode)));
  }
  constexpr int kMaxLinks = 40;  // as many as Linux follows
  fs::path file = path;
  std::error_code error;
  for (int count = 0; fs::is_symlink(fs::symlink_status(file, error)); ++count) {
    if (count == kMaxLinks) fail(path, "follow the symbolic link", ELOOP);
    const fs::path target = fs::read_symlink(file, error);
    if (error) fail(path, "follow the symbolic link", error.value());
    file = file.parent_path() / target;
  }
  return file.string();
}

std::string temporary_name(const std::string& path) {
  std::random_device random;
  return fmt::format("{}.{}.{:08x}{:08x}{}", path, ::getpid(), random(), random(), kEnding);
}

/// Whether a name is BASE.NUMBER.HEX.tmp.
bool is_temporary_of(std::string_view name, const std::string& base) {
  if (!name.starts_with(base + ".") || !name.ends_with(kEnding)) return false;
  name.remove_prefix(base.size() + 1);
  name.remove_suffix(std::string_view(kEnding).size());
  const std::size_t dot = name.find('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == name.size()) return false;
  const auto digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
  return std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(dot), digit) &&
         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dot) + 1, name.end(), hex);
}

/// Removes the temporary files of `path` that nobody is writing. What cannot be removed stays: it
/// is in nobody's way.
void remove_leftovers(const std::string& path) {
  const std::string base = fs::path(path).filename().string();
  std::error_code error;
  fs::directory_iterator entry(folder_of(path), error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (!is_temporary_of(entry->path().filename().string(), base)) continue;
    const Descriptor descriptor(
        ::open(entry->path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (descriptor.get() >= 0 && ::flock(descriptor.get(), LOCK_EX | LOCK_NB) == 0)
      ::unlink(entry->path().c_str());
  }
}

void sync_folder(const std::string& folder) {
  const Descriptor descriptor(
      system_calls().open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
  if (descriptor.get() < 0) fail(folder, "open the folder", errno);
  // Some file systems cannot sync a folder and say EINVAL; there is nothing more to be done there.
  if (system_calls().fsync(descriptor.get()) != 0 && errno != EINVAL)
    fail(folder, "sync the folder", errno);
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& path) : path_(file_behind(path)) {
  remove_leftovers(path_);
  constexpr int kTries = 100;
  for (int count = 0; count < kTries; ++count) {
    temporary_ = temporary_name(path_);
    descriptor_.reset(
        system_calls().open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (descriptor_.get() >= 0 && lock()) return;
    if (descriptor_.get() < 0 && errno != EEXIST) break;
  }
  const int error = errno;
  temporary_.clear();
  fail(path_, "create a file beside it", error);
}

TemporaryFile::~TemporaryFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

bool TemporaryFile::lock() {
  // Where a file system knows no locks, none can be taken by those who clean up either.
  while (::flock(descriptor_.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  struct stat status {};
  if (::fstat(descriptor_.get(), &status) != 0) fail(path_, "create a file beside it", errno);
  lock_.reset(::fcntl(descriptor_.get(), F_DUPFD_CLOEXEC, 0));
  return status.st_nlink > 0;
}

void TemporaryFile::write(std::span<const std::uint8_t> data) {
  while (!data.empty()) {
    const ssize_t written = system_calls().write(descriptor_.get(), data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(path_, "write", written < 0 ? errno : ENOSPC);
    data = data.subspan(static_cast<std::size_t>(written));
  }
}

void TemporaryFile::replace() {
  if (system_calls().fsync(descriptor_.get()) != 0) fail(path_, "sync", errno);
  if (system_calls().close(descriptor_.release()) != 0) fail(path_, "close", errno);
  if (system_calls().rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "replace", errno);
  temporary_.clear();
  sync_folder(folder_of(path_).string());
}

}  // namespace sinew::io
