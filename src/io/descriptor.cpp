#include "io/descriptor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "sinew/base/error.h"

namespace sinew::io {

void Descriptor::reset(int number) {
  if (number_ >= 0) ::close(number_);
  number_ = number;
}

int Descriptor::release() { return std::exchange(number_, -1); }

void fail(const std::string& path, const char* what, int error) {
  throw FileError(fmt::format("{}: cannot {}: {}", path, what, std::strerror(error)));
}

}  // namespace sinew::io
