#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"
#include "sinew/graph/variable.h"
#include "sinew/nn/initializers.h"
#include "sinew/nn/regularizers.h"

namespace sinew {

class Layer;
class LayerPtr;

/// A tensor of a model under declaration (Keras's KerasTensor): its shape, with an unknown batch extent, and the layer
/// call that makes it. Model(inputs, outputs) follows these back to its inputs.
class KerasTensor {
 public:
  KerasTensor() = default;
  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }

  /// One call of a layer; shared layers have several.
  struct Call {
    std::shared_ptr<Layer> layer;
    std::vector<KerasTensor> inputs;
  };
  const std::shared_ptr<const Call>& call() const { return call_; }
  /// Which of the layer's outputs this is.
  int output() const { return output_; }

 private:
  friend class LayerPtr;
  friend KerasTensor Input(Shape shape, struct InputOptions options);
  std::shared_ptr<const Call> call_;
  int output_ = 0;
  Shape shape_;
  DType dtype_ = DType::Float32;
};

/// What a layer's call sees besides its inputs.
struct CallContext {
  Graph& graph;
  bool training = false;
  /// Int64 scalars that key random ops; undefined in inference.
  Value seed = {};
  Value step = {};
  /// Stream number of the next random op: counts the random ops of the program.
  std::int64_t next_stream = 0;
  /// Scalars added to the loss (activity regularisation, add_loss).
  std::vector<Value> losses = {};
};

/// A weight to be made: what Layer::add_weight takes.
struct WeightOptions {
  Initializer initializer = "glorot_uniform";
  Regularizer regularizer = {};
  bool trainable = true;
};

/// Base of all layers. A layer is a function of Values written once: build() makes its weights when the input shapes
/// are known, call() appends its computation to a graph. Output shapes follow from tracing call().
class Layer : public std::enable_shared_from_this<Layer> {
 public:
  virtual ~Layer() = default;

  /// Keras's class name, such as "Conv2D": also the key of the registry that loads models.
  virtual std::string class_name() const = 0;
  /// Constructor arguments under Keras's names; nested objects (initializers, …) by their identifiers.
  virtual Attributes config() const = 0;
  /// Input shapes have an unknown batch extent first. Runs once, before the first call.
  virtual void build(const std::vector<Shape>& /*input_shapes*/) {}
  /// Inputs have a known batch extent. Throws ShapeError or DTypeError beginning with where().
  virtual std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) = 0;

  /// Given in the options, or Keras's default: "conv2d", "conv2d_1", …
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  /// `Dense "dense_1"`: how an error begins.
  std::string where() const;
  bool trainable() const { return trainable_; }
  void set_trainable(bool trainable) { trainable_ = trainable; }
  DType dtype() const { return dtype_; }
  void set_dtype(DType dtype) { dtype_ = dtype; }
  /// Shape without the batch extent given to a first layer; rank-0-with-flag semantics: see has_input_shape().
  bool has_input_shape() const { return has_input_shape_; }
  const Shape& input_shape() const { return input_shape_; }
  void set_input_shape(Shape shape);

  bool built() const { return built_; }
  /// build() once, with weights named `layer/weight`; checks later calls against the shapes of the first.
  void ensure_built(const std::vector<Shape>& input_shapes);
  /// In the order in which build() added them, as Keras's get_weights gives them.
  const std::vector<VariablePtr>& weights() const { return weights_; }
  const std::vector<Regularizer>& regularizers() const { return regularizers_; }
  /// Shapes (unknown batch extent first) and dtypes of the outputs for such inputs, by tracing call().
  std::vector<TensorType> output_types(const std::vector<TensorType>& inputs);

 protected:
  /// To be called in build(). The initial value is drawn at once from the layer's seed.
  VariablePtr add_weight(const std::string& name, const Shape& shape, const WeightOptions& options);

 private:
  std::string name_;
  bool trainable_ = true;
  bool built_ = false;
  bool has_input_shape_ = false;
  Shape input_shape_;
  DType dtype_ = DType::Float32;
  std::vector<VariablePtr> weights_;
  std::vector<Regularizer> regularizers_;
};

/// A shared layer that can be called: what Dense(10) and its kin return.
class LayerPtr : public std::shared_ptr<Layer> {
 public:
  using std::shared_ptr<Layer>::shared_ptr;
  KerasTensor operator()(const KerasTensor& input) const;
  KerasTensor operator()(const std::vector<KerasTensor>& inputs) const;
  /// For layers with several outputs.
  std::vector<KerasTensor> call_all(const std::vector<KerasTensor>& inputs) const;
};

}  // namespace sinew
