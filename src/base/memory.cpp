#include "base/memory.h"

#include <fmt/format.h>
#include <unistd.h>

#include "sinew/base/error.h"

namespace sinew {

void check_memory(std::size_t bytes) {
  static const long pages = ::sysconf(_SC_PHYS_PAGES);
  static const long page_bytes = ::sysconf(_SC_PAGE_SIZE);
  if (pages <= 0 || page_bytes <= 0) return;
  const std::size_t all = static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_bytes);
  if (bytes > all) {
    throw MemoryError(
        fmt::format("cannot allocate {} bytes: this machine has {} in all", bytes, all));
  }
}

}  // namespace sinew
