#include "sinew/graph/variable.h"

#include <fmt/format.h>

#include "runtime/backend.h"
#include "sinew/base/error.h"

namespace sinew {

Variable::Variable(std::string name, DType dtype, Shape shape, bool trainable)
    : name_(std::move(name)), type_{dtype, std::move(shape)}, trainable_(trainable) {
  storage_ = allocate_aligned(static_cast<std::size_t>(type_.shape.numel()) * size_of(dtype));
}

Variable::Variable(std::string name, const Tensor& initial, bool trainable)
    : Variable(std::move(name), initial.dtype(), initial.shape(), trainable) {
  assign(initial);
}

Tensor Variable::value() const {
  Tensor result(type_.shape, type_.dtype);
  runtime::default_backend().from_layout(type_, storage_.get(), result.raw());
  return result;
}

void Variable::assign(const Tensor& value) {
  if (value.dtype() != type_.dtype) {
    throw DTypeError(fmt::format("variable '{}' is {}; a {} tensor cannot be assigned to it", name_,
                                 name_of(type_.dtype), name_of(value.dtype())));
  }
  if (value.shape() != type_.shape) {
    throw ShapeError(
        fmt::format("variable '{}' has shape {}; a tensor of shape {} cannot be assigned to it",
                    name_, type_.shape.str(), value.shape().str()));
  }
  runtime::default_backend().to_layout(type_, value.raw(), storage_.get());
  changed();
}

std::shared_ptr<Variable> Variable::laid_out(const std::string& layout, const Shape& shape) {
  for (const auto& other : layouts_) {
    if (other->type_.layout == layout && other->type_.shape == shape) return other;
  }
  auto other = std::make_shared<Variable>(name_, type_.dtype, Shape{}, false);
  other->type_ = {type_.dtype, shape, layout};
  other->storage_ = allocate_aligned(runtime::default_backend().bytes(other->type_));
  other->source_ = this;
  layouts_.push_back(other);
  return other;
}

std::size_t Variable::bytes() const {
  std::size_t sum = runtime::default_backend().bytes(type_);
  for (const auto& other : layouts_) sum += other->bytes();
  return sum;
}

void Variable::refresh() {
  if (seen_ == source_->version_) return;
  runtime::default_backend().to_layout(type_, source_->data(), storage_.get());
  updated_with_source();
}

}  // namespace sinew
