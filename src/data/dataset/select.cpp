// Parts of a pass, and several passes.

#include <fmt/format.h>

#include "data/dataset/node.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

class FilterStream : public ElementStream {
 public:
  FilterStream(StreamPtr input, const std::function<bool(const Element&)>& keep)
      : input_(std::move(input)), keep_(keep) {}
  bool next(Element& element) override {
    for (; input_->next(element); ++number_) {
      try {
        if (!keep_(element)) continue;
      } catch (...) {
        rethrow_with_number(number_);
      }
      ++number_;
      return true;
    }
    return false;
  }

 private:
  StreamPtr input_;
  const std::function<bool(const Element&)>& keep_;
  std::int64_t number_ = 0;
};

class Filtered : public Stage {
 public:
  Filtered(NodePtr input, std::function<bool(const Element&)> keep)
      : Stage(std::move(input)), keep_(std::move(keep)) {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<FilterStream>(input().open(pass), keep_);
  }
  std::optional<std::int64_t> size() const override { return {}; }

 private:
  std::function<bool(const Element&)> keep_;
};

/// Elements number begin, begin + step, … of the input, `count` of them at most.
struct Part {
  std::int64_t begin = 0, step = 1;
  std::optional<std::int64_t> count = {};
};

class PartStream : public ElementStream {
 public:
  PartStream(StreamPtr input, Part part)
      : input_(std::move(input)), part_(part), ahead_(part.begin) {}
  bool next(Element& element) override {
    if (part_.count && given_ >= *part_.count) return false;
    if (!pass_over(ahead_) || !input_->next(element)) return end();
    ahead_ = part_.step - 1;
    ++given_;
    return true;
  }
  std::int64_t skip(std::int64_t count) override {
    if (part_.step != 1) return ElementStream::skip(count);
    if (part_.count) count = std::min(count, *part_.count - given_);
    if (count <= 0 || !pass_over(ahead_)) return 0;
    ahead_ = 0;
    const std::int64_t skipped = input_->skip(count);
    given_ += skipped;
    return skipped;
  }

 private:
  bool pass_over(std::int64_t count) { return count == 0 || input_->skip(count) == count; }
  bool end() {
    part_.count = given_;
    return false;
  }

  StreamPtr input_;
  Part part_;
  /// Elements of the input before the next one that counts.
  std::int64_t ahead_;
  std::int64_t given_ = 0;
};

class PartOf : public Stage {
 public:
  PartOf(NodePtr input, Part part) : Stage(std::move(input)), part_(part) {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<PartStream>(input().open(pass), part_);
  }
  std::optional<std::int64_t> size() const override {
    const std::optional<std::int64_t> all = input().size();
    if (all == kEndless) return part_.count ? part_.count : all;
    return of_size(all, [this](std::int64_t elements) {
      const std::int64_t rest = std::max<std::int64_t>(0, elements - part_.begin);
      const std::int64_t count = (rest + part_.step - 1) / part_.step;
      return part_.count ? std::min(count, *part_.count) : count;
    });
  }

 private:
  Part part_;
};

class RepeatStream : public ElementStream {
 public:
  RepeatStream(const Dataset::Node& input, std::int64_t count, Pass pass)
      : input_(input), count_(count), pass_(pass) {}
  bool next(Element& element) override {
    for (; count_ == kEndless || number_ < count_; ++number_, stream_.reset()) {
      if (!stream_) begin();
      if (stream_->next(element)) return any_ = true;
      if (!any_) break;
    }
    count_ = number_;
    return false;
  }

 private:
  void begin() {
    Pass pass = pass_;
    // The first pass is that of the input alone; the others are of other epochs than any that
    // fit() counts.
    if (number_ > 0) pass.epoch ^= static_cast<std::uint64_t>(number_) << 32;
    stream_ = input_.open(pass);
    any_ = false;
  }

  const Dataset::Node& input_;
  std::int64_t count_, number_ = 0;
  Pass pass_;
  StreamPtr stream_;
  bool any_ = false;
};

class Repeated : public Stage {
 public:
  Repeated(NodePtr input, std::int64_t count) : Stage(std::move(input)), count_(count) {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<RepeatStream>(input(), count_, pass);
  }
  std::optional<std::int64_t> size() const override {
    const std::optional<std::int64_t> once = input().size();
    if (once == 0 || count_ == 0) return 0;
    if (count_ == kEndless) return kEndless;
    return of_size(once, [this](std::int64_t elements) { return elements * count_; });
  }

 private:
  std::int64_t count_;
};

}  // namespace

Dataset Dataset::filter(std::function<bool(const Element&)> keep) const {
  return made<Filtered>(node_, std::move(keep));
}

Dataset Dataset::take(std::int64_t count) const {
  expect_at_least("take", "count", count, 0);
  return made<PartOf>(node_, Part{.count = count});
}

Dataset Dataset::skip(std::int64_t count) const {
  expect_at_least("skip", "count", count, 0);
  return made<PartOf>(node_, Part{.begin = count});
}

Dataset Dataset::shard(std::int64_t count, std::int64_t index) const {
  expect_at_least("shard", "count", count, 1);
  if (index < 0 || index >= count) {
    throw ValueError(
        fmt::format("Dataset::shard: index is {}; it must be in [0, {})", index, count));
  }
  return made<PartOf>(node_, Part{.begin = index, .step = count});
}

Dataset Dataset::repeat(std::int64_t count) const {
  expect_at_least("repeat", "count", count, kEndless);
  return made<Repeated>(node_, count);
}

}  // namespace sinew::data
