// Elements of the first whole pass, kept in memory.

#include <mutex>

#include "data/dataset/node.h"

namespace sinew::data {
namespace {

class Kept {
 public:
  /// Nothing before a pass has come to its end.
  std::shared_ptr<const std::vector<Element>> elements() const {
    const std::lock_guard lock(mutex_);
    return elements_;
  }
  void keep(std::vector<Element> elements) {
    const std::lock_guard lock(mutex_);
    if (!elements_) elements_ = std::make_shared<const std::vector<Element>>(std::move(elements));
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Element>> elements_;
};

class KeptStream : public ElementStream {
 public:
  explicit KeptStream(std::shared_ptr<const std::vector<Element>> elements)
      : elements_(std::move(elements)) {}
  bool next(Element& element) override {
    if (at_ == elements_->size()) return false;
    element = (*elements_)[at_++];
    return true;
  }
  std::int64_t skip(std::int64_t count) override {
    const auto left = static_cast<std::int64_t>(elements_->size() - at_);
    const std::int64_t skipped = std::min(count, left);
    at_ += static_cast<std::size_t>(skipped);
    return skipped;
  }

 private:
  std::shared_ptr<const std::vector<Element>> elements_;
  std::size_t at_ = 0;
};

class KeepingStream : public ElementStream {
 public:
  KeepingStream(StreamPtr input, std::shared_ptr<Kept> kept)
      : input_(std::move(input)), kept_(std::move(kept)) {}
  bool next(Element& element) override {
    if (!kept_) return false;
    if (input_->next(element)) {
      elements_.push_back(element);
      return true;
    }
    kept_->keep(std::move(elements_));
    kept_.reset();
    return false;
  }

 private:
  StreamPtr input_;
  std::shared_ptr<Kept> kept_;
  std::vector<Element> elements_;
};

class Cached : public Stage {
 public:
  using Stage::Stage;
  StreamPtr open(Pass pass) const override {
    if (auto elements = kept_->elements()) return std::make_unique<KeptStream>(std::move(elements));
    return std::make_unique<KeepingStream>(input().open(pass), kept_);
  }
  std::optional<std::int64_t> size() const override {
    if (const auto elements = kept_->elements()) return static_cast<std::int64_t>(elements->size());
    return input().size();
  }

 private:
  std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
};

}  // namespace

Dataset Dataset::cache() const { return made<Cached>(node_); }

}  // namespace sinew::data
