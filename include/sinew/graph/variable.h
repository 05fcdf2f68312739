#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew {

/// A tensor that lives between steps: a weight, an optimizer slot, a metric's accumulator, a
/// counter. Programs read it and give it new values; layers and models share it by pointer. What
/// value() and assign() deal in is row-major; beside it, the same tensor may be kept in layouts
/// that kernels read faster (see laid_out()).
class Variable {
 public:
  /// Zero-filled.
  Variable(std::string name, DType dtype, Shape shape, bool trainable = false);
  Variable(std::string name, const Tensor& initial, bool trainable = false);
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

  const std::string& name() const { return name_; }
  const TensorType& type() const { return type_; }
  const Shape& shape() const { return type_.shape; }
  DType dtype() const { return type_.dtype; }
  bool trainable() const { return trainable_; }
  void set_trainable(bool trainable) { trainable_ = trainable; }

  /// A row-major copy.
  Tensor value() const;
  /// Takes a row-major tensor of the variable's dtype and shape; throws ShapeError or DTypeError
  /// naming the variable.
  void assign(const Tensor& value);

  /// The buffer as programs see it, in type().layout. Its address never changes. Whoever writes
  /// through it calls changed() afterwards.
  void* data() { return storage_.get(); }
  const void* data() const { return storage_.get(); }

  /// This variable in a layout of the backend's for `shape`, which has as many elements, as a
  /// variable of its own that the compiler's layout pass puts into programs; the same one at each
  /// call. Programs that update this one update those of its layouts that they read, in the same
  /// step; other changes show in them after refresh().
  std::shared_ptr<Variable> laid_out(const std::string& layout, const Shape& shape);
  /// Of its buffer, and of its layouts'.
  std::size_t bytes() const;
  /// What this one lays out; null for one that stands for itself. Who keeps this one keeps that.
  Variable* source() const { return source_; }
  /// Takes over the source's contents where they have changed since.
  void refresh();
  /// The contents have changed, or are about to.
  void changed() { ++version_; }
  /// This one has been given the source's present contents.
  void updated_with_source() { seen_ = source_->version_; }

 private:
  std::string name_;
  TensorType type_;
  bool trainable_ = false;
  std::shared_ptr<void> storage_;
  std::vector<std::shared_ptr<Variable>> layouts_;
  Variable* source_ = nullptr;
  std::uint64_t version_ = 1;
  /// The source's version whose contents this one has.
  std::uint64_t seen_ = 0;
};

using VariablePtr = std::shared_ptr<Variable>;

}  // namespace sinew
