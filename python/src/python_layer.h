#pragma once

#include <optional>
#include <string>
#include <vector>

#include "held.h"
#include "sinew/nn/layer.h"

namespace sinew::python {

/// A layer written in Python: build() and call() are its methods, run with the interpreter's lock.
/// It and its Python object keep each other alive; the garbage collector sees through that (the
/// type slots below) once no model has the layer.
class PythonLayer final : public Layer {
 public:
  explicit PythonLayer(nb::object self, std::string class_name)
      : self_(std::in_place, std::move(self)), class_name_(std::move(class_name)) {}

  std::string class_name() const override { return class_name_; }
  Attributes config() const override;
  void build_for(const std::vector<TensorType>& inputs) override;
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override;
  bool supports_masking() const override;

  using Layer::add_sublayer;
  using Layer::add_weight;
  /// None once the collector has taken it.
  nb::object object() const;
  /// Whether only its Python object has it.
  bool held_by_python_only() const { return weak_from_this().use_count() == 1; }
  void let_go() { self_.reset(); }

 private:
  /// Runs call() on a graph that is thrown away, which builds the layers that it calls.
  void build_sublayers(const std::vector<TensorType>& inputs);

  std::optional<Held> self_;
  std::string class_name_;
};

/// tp_traverse and tp_clear of the Python type Layer.
extern PyType_Slot python_layer_slots[];

}  // namespace sinew::python
