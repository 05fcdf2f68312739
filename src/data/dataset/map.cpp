// Elements that functions of the user's make, on threads and in order.

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "data/dataset/node.h"
#include "sinew/base/parallel.h"

namespace sinew::data {
namespace {

constexpr std::uint64_t kUse = 0x3A9;

/// f of an element and its number.
using NumberedFunction = std::function<Element(Element, std::int64_t)>;

class SerialMapStream : public ElementStream {
 public:
  SerialMapStream(StreamPtr input, NumberedFunction f)
      : input_(std::move(input)), f_(std::move(f)) {}
  bool next(Element& element) override {
    if (!input_->next(element)) return false;
    try {
      element = f_(std::move(element), number_);
    } catch (...) {
      rethrow_with_number(number_);
    }
    ++number_;
    return true;
  }
  std::int64_t skip(std::int64_t count) override {
    const std::int64_t skipped = input_->skip(count);
    number_ += skipped;
    return skipped;
  }

 private:
  StreamPtr input_;
  NumberedFunction f_;
  std::int64_t number_ = 0;
};

/// Threads take elements one by one, each under the number of its place; results wait in a ring
/// until their turn has come.
class ParallelMapStream : public ElementStream {
 public:
  ParallelMapStream(StreamPtr input, NumberedFunction f, int threads)
      : input_(std::move(input)),
        f_(std::move(f)),
        count_(static_cast<std::size_t>(threads)),
        ring_(2 * count_) {}
  ~ParallelMapStream() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  bool next(Element& element) override {
    start();
    std::unique_lock lock(mutex_);
    if (stop_) return false;
    Place& place = place_of(given_);
    changed_.wait(lock, [&] { return place.ready || (ended_ && given_ == taken_); });
    if (!place.ready) return false;
    place.ready = false;
    if (place.error) {
      stop_ = true;
      changed_.notify_all();
      std::rethrow_exception(std::exchange(place.error, nullptr));
    }
    element = std::move(place.element);
    ++given_;
    changed_.notify_all();
    return true;
  }

  std::int64_t skip(std::int64_t count) override {
    if (!threads_.empty()) return ElementStream::skip(count);
    const std::int64_t skipped = input_->skip(count);
    given_ += skipped;
    taken_ += skipped;
    return skipped;
  }

 private:
  struct Place {
    Element element;
    std::exception_ptr error;
    bool ready = false;
  };

  Place& place_of(std::int64_t number) {
    return ring_[static_cast<std::size_t>(number) % ring_.size()];
  }

  void start() {
    while (threads_.size() < count_) threads_.emplace_back([this] { work(); });
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      // One thread at a time asks for the next element, which takes its number with it.
      changed_.wait(lock, [&] {
        return stop_ ||
               (!ended_ && !asking_ && taken_ - given_ < static_cast<std::int64_t>(ring_.size()));
      });
      if (stop_) return;
      asking_ = true;
      lock.unlock();
      Element element;
      std::exception_ptr error;
      bool there = false;
      try {
        there = input_->next(element);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      asking_ = false;
      const std::int64_t number = taken_;
      if (there || error) ++taken_;
      if (!there) ended_ = true;
      changed_.notify_all();
      if (!there && !error) continue;
      if (!error) {
        lock.unlock();
        error = apply(element, number);
        lock.lock();
      }
      Place& place = place_of(number);
      place.element = std::move(element);
      place.error = error;
      place.ready = true;
      changed_.notify_all();
    }
  }

  std::exception_ptr apply(Element& element, std::int64_t number) {
    try {
      try {
        element = f_(std::move(element), number);
      } catch (...) {
        rethrow_with_number(number);
      }
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  StreamPtr input_;
  NumberedFunction f_;
  std::size_t count_;
  std::vector<Place> ring_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Elements are numbered from the pass's first: [given, taken) are under way or wait.
  std::int64_t given_ = 0, taken_ = 0;
  bool asking_ = false, ended_ = false, stop_ = false;
};

class Mapped : public Stage {
 public:
  /// `bind` makes the function of a pass.
  Mapped(NodePtr input, std::function<NumberedFunction(Pass)> bind, MapOptions options)
      : Stage(std::move(input)), bind_(std::move(bind)), options_(options) {}
  StreamPtr open(Pass pass) const override {
    const int threads = options_.threads == 0 ? num_threads() : options_.threads;
    if (threads == 1) return std::make_unique<SerialMapStream>(input().open(pass), bind_(pass));
    return std::make_unique<ParallelMapStream>(input().open(pass), bind_(pass), threads);
  }

 private:
  std::function<NumberedFunction(Pass)> bind_;
  MapOptions options_;
};

}  // namespace

Dataset Dataset::map(std::function<Element(Element)> f, MapOptions options) const {
  expect_at_least("map", "threads", options.threads, 0);
  const auto bind = [f = std::move(f)](Pass) -> NumberedFunction {
    return [f](Element element, std::int64_t) { return f(std::move(element)); };
  };
  return made<Mapped>(node_, bind, options);
}

Dataset Dataset::map(std::function<Element(Element, PhiloxStream&)> f, MapOptions options) const {
  expect_at_least("map", "threads", options.threads, 0);
  const auto bind = [f = std::move(f)](Pass pass) -> NumberedFunction {
    return [f, pass](Element element, std::int64_t number) {
      PhiloxStream random = random_of(pass, kUse, static_cast<std::uint64_t>(number));
      return f(std::move(element), random);
    };
  };
  return made<Mapped>(node_, bind, options);
}

}  // namespace sinew::data
