#pragma once

#include <memory>
#include <string>

#include "sinew/graph/graph.h"

namespace sinew {

/// A tensor that lives between steps: a weight, an optimizer slot, a metric's accumulator, a
/// counter. Programs read it and give it new values; layers and models share it by pointer. Its
/// buffer may be in a layout that only the backend understands: value() and assign() convert from
/// and to row-major.
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

  /// The buffer as programs see it: type().layout's bytes. Its address changes only in set_layout.
  void* data() { return storage_.get(); }
  const void* data() const { return storage_.get(); }
  /// Moves the contents into another layout. Programs compiled before must not run after.
  void set_layout(const std::string& layout);
  /// Whether a program that reads or writes the buffer has been compiled: from then on the layout
  /// stays.
  bool bound() const { return bound_; }
  void bind() { bound_ = true; }

 private:
  std::string name_;
  TensorType type_;
  bool trainable_ = false;
  bool bound_ = false;
  std::shared_ptr<void> storage_;
};

using VariablePtr = std::shared_ptr<Variable>;

}  // namespace sinew
