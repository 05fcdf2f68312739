#include <fmt/format.h>

#include <cstring>

#include "data/dataset/node.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

/// Throws unless elements have as many tensors each, of as many axes and one type.
void expect_alike(const std::vector<Element>& elements) {
  const Element& first = elements[0];
  for (const Element& element : elements) {
    if (element.size() != first.size()) {
      throw ShapeError(
          fmt::format("elements of a batch have {} and {} tensors", first.size(), element.size()));
    }
    for (std::size_t k = 0; k < first.size(); ++k) {
      if (element[k].dtype() != first[k].dtype()) {
        throw DTypeError(fmt::format("tensor {} of a batch's elements is {} and {}", k,
                                     name_of(first[k].dtype()), name_of(element[k].dtype())));
      }
    }
  }
}

[[noreturn]] void different(std::size_t k, const Shape& one, const Shape& other) {
  throw ShapeError(fmt::format(
      "tensor {} of a batch's elements has shapes {} and {}; bring them to one shape, or use "
      "padded_batch()",
      k, one.str(), other.str()));
}

/// Copies all of `from` to the begin of each axis of a row of `to`.
void place(const Tensor& from, char* to, const Shape& into) {
  const std::size_t size = size_of(from.dtype());
  const char* source = static_cast<const char*>(from.raw());
  const auto copy = [&](const auto& self, int axis, char* at, std::int64_t cells) -> void {
    const std::int64_t rest =
        axis < into.rank() ? cells / std::max<std::int64_t>(into[axis], 1) : 1;
    if (axis >= into.rank() - 1) {
      const std::int64_t run = axis < into.rank() ? from.shape()[axis] : 1;
      std::memcpy(at, source, static_cast<std::size_t>(run) * size);
      source += static_cast<std::size_t>(run) * size;
      return;
    }
    for (std::int64_t i = 0; i < from.shape()[axis]; ++i)
      self(self, axis + 1, at + static_cast<std::size_t>(i * rest) * size, rest);
  };
  if (from.numel() > 0) copy(copy, 0, to, into.numel());
}

/// The shape that tensor `k` of all elements is padded to: the longest where `wanted` is -1.
Shape padded_shape(const std::vector<Element>& elements, std::size_t k, const Shape* wanted) {
  std::vector<std::int64_t> dims = elements[0][k].shape().dims();
  for (const Element& element : elements) {
    const Shape& shape = element[k].shape();
    if (shape.rank() != static_cast<int>(dims.size())) different(k, elements[0][k].shape(), shape);
    for (std::size_t axis = 0; axis < dims.size(); ++axis)
      dims[axis] = std::max(dims[axis], shape[static_cast<int>(axis)]);
  }
  if (!wanted) return Shape(std::move(dims));
  if (wanted->rank() != static_cast<int>(dims.size())) {
    throw ShapeError(fmt::format("padded_shapes has {} for tensor {}, whose shape is {}",
                                 wanted->str(), k, elements[0][k].shape().str()));
  }
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    const std::int64_t extent = (*wanted)[static_cast<int>(axis)];
    if (extent < 0) continue;
    if (extent < dims[axis]) {
      throw ShapeError(
          fmt::format("tensor {} of an element has extent {} on axis {}: more than "
                      "the {} of padded_shapes",
                      k, dims[axis], axis, extent));
    }
    dims[axis] = extent;
  }
  return Shape(std::move(dims));
}

/// One tensor an element's, each of them made by `add`.
template <typename F>
Element for_each_tensor(const std::vector<Element>& elements, const F& make) {
  expect_alike(elements);
  Element batch;
  for (std::size_t k = 0; k < elements[0].size(); ++k) batch.push_back(make(k));
  return batch;
}

}  // namespace

Element stacked(const std::vector<Element>& elements) {
  const auto rows = static_cast<std::int64_t>(elements.size());
  return for_each_tensor(elements, [&](std::size_t k) {
    const Tensor& first = elements[0][k];
    Tensor all(first.shape().prepend(rows), first.dtype());
    char* to = static_cast<char*>(all.raw());
    for (const Element& element : elements) {
      if (element[k].shape() != first.shape()) different(k, first.shape(), element[k].shape());
      if (first.bytes() > 0) std::memcpy(to, element[k].raw(), first.bytes());
      to += first.bytes();
    }
    return all;
  });
}

Element padded_and_stacked(const std::vector<Element>& elements, const std::vector<Shape>& shapes,
                           const std::vector<double>& values) {
  const auto expect_one_each = [&](const char* what, std::size_t given) {
    if (given == 0 || given == elements[0].size()) return;
    throw ValueError(
        fmt::format("{} are {}, but elements have {} tensors", what, given, elements[0].size()));
  };
  expect_one_each("padded_shapes", shapes.size());
  expect_one_each("padding_values", values.size());
  const auto rows = static_cast<std::int64_t>(elements.size());
  return for_each_tensor(elements, [&](std::size_t k) {
    const Shape shape = padded_shape(elements, k, shapes.empty() ? nullptr : &shapes[k]);
    const double value = values.empty() ? 0.0 : values[k];
    Tensor all = Tensor::full(shape.prepend(rows), value, elements[0][k].dtype());
    char* to = static_cast<char*>(all.raw());
    const std::size_t bytes = static_cast<std::size_t>(shape.numel()) * size_of(all.dtype());
    for (const Element& element : elements) {
      place(element[k], to, shape);
      to += bytes;
    }
    return all;
  });
}

Element row_of(const Element& batch, std::int64_t number) {
  Element row;
  for (const Tensor& tensor : batch)
    row.push_back(tensor.rows(number, number + 1).reshape(tensor.shape().drop_front()));
  return row;
}

}  // namespace sinew::data
