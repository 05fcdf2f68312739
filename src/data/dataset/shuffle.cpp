#include "data/dataset/node.h"

namespace sinew::data {
namespace {

constexpr std::uint64_t kUse = 0x5AFF1E;

/// Fills a buffer, then gives one of it at a time and takes the next in its place.
class ShuffledStream : public ElementStream {
 public:
  ShuffledStream(StreamPtr input, std::int64_t buffer, PhiloxStream random)
      : input_(std::move(input)), size_(static_cast<std::size_t>(buffer)), random_(random) {}

  bool next(Element& element) override {
    if (!full_) fill();
    if (held_.empty()) return false;
    Element& drawn = held_[random_.below(held_.size())];
    element = std::move(drawn);
    if (!input_->next(drawn)) {
      std::swap(drawn, held_.back());
      held_.pop_back();
    }
    return true;
  }

 private:
  void fill() {
    Element element;
    while (held_.size() < size_ && input_->next(element)) held_.push_back(std::move(element));
    full_ = true;
  }

  StreamPtr input_;
  std::size_t size_;
  PhiloxStream random_;
  std::vector<Element> held_;
  bool full_ = false;
};

class Shuffled : public Stage {
 public:
  Shuffled(NodePtr input, std::int64_t buffer, ShuffleOptions options)
      : Stage(std::move(input)), buffer_(buffer), options_(options) {}
  StreamPtr open(Pass pass) const override {
    Pass order{pass.seed ^ options_.seed, options_.each_epoch ? pass.epoch : 0};
    return std::make_unique<ShuffledStream>(input().open(pass), buffer_, random_of(order, kUse));
  }

 private:
  std::int64_t buffer_;
  ShuffleOptions options_;
};

}  // namespace

Dataset Dataset::shuffle(std::int64_t buffer, ShuffleOptions options) const {
  expect_at_least("shuffle", "buffer", buffer, 1);
  return made<Shuffled>(node_, buffer, options);
}

}  // namespace sinew::data
