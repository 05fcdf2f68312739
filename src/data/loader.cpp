#include "sinew/data/loader.h"

#include <fmt/format.h>

#include <array>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "sinew/base/error.h"
#include "sinew/base/philox.h"

namespace sinew::data {
namespace {

/// One is being read, one is ready, one is being filled.
constexpr std::size_t kBuffers = 3;

struct Batch {
  std::vector<Tensor> full;
  std::vector<Tensor> last;
  bool is_last = false;
};

}  // namespace

struct Loader::State {
  std::vector<Tensor> arrays;
  LoaderOptions options;
  std::int64_t rows = 0;
  std::vector<std::int64_t> order;
  std::array<Batch, kBuffers> batches;

  std::mutex mutex;
  std::condition_variable changed;
  // Batches are numbered from the epoch's first: [taken, filled) are ready.
  std::int64_t count = 0;
  std::int64_t filled = 0;
  std::int64_t taken = 0;
  bool holding = false;
  bool busy = false;
  bool stop = false;
  std::exception_ptr error;
  std::thread worker;

  /// All buffers that batches will be gathered into: nothing is allocated later.
  void allocate() {
    const std::int64_t full_batches = rows / options.batch_size;
    const auto allocate_one = [&](std::vector<Tensor>& to, std::int64_t size) {
      for (const Tensor& array : arrays)
        to.emplace_back(array.shape().with(0, size), array.dtype());
    };
    for (std::int64_t number = 0; number < std::min<std::int64_t>(full_batches, kBuffers);
         ++number) {
      allocate_one(buffer(number).full, options.batch_size);
    }
    const std::int64_t rest = rows % options.batch_size;
    if (rest > 0) allocate_one(buffer(full_batches).last, rest);
  }

  Batch& buffer(std::int64_t number) {
    return batches[static_cast<std::size_t>(number) % kBuffers];
  }

  void fill(std::int64_t number) {
    const std::int64_t begin = number * options.batch_size;
    const std::int64_t size = std::min(options.batch_size, rows - begin);
    Batch& batch = buffer(number);
    batch.is_last = size < options.batch_size;
    std::vector<Tensor>& to = batch.is_last ? batch.last : batch.full;
    for (std::size_t k = 0; k < arrays.size(); ++k) {
      const std::size_t row_bytes = arrays[k].bytes() / static_cast<std::size_t>(rows);
      const char* from = static_cast<const char*>(arrays[k].raw());
      char* out = static_cast<char*>(to[k].raw());
      for (std::int64_t i = 0; i < size; ++i) {
        const auto row = static_cast<std::size_t>(order[static_cast<std::size_t>(begin + i)]);
        std::memcpy(out + static_cast<std::size_t>(i) * row_bytes, from + row * row_bytes,
                    row_bytes);
      }
    }
  }

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] {
        return stop || (!error && filled < count &&
                        filled - taken < static_cast<std::int64_t>(kBuffers) - (holding ? 1 : 0));
      });
      if (stop) return;
      const std::int64_t number = filled;
      busy = true;
      lock.unlock();
      std::exception_ptr failure;
      try {
        fill(number);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      busy = false;
      if (failure) {
        error = failure;
      } else {
        ++filled;
      }
      changed.notify_all();
    }
  }
};

Loader::Loader(std::vector<Tensor> arrays, LoaderOptions options)
    : state_(std::make_unique<State>()) {
  if (arrays.empty()) throw ValueError("the loader was given no arrays");
  if (options.batch_size < 1)
    throw ValueError(fmt::format("batch_size must be at least 1, not {}", options.batch_size));
  for (const Tensor& array : arrays) {
    if (array.shape().rank() < 1 || array.shape()[0] != arrays[0].shape()[0]) {
      throw ShapeError(fmt::format("arrays of a data set must have as many rows: {} and {}",
                                   arrays[0].shape().str(), array.shape().str()));
    }
  }
  if (arrays[0].shape()[0] == 0) throw ValueError("the data set is empty: it has 0 rows");
  State& s = *state_;
  s.rows = arrays[0].shape()[0];
  s.arrays = std::move(arrays);
  s.options = options;
  s.order.resize(static_cast<std::size_t>(s.rows));
  s.allocate();
  // A single batch is filled by the caller: there is nothing to fill while it is used.
  if (s.rows > s.options.batch_size) s.worker = std::thread([&s] { s.work(); });
}

Loader::~Loader() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  if (state_->worker.joinable()) state_->worker.join();
}

void Loader::start(std::int64_t seed, std::int64_t epoch, std::int64_t first_batch) {
  State& s = *state_;
  const std::int64_t count = (s.rows + s.options.batch_size - 1) / s.options.batch_size;
  if (first_batch < 0 || first_batch > count) {
    throw ValueError(fmt::format(
        "the data set has {} batches of {} in an epoch, so that none can begin at batch "
        "{}; was the data set or batch_size another when the checkpoint was written?",
        count, s.options.batch_size, first_batch));
  }
  std::unique_lock lock(s.mutex);
  // Stops the filling of an epoch that was left early before its order changes.
  s.count = 0;
  s.changed.wait(lock, [&] { return !s.busy; });
  std::iota(s.order.begin(), s.order.end(), std::int64_t{0});
  if (s.options.shuffle) {
    PhiloxStream stream(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(epoch));
    for (std::int64_t i = s.rows - 1; i > 0; --i) {
      std::swap(s.order[static_cast<std::size_t>(i)],
                s.order[stream.below(static_cast<std::uint64_t>(i) + 1)]);
    }
  }
  s.error = nullptr;
  s.holding = false;
  s.filled = s.taken = first_batch;
  s.count = count;
  if (!s.worker.joinable() && s.filled < count) s.fill(s.filled++);
  s.changed.notify_all();
}

std::span<const Tensor> Loader::next() {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  s.holding = false;
  s.changed.notify_all();
  if (s.taken >= s.count) return {};
  s.changed.wait(lock, [&] { return s.error || s.filled > s.taken; });
  if (s.error) std::rethrow_exception(s.error);
  const Batch& batch = s.buffer(s.taken++);
  s.holding = true;
  s.changed.notify_all();
  return batch.is_last ? batch.last : batch.full;
}

}  // namespace sinew::data
