// Where elements come from.

#include <fmt/format.h>

#include "data/dataset/node.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

/// Elements that are known by their numbers, so that some can be left out for nothing.
class NumberedStream : public ElementStream {
 public:
  NumberedStream(std::int64_t size, std::function<Element(std::int64_t)> make)
      : size_(size), make_(std::move(make)) {}
  bool next(Element& element) override {
    if (at_ == size_) return false;
    element = make_(at_++);
    return true;
  }
  std::int64_t skip(std::int64_t count) override {
    const std::int64_t skipped = std::min(count, size_ - at_);
    at_ += skipped;
    return skipped;
  }

 private:
  std::int64_t size_, at_ = 0;
  std::function<Element(std::int64_t)> make_;
};

class Numbered : public Dataset::Node {
 public:
  Numbered(std::int64_t size, std::function<Element(std::int64_t)> make)
      : size_(size), make_(std::move(make)) {}
  StreamPtr open(Pass) const override { return std::make_unique<NumberedStream>(size_, make_); }
  std::optional<std::int64_t> size() const override { return size_; }

 private:
  std::int64_t size_;
  std::function<Element(std::int64_t)> make_;
};

class GeneratorStream : public ElementStream {
 public:
  explicit GeneratorStream(std::function<std::optional<Element>()> make) : make_(std::move(make)) {}
  bool next(Element& element) override {
    if (!make_) return false;
    std::optional<Element> made = make_();
    if (!made) make_ = {};
    if (made) element = std::move(*made);
    return made.has_value();
  }

 private:
  std::function<std::optional<Element>()> make_;
};

class Generator : public Dataset::Node {
 public:
  explicit Generator(std::function<std::function<std::optional<Element>()>(Pass)> make)
      : make_(std::move(make)) {}
  StreamPtr open(Pass pass) const override {
    return std::make_unique<GeneratorStream>(make_(pass));
  }
  std::optional<std::int64_t> size() const override { return {}; }

 private:
  std::function<std::function<std::optional<Element>()>(Pass)> make_;
};

}  // namespace

Dataset Dataset::from_tensors(std::vector<Tensor> tensors) {
  if (tensors.empty()) throw ValueError("Dataset::from_tensors: there are no tensors");
  for (const Tensor& tensor : tensors) {
    if (!tensor.defined() || tensor.shape().rank() < 1 ||
        tensor.shape()[0] != tensors[0].shape()[0]) {
      throw ShapeError(
          fmt::format("Dataset::from_tensors: tensors must have as many rows each: {} and {}",
                      tensors[0].shape().str(), tensor.shape().str()));
    }
  }
  const std::int64_t rows = tensors[0].shape()[0];
  return made<Numbered>(rows, [tensors = std::move(tensors)](std::int64_t number) {
    return row_of(tensors, number);
  });
}

Dataset Dataset::from_generator(std::function<std::function<std::optional<Element>()>(Pass)> make) {
  return made<Generator>(std::move(make));
}

Dataset Dataset::range(std::int64_t begin, std::int64_t end, std::int64_t step) {
  if (step == 0) throw ValueError("Dataset::range: step is 0");
  const std::int64_t span = step > 0 ? end - begin : begin - end;
  const std::int64_t stride = step > 0 ? step : -step;
  const std::int64_t count = std::max<std::int64_t>(0, (span + stride - 1) / stride);
  return made<Numbered>(count, [begin, step](std::int64_t number) {
    return Element{Tensor::scalar(begin + number * step)};
  });
}

Dataset Dataset::windows_of(const Tensor& data, const Tensor& targets, std::int64_t sequence_length,
                            std::int64_t sequence_stride, std::int64_t sampling_rate) {
  expect_at_least("windows_of", "sequence_length", sequence_length, 1);
  expect_at_least("windows_of", "sequence_stride", sequence_stride, 1);
  expect_at_least("windows_of", "sampling_rate", sampling_rate, 1);
  if (!data.defined() || data.shape().rank() < 1)
    throw ShapeError("Dataset::windows_of: the data has no rows");
  const std::int64_t rows = data.shape()[0];
  if ((sequence_length - 1) >= (rows + sampling_rate - 1) / sampling_rate) {
    throw ValueError(
        fmt::format("Dataset::windows_of: {} rows, {} apart, are more than the {} rows of the data",
                    sequence_length, sampling_rate, rows));
  }
  // Keras ends at the last whole window; with targets, also at the last target.
  const std::int64_t last = rows - (sequence_length - 1) * sampling_rate;
  const std::int64_t begins = targets.defined() ? std::min(last, targets.shape()[0]) : last;
  const std::int64_t count = (begins + sequence_stride - 1) / sequence_stride;
  return made<Numbered>(count, [=](std::int64_t number) {
    const std::int64_t begin = number * sequence_stride;
    std::vector<Element> window;
    for (std::int64_t i = 0; i < sequence_length; ++i)
      window.push_back(row_of({data}, begin + i * sampling_rate));
    Element element = stacked(window);
    if (targets.defined()) element.push_back(row_of({targets}, begin)[0]);
    return element;
  });
}

}  // namespace sinew::data
