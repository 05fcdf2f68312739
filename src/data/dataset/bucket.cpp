#include <fmt/format.h>

#include "data/dataset/node.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

class BucketStream : public ElementStream {
 public:
  BucketStream(StreamPtr input, const BucketOptions& options)
      : input_(std::move(input)), options_(options), buckets_(options.batch_sizes.size()) {}

  bool next(Element& batch) override {
    Element element;
    while (input_->next(element)) {
      const std::size_t number = bucket_of(element);
      std::vector<Element>& bucket = buckets_[number];
      bucket.push_back(std::move(element));
      if (static_cast<std::int64_t>(bucket.size()) == options_.batch_sizes[number])
        return give(bucket, batch);
    }
    if (options_.drop_remainder) return false;
    for (std::vector<Element>& bucket : buckets_) {
      if (!bucket.empty()) return give(bucket, batch);
    }
    return false;
  }

 private:
  std::size_t bucket_of(const Element& element) const {
    const std::int64_t length = options_.length(element);
    const auto& boundaries = options_.boundaries;
    return static_cast<std::size_t>(std::upper_bound(boundaries.begin(), boundaries.end(), length) -
                                    boundaries.begin());
  }
  bool give(std::vector<Element>& bucket, Element& batch) const {
    batch = padded_and_stacked(bucket, {}, options_.padding_values);
    bucket.clear();
    return true;
  }

  StreamPtr input_;
  const BucketOptions& options_;
  std::vector<std::vector<Element>> buckets_;
};

class Bucketed : public Stage {
 public:
  Bucketed(NodePtr input, BucketOptions options)
      : Stage(std::move(input)), options_(std::move(options)) {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<BucketStream>(input().open(pass), options_);
  }
  std::optional<std::int64_t> size() const override { return {}; }

 private:
  BucketOptions options_;
};

std::int64_t first_extent(const Element& element) {
  if (element.empty() || element[0].shape().rank() < 1)
    throw ShapeError("Dataset::bucket_by_length: the first tensor of an element has no length");
  return element[0].shape()[0];
}

}  // namespace

Dataset Dataset::bucket_by_length(BucketOptions options) const {
  const std::vector<std::int64_t>& boundaries = options.boundaries;
  if (std::adjacent_find(boundaries.begin(), boundaries.end(), std::greater_equal<>()) !=
      boundaries.end())
    throw ValueError("Dataset::bucket_by_length: the boundaries do not rise");
  if (options.batch_sizes.size() != boundaries.size() + 1) {
    throw ValueError(fmt::format(
        "Dataset::bucket_by_length: {} boundaries make {} buckets, but there are {} batch_sizes",
        boundaries.size(), boundaries.size() + 1, options.batch_sizes.size()));
  }
  for (std::int64_t size : options.batch_sizes)
    expect_at_least("bucket_by_length", "a batch size", size, 1);
  if (!options.length) options.length = first_extent;
  return made<Bucketed>(node_, std::move(options));
}

}  // namespace sinew::data
