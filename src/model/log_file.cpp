#include "model/log_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "sinew/base/error.h"

namespace sinew::model {

namespace fs = std::filesystem;

LogFile::LogFile(std::string owner, std::string path)
    : owner_(std::move(owner)), path_(std::move(path)) {}

void LogFile::open(bool append) {
  file_.close();
  file_.clear();
  file_.open(path_, std::ios::app);
  if (!file_) throw FileError(fmt::format("{}: '{}' cannot be opened for writing", owner_, path_));
  std::error_code ignored;
  // Terminals and pipes hold nothing.
  found_ = fs::is_regular_file(path_, ignored)
               ? static_cast<std::int64_t>(fs::file_size(path_, ignored))
               : 0;
  size_ = append ? found_ : 0;
}

void LogFile::cut(std::int64_t size) { size_ = std::clamp<std::int64_t>(size, 0, found_); }

void LogFile::drop_rest() {
  if (found_ <= size_) return;
  std::error_code error;
  fs::resize_file(path_, static_cast<std::uintmax_t>(size_), error);
  if (error) {
    throw FileError(fmt::format("{}: '{}' cannot be cut back: {}", owner_, path_, error.message()));
  }
  found_ = size_;
}

void LogFile::write_line(const std::string& line) {
  drop_rest();
  file_ << line << '\n' << std::flush;
  if (!file_)
    throw FileError(fmt::format("{}: '{}' cannot be written: is the disk full?", owner_, path_));
  size_ += static_cast<std::int64_t>(line.size()) + 1;
}

void LogFile::close() {
  drop_rest();
  file_.close();
}

}  // namespace sinew::model
