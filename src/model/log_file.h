#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace sinew::model {

/// A file that a training's log is written to, line by line, each flushed. It goes on where the
/// training does: a run that is resumed from a checkpoint cuts off the lines that were written
/// after it, so that the log becomes that of an uninterrupted run.
class LogFile {
 public:
  /// `owner` is whom messages name.
  LogFile(std::string owner, std::string path);

  /// Unless it appends, what the file held is dropped with the first line, or when it is closed
  /// without any. Throws FileError naming the file when it cannot be written.
  void open(bool append);
  /// Goes on after the first `size` bytes, or all that there are.
  void cut(std::int64_t size);
  /// Bytes written or kept so far.
  std::int64_t size() const { return size_; }
  /// Throws FileError.
  void write_line(const std::string& line);
  void close();

 private:
  void drop_rest();

  std::string owner_;
  std::string path_;
  std::ofstream file_;
  std::int64_t size_ = 0;
  /// Of the file when it was opened.
  std::int64_t found_ = 0;
};

}  // namespace sinew::model
