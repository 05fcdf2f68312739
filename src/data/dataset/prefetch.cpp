#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "data/dataset/node.h"

namespace sinew::data {
namespace {

class PrefetchStream : public ElementStream {
 public:
  PrefetchStream(StreamPtr input, std::int64_t count)
      : input_(std::move(input)), count_(static_cast<std::size_t>(count)) {}
  ~PrefetchStream() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  bool next(Element& element) override {
    if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || ended_; });
    if (ready_.empty()) {
      if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
      return false;
    }
    element = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return true;
  }

  std::int64_t skip(std::int64_t count) override {
    return thread_.joinable() ? ElementStream::skip(count) : input_->skip(count);
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
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
      error_ = error;
      if (there) {
        ready_.push_back(std::move(element));
      } else {
        ended_ = true;
      }
      changed_.notify_all();
      changed_.wait(lock, [&] { return ended_ || ready_.size() < count_; });
    }
  }

  StreamPtr input_;
  std::size_t count_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Element> ready_;
  std::exception_ptr error_;
  bool ended_ = false;
};

class Prefetched : public Stage {
 public:
  Prefetched(NodePtr input, std::int64_t count) : Stage(std::move(input)), count_(count) {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<PrefetchStream>(input().open(pass), count_);
  }

 private:
  std::int64_t count_;
};

}  // namespace

Dataset Dataset::prefetch(std::int64_t count) const {
  expect_at_least("prefetch", "count", count, 1);
  return made<Prefetched>(node_, count);
}

}  // namespace sinew::data
