#pragma once

#include <string>

namespace sinew::io {

/// A file descriptor that is closed on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }
  /// Closes it, and holds another.
  void reset(int number = -1);
  /// Gives it up without closing it.
  int release();

 private:
  int number_;
};

/// Throws FileError: "PATH: cannot WHAT: the system's reason".
[[noreturn]] void fail(const std::string& path, const char* what, int error);

}  // namespace sinew::io
