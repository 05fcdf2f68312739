#include <gtest/gtest.h>
#include <link.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "model/small_models.h"

// Counts what the process takes from the heap, in every library but oneDNN: malloc, its kin and
// operator new are replaced for this test binary. oneDNN's execute() builds a table of its
// arguments at each call (some ten nodes of a std::unordered_map), which no caller can avoid; what
// Sinew adds to a step is what this test holds at nothing. Sanitizers bring their own malloc; there
// the count stays 0 and the test is left out.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SINEW_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SINEW_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef SINEW_COUNTS_ALLOCATIONS
#define SINEW_COUNTS_ALLOCATIONS 1
#endif

namespace {

std::atomic<bool> counting = false;
std::atomic<long> allocations = 0;

/// Where oneDNN's code lies.
struct Range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};
Range onednn;

void find_onednn() {
  dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void*) {
        if (!std::strstr(library->dlpi_name, "libdnnl")) return 0;
        for (int i = 0; i < library->dlpi_phnum; ++i) {
          const auto& segment = library->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X)) continue;
          onednn.begin = library->dlpi_addr + segment.p_vaddr;
          onednn.end = onednn.begin + segment.p_memsz;
        }
        return 1;
      },
      nullptr);
}

[[maybe_unused]] void count(const void* caller) {
  if (!counting.load(std::memory_order_relaxed)) return;
  const auto address = reinterpret_cast<std::uintptr_t>(caller);
  if (address < onednn.begin || address >= onednn.end)
    allocations.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

#if SINEW_COUNTS_ALLOCATIONS
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  count(__builtin_return_address(0));
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  count(__builtin_return_address(0));
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) {
  count(__builtin_return_address(0));
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  count(__builtin_return_address(0));
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(std::size_t size) {
  count(__builtin_return_address(0));
  if (void* memory = __libc_malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#pragma GCC diagnostic pop
#endif

namespace sinew {
namespace {

using namespace testing;

/// Counts allocations between the first step's end and the last step's end.
class CountAllocations : public Callback {
 public:
  explicit CountAllocations(int last) : last_(last) {}
  void on_train_batch_end(int batch, const Logs&) override {
    if (batch == 0) {
      allocations = 0;
      counting = true;
    }
    if (batch == last_) counting = false;
  }

 private:
  int last_;
};

TEST(Allocation, TheCounterCounts) {
  if (!SINEW_COUNTS_ALLOCATIONS) GTEST_SKIP() << "sanitizers replace malloc";
  allocations = 0;
  counting = true;
  const auto* vector = new std::vector<int>(1000);
  counting = false;
  EXPECT_EQ(allocations, 2);
  delete vector;
}

TEST(Allocation, AStepAfterTheFirstAllocatesNothing) {
  if (!SINEW_COUNTS_ALLOCATIONS) GTEST_SKIP() << "sanitizers replace malloc";
  find_onednn();
  const Classes data = three_classes(203);
  Sequential model = classifier();
  // 203 rows in batches of 16: the last, smaller batch is among the counted ones.
  model.fit(data.x, data.y, {.batch_size = 16, .verbose = 0, .callbacks = {CountAllocations(12)}});
  EXPECT_EQ(allocations, 0);
}

TEST(Allocation, NoOptimizerAllocatesInAStep) {
  if (!SINEW_COUNTS_ALLOCATIONS) GTEST_SKIP() << "sanitizers replace malloc";
  find_onednn();
  const Classes data = three_classes(203);
  for (const char* optimizer :
       {"Adam(use_ema=true, ema_overwrite_frequency=2, gradient_accumulation_steps=2, "
        "weight_decay=0.1, clipnorm=1.0)",
        "LossScaleOptimizer(inner_optimizer=\"Nadam\")", "Adafactor", "Muon", "Lamb",
        "SGD(learning_rate=\"CosineDecayRestarts(initial_learning_rate=0.1, "
        "first_decay_steps=5)\")"}) {
    Sequential model = classifier(optimizer);
    model.fit(data.x, data.y,
              {.batch_size = 16, .verbose = 0, .callbacks = {CountAllocations(12)}});
    EXPECT_EQ(allocations, 0) << optimizer;
  }
}

TEST(Allocation, MetricsOfAllKindsAllocateNothing) {
  if (!SINEW_COUNTS_ALLOCATIONS) GTEST_SKIP() << "sanitizers replace malloc";
  find_onednn();
  const Classes data = three_classes(203);
  Tensor one_hot({203, 3});
  for (std::int64_t row = 0; row < 203; ++row)
    one_hot.data<float>()[static_cast<std::size_t>(
        row * 3 + data.y.data<std::int64_t>()[static_cast<std::size_t>(row)])] = 1.0f;
  Sequential model = classifier();
  model.compile(
      {.loss = "CategoricalFocalCrossentropy",
       .metrics = {"AUC(multi_label=true)", "F1Score", "R2Score(class_aggregation=\"none\")",
                   "Precision(thresholds=[0.2, 0.6], top_k=2)", "PrecisionAtRecall(recall=0.5)",
                   "OneHotMeanIoU(num_classes=3)", "cosine_similarity", "hinge"}});
  model.fit(data.x, one_hot, {.batch_size = 16, .verbose = 0, .callbacks = {CountAllocations(12)}});
  EXPECT_EQ(allocations, 0);
}

}  // namespace
}  // namespace sinew
