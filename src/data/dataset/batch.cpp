// Elements brought together, and taken apart again.

#include "data/dataset/node.h"

namespace sinew::data {
namespace {

using Stack = std::function<Element(const std::vector<Element>&)>;

class BatchStream : public ElementStream {
 public:
  BatchStream(StreamPtr input, std::int64_t size, bool drop_remainder, const Stack& stack)
      : input_(std::move(input)), size_(size), drop_(drop_remainder), stack_(stack) {}
  bool next(Element& batch) override {
    std::vector<Element> elements;
    elements.reserve(static_cast<std::size_t>(std::min<std::int64_t>(size_, 1024)));
    Element element;
    while (static_cast<std::int64_t>(elements.size()) < size_ && input_->next(element))
      elements.push_back(std::move(element));
    if (elements.empty() || (drop_ && static_cast<std::int64_t>(elements.size()) < size_))
      return false;
    try {
      batch = stack_(elements);
    } catch (...) {
      rethrow_with_number(number_ * size_);
    }
    ++number_;
    return true;
  }
  std::int64_t skip(std::int64_t count) override {
    std::int64_t skipped = 0;
    for (; skipped < count; ++skipped) {
      const std::int64_t elements = input_->skip(size_);
      if (elements == 0 || (drop_ && elements < size_)) break;
    }
    number_ += skipped;
    return skipped;
  }

 private:
  StreamPtr input_;
  std::int64_t size_, number_ = 0;
  bool drop_;
  const Stack& stack_;
};

class Batched : public Stage {
 public:
  Batched(NodePtr input, std::int64_t size, bool drop_remainder, Stack stack)
      : Stage(std::move(input)), size_(size), drop_(drop_remainder), stack_(std::move(stack)) {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<BatchStream>(input().open(pass), size_, drop_, stack_);
  }
  std::optional<std::int64_t> size() const override {
    return of_size(input().size(), [this](std::int64_t elements) {
      return elements / size_ + (!drop_ && elements % size_ != 0 ? 1 : 0);
    });
  }

 private:
  std::int64_t size_;
  bool drop_;
  Stack stack_;
};

class RowStream : public ElementStream {
 public:
  explicit RowStream(StreamPtr input) : input_(std::move(input)) {}
  bool next(Element& element) override {
    while (row_ == rows_) {
      if (!input_->next(batch_)) return false;
      rows_ = batch_.empty() ? 0 : batch_[0].shape()[0];
      row_ = 0;
    }
    element = row_of(batch_, row_++);
    return true;
  }

 private:
  StreamPtr input_;
  Element batch_;
  std::int64_t row_ = 0, rows_ = 0;
};

class Unbatched : public Stage {
 public:
  using Stage::Stage;
  StreamPtr open(Pass pass) const override {
    return std::make_unique<RowStream>(input().open(pass));
  }
  std::optional<std::int64_t> size() const override { return {}; }
};

}  // namespace

Dataset Dataset::batch(std::int64_t size, BatchOptions options) const {
  expect_at_least("batch", "size", size, 1);
  return made<Batched>(node_, size, options.drop_remainder, stacked);
}

Dataset Dataset::padded_batch(std::int64_t size, PaddedBatchOptions options) const {
  expect_at_least("padded_batch", "size", size, 1);
  const bool drop = options.drop_remainder;
  return made<Batched>(node_, size, drop, [options](const std::vector<Element>& elements) {
    return padded_and_stacked(elements, options.padded_shapes, options.padding_values);
  });
}

Dataset Dataset::unbatch() const { return made<Unbatched>(node_); }

}  // namespace sinew::data
