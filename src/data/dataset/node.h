#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "sinew/data/dataset.h"

namespace sinew::data {

/// A stage of a pipeline, or where one begins.
class Dataset::Node {
 public:
  virtual ~Node() = default;
  virtual std::unique_ptr<ElementStream> open(Pass pass) const = 0;
  /// As Dataset::size().
  virtual std::optional<std::int64_t> size() const = 0;
};

using NodePtr = std::shared_ptr<const Dataset::Node>;
using StreamPtr = std::unique_ptr<ElementStream>;

/// A stage after another one.
class Stage : public Dataset::Node {
 public:
  explicit Stage(NodePtr input) : input_(std::move(input)) {}
  std::optional<std::int64_t> size() const override { return input_->size(); }

 protected:
  const Dataset::Node& input() const { return *input_; }

 private:
  NodePtr input_;
};

template <typename T, typename... Arguments>
Dataset made(Arguments&&... arguments) {
  return Dataset(std::make_shared<const T>(std::forward<Arguments>(arguments)...));
}

/// f of a size that is known and ends.
template <typename F>
std::optional<std::int64_t> of_size(std::optional<std::int64_t> size, const F& f) {
  return !size || *size == kEndless ? size : f(*size);
}

/// Random numbers of number `index` of a pass, for one use of them.
PhiloxStream random_of(Pass pass, std::uint64_t use, std::uint64_t index = 0);

/// Throws ValueError: "Dataset::batch: size is 0; it must be at least 1".
void expect_at_least(const char* what, const char* argument, std::int64_t value,
                     std::int64_t least);
/// Rethrows the exception at hand with the number of the element that it is of: its own kind where
/// that is one of Sinew's.
[[noreturn]] void rethrow_with_number(std::int64_t number);

/// Elements as the rows of one: the batch. Throws ShapeError or DTypeError unless they are alike.
Element stacked(const std::vector<Element>& elements);
/// The same after padding at the end of each axis: `shapes` and `values` as PaddedBatchOptions.
Element padded_and_stacked(const std::vector<Element>& elements, const std::vector<Shape>& shapes,
                           const std::vector<double>& values);
/// Row `number` of each tensor.
Element row_of(const Element& batch, std::int64_t number);

}  // namespace sinew::data
