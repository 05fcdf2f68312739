#include "base/memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "sinew/base/error.h"
#include "sinew/base/tensor.h"

namespace sinew {
namespace {

constexpr std::size_t kAlignment = 64;
/// Of x86's and most of Arm's large pages.
constexpr std::size_t kLargePage = std::size_t{2} << 20;
#if defined(__SANITIZE_ADDRESS__)
// AddressSanitizer watches the ends of what malloc gives.
constexpr std::size_t kLeastMapped = SIZE_MAX;
#else
constexpr std::size_t kLeastMapped = kLargePage;
#endif

/// What is allocated here and not yet free.
std::atomic<std::size_t> in_use = 0;

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

MemoryError refusal(std::size_t bytes) {
  return MemoryError(fmt::format("cannot allocate {} bytes", bytes));
}

/// Zero pages from the system that begin at a large page, and are large where the system has some:
/// a five-hundredth of the page faults, and translations that stay in the processor's tables.
std::shared_ptr<void> map_pages(std::size_t bytes) {
  const std::size_t mapped = round_up(bytes, kLargePage) + kLargePage;
  void* const begin =
      ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) throw refusal(bytes);
  in_use += bytes;
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  void* const memory = reinterpret_cast<void*>(round_up(address, kLargePage));
#ifdef MADV_HUGEPAGE
  // Advice: without large pages the memory is as good.
  ::madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return {memory, [begin, mapped, bytes](void*) {
            ::munmap(begin, mapped);
            in_use -= bytes;
          }};
}

}  // namespace

void check_memory(std::size_t bytes) {
  static const long pages = ::sysconf(_SC_PHYS_PAGES);
  static const long page_bytes = ::sysconf(_SC_PAGE_SIZE);
  if (pages <= 0 || page_bytes <= 0) return;
  const std::size_t all = static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_bytes);
  const std::size_t taken = in_use;
  if (bytes <= all && taken <= all - bytes) return;
  throw MemoryError(
      fmt::format("cannot allocate {} bytes: this machine has {} in all, and {} are "
                  "taken by tensors already",
                  bytes, all, taken));
}

std::shared_ptr<void> allocate_aligned(std::size_t bytes) {
  check_memory(bytes);
  if (bytes > SIZE_MAX - 2 * kLargePage) throw refusal(bytes);
  if (bytes >= kLeastMapped) return map_pages(bytes);
  const std::size_t rounded = std::max(kAlignment, round_up(bytes, kAlignment));
  void* const memory = std::aligned_alloc(kAlignment, rounded);
  if (!memory) throw refusal(bytes);
  std::memset(memory, 0, rounded);
  in_use += bytes;
  return {memory, [bytes](void* held) {
            std::free(held);
            in_use -= bytes;
          }};
}

}  // namespace sinew
