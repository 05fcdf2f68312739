#include <deque>

#include "data/dataset/node.h"

namespace sinew::data {
namespace {

class WindowStream : public ElementStream {
 public:
  WindowStream(StreamPtr input, std::int64_t size, WindowOptions options)
      : input_(std::move(input)), size_(size), options_(options) {}

  bool next(Element& window) override {
    const std::int64_t reach = (size_ - 1) * options_.stride + 1;
    // What lies between two windows is never held.
    if (ahead_ > 0) ahead_ -= input_->skip(ahead_);
    Element element;
    while (static_cast<std::int64_t>(held_.size()) < reach && ahead_ == 0 && input_->next(element))
      held_.push_back(std::move(element));
    const auto held = static_cast<std::int64_t>(held_.size());
    if (held == 0 || (options_.drop_remainder && held < reach)) return false;
    std::vector<Element> elements;
    for (std::int64_t i = 0; i < std::min(held, reach); i += options_.stride)
      elements.push_back(held_[static_cast<std::size_t>(i)]);
    window = stacked(elements);
    const std::int64_t gone = std::min(held, options_.shift);
    held_.erase(held_.begin(), held_.begin() + gone);
    ahead_ = options_.shift - gone;
    return true;
  }

 private:
  StreamPtr input_;
  std::int64_t size_, ahead_ = 0;
  WindowOptions options_;
  std::deque<Element> held_;
};

class Windowed : public Stage {
 public:
  Windowed(NodePtr input, std::int64_t size, WindowOptions options)
      : Stage(std::move(input)), size_(size), options_(options) {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<WindowStream>(input().open(pass), size_, options_);
  }
  std::optional<std::int64_t> size() const override {
    return of_size(input().size(), [this](std::int64_t elements) {
      const std::int64_t reach = options_.drop_remainder ? (size_ - 1) * options_.stride + 1 : 1;
      const std::int64_t begins = std::max<std::int64_t>(0, elements - reach + 1);
      return (begins + options_.shift - 1) / options_.shift;
    });
  }

 private:
  std::int64_t size_;
  WindowOptions options_;
};

}  // namespace

Dataset Dataset::window(std::int64_t size, WindowOptions options) const {
  expect_at_least("window", "size", size, 1);
  expect_at_least("window", "shift", options.shift, 1);
  expect_at_least("window", "stride", options.stride, 1);
  return made<Windowed>(node_, size, options);
}

}  // namespace sinew::data
