#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"
#include "sinew/graph/variable.h"
#include "sinew/nn/constraints.h"
#include "sinew/nn/dtype_policy.h"
#include "sinew/nn/initializers.h"
#include "sinew/nn/regularizers.h"

namespace sinew {

class Layer;
class LayerPtr;
struct InputOptions;

/// A tensor of a model under declaration (Keras's KerasTensor): its shape, with an unknown batch
/// extent, and the layer call that makes it. Model(inputs, outputs) follows these back to its
/// inputs.
class KerasTensor {
 public:
  /// One call of a layer; shared layers have several.
  struct Call {
    std::shared_ptr<Layer> layer;
    std::vector<KerasTensor> inputs;
  };

  KerasTensor() = default;
  KerasTensor(std::shared_ptr<const Call> call, int output, TensorType type)
      : call_(std::move(call)), output_(output), type_(std::move(type)) {}

  bool defined() const { return call_ != nullptr; }
  const TensorType& type() const { return type_; }
  const Shape& shape() const { return type_.shape; }
  DType dtype() const { return type_.dtype; }
  const std::shared_ptr<const Call>& call() const { return call_; }
  /// Which of the layer's outputs this is.
  int output() const { return output_; }

 private:
  std::shared_ptr<const Call> call_;
  int output_ = 0;
  TensorType type_;
};

/// How a tensor is passed to a layer's call: by position where it has no name; as an element of a
/// list of that name where `listed`.
struct CallArgument {
  std::string name = {};
  bool listed = false;
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

  /// The value a variable has at this point of the program: what an earlier call of a shared layer
  /// gave it, or else what it had when the step began.
  Value current(const VariablePtr& variable) const;
  /// Gives the variable a value for the end of the step, in place of what an earlier call gave it.
  void assign(const VariablePtr& variable, Value value);

  /// Bool, of the value's leading extents: which samples, or steps of them, count (Keras's masks).
  /// Undefined where all do.
  Value mask(Value value) const;
  /// Takes the mask away where `mask` is undefined.
  void set_mask(Value value, Value mask);
  std::map<ValueId, Value> masks = {};
};

/// A weight to be made: what Layer::add_weight takes.
struct WeightOptions {
  Initializer initializer = "glorot_uniform";
  Regularizer regularizer = {};
  Constraint constraint = {};
  bool trainable = true;
};

/// Base of all layers. A layer is a function of Values written once: build() makes its weights when
/// the input shapes are known, call() appends its computation to a graph. Output shapes follow from
/// tracing call().
class Layer : public std::enable_shared_from_this<Layer> {
 public:
  Layer();
  virtual ~Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

  /// Keras's class name, such as "Conv2D": also the key of the registry that loads models.
  virtual std::string class_name() const = 0;
  /// Constructor arguments under Keras's names; nested objects (initializers, …) by their
  /// identifiers.
  virtual Attributes config() const = 0;
  /// Throws ShapeError or DTypeError, beginning with where(), for inputs that the layer cannot
  /// take: before build() and before each call, with the batch extent known or unknown.
  virtual void check_inputs(const std::vector<TensorType>& /*inputs*/) const {}
  /// Makes the weights. Input shapes have an unknown batch extent first, unless the layer is
  /// stateful. Runs once, before the first call.
  virtual void build(const std::vector<Shape>& /*input_shapes*/) {}
  /// The same for layers that tell their inputs apart by dtype.
  virtual void build_for(const std::vector<TensorType>& inputs);
  /// Appends the computation; inputs have known extents and have passed check_inputs(). Models go
  /// through operator().
  virtual std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) = 0;
  /// Whether outputs have the masks that compute_mask() gives them; otherwise they have none.
  virtual bool supports_masking() const { return false; }
  /// The masks of outputs whose masks call() has not set: one an output, undefined for none. Unless
  /// overridden each has the mask of the input at its place.
  virtual std::vector<Value> compute_mask(CallContext& context, const std::vector<Value>& inputs,
                                          const std::vector<Value>& outputs) const;
  /// Whether call() runs in the weights' type under a mixed policy too, between casts: normalising
  /// layers do, as in Keras.
  virtual bool computes_in_weights_dtype() const { return false; }

  /// Whether the layer keeps states() from batch to batch: it is built for one batch size.
  virtual bool stateful() const { return false; }
  /// What the layer and its sublayers keep from one batch to the next. They are no weights:
  /// training leaves them alone and models are saved without them; checkpoints hold them.
  virtual std::vector<VariablePtr> states() const;
  /// Sets states() to zeros.
  void reset_state();

  /// How Keras passes each of call()'s tensors where they are arguments of their own; empty where
  /// it takes them as one list.
  virtual std::vector<CallArgument> call_arguments(
      const std::vector<TensorType>& /*inputs*/) const {
    return {};
  }
  /// Options of config() that are arguments of the call in Keras.
  virtual std::vector<std::string> call_options() const { return {}; }
  /// Arguments of Keras's call that are true for these inputs, and follow from them.
  virtual std::vector<std::string> call_flags(const std::vector<TensorType>& /*inputs*/) const {
    return {};
  }

  /// Appends this layer's computation to a graph: builds it if need be and runs call() in the scope
  /// where(), on inputs cast as the policy says.
  std::vector<Value> operator()(CallContext& context, const std::vector<Value>& inputs);
  Value operator()(CallContext& context, Value input);

  /// Given in the options, or Keras's default: "conv2d", "conv2d_1", …
  const std::string& name() const;
  /// Weights made before keep their names.
  void set_name(std::string name) { name_ = std::move(name); }
  /// `Dense "dense_1"`: how an error begins.
  std::string where() const;
  bool trainable() const { return trainable_; }
  /// Takes or leaves all weights that build() marks trainable; a model must be compiled again to
  /// see it.
  void set_trainable(bool trainable);
  /// Of the weights.
  DType dtype() const { return policy_.variable_dtype(); }
  /// Of the results.
  DType compute_dtype() const { return policy_.compute_dtype(); }
  const DTypePolicy& dtype_policy() const { return policy_; }
  /// Throws DTypeError unless its types are floating, and ValueError when there are weights of
  /// another type than it keeps them in. A model must be compiled again to see it.
  virtual void set_dtype_policy(const DTypePolicy& policy);
  /// Of inputs, when a model begins with this layer: dtype(), or Int64 where the layer takes
  /// indices.
  virtual DType input_dtype() const { return dtype(); }
  /// Shape without the batch extent, given to a first layer; rank 0 when none was given.
  const Shape& input_shape() const { return input_shape_; }
  bool has_input_shape() const { return input_shape_.rank() > 0; }
  /// The batch extent that goes with it; mostly unknown.
  std::int64_t batch_size() const { return batch_size_; }
  void set_input_shape(Shape shape, std::int64_t batch_size = Shape::kUnknown) {
    input_shape_ = std::move(shape);
    batch_size_ = batch_size;
  }

  /// The layers that this one is made of (a wrapper's layer, a recurrent layer's cells): their
  /// weights are among its own, after those that it adds itself.
  const std::vector<std::shared_ptr<Layer>>& sublayers() const { return sublayers_; }

  bool built() const { return built_; }
  /// Runs check_inputs(), and build() the first time. Extents may be unknown where the weights do
  /// not depend on them.
  void ensure_built(const std::vector<TensorType>& inputs);
  /// In the order in which build() added them, then the sublayers', as Keras's get_weights gives
  /// them.
  const std::vector<VariablePtr>& weights() const { return weights_; }
  std::vector<VariablePtr> trainable_weights() const;
  /// One an entry of weights(); most are none.
  const std::vector<Regularizer>& regularizers() const { return regularizers_; }
  /// The regularizers' penalties as scalars of this graph; a model adds them to its loss, once a
  /// layer.
  std::vector<Value> weight_losses(Graph& graph) const;
  /// Moves the trainable weights that have constraints to where they fulfil them, after what the
  /// step has given them.
  void constrain_weights(CallContext& context) const;
  std::int64_t parameter_count() const;
  /// Types of the outputs for such inputs, by tracing call(); unknown extents are allowed and come
  /// out where the output depends on them. Builds the layer.
  std::vector<TensorType> output_types(const std::vector<TensorType>& inputs);

 protected:
  /// To be called in build(). The initial value is drawn at once; which numbers depends on the
  /// seed, on how many layers were made before this one, and on how many weights it has already.
  VariablePtr add_weight(const std::string& name, const Shape& shape,
                         const WeightOptions& options = {});
  /// To be called when this layer is made; build() builds the sublayer.
  void add_sublayer(const std::shared_ptr<Layer>& layer);
  /// To be called in build() where a sublayer's weight comes before those added next; the others
  /// follow by themselves.
  void adopt_weight(const Layer& sublayer, const VariablePtr& weight);
  /// The weight as a Value of the context's graph, in the type that call() computes in.
  Value weight(CallContext& context, const VariablePtr& variable) const;

  /// For check_inputs() and build(): throw ShapeError or DTypeError beginning with where().
  void expect_inputs(std::size_t count, const std::vector<TensorType>& inputs) const;
  /// `axes` names them, as in "(batch, rows, columns, channels)".
  void expect_rank(const TensorType& input, int rank, const char* axes) const;
  /// The input is of the type that call() computes in.
  void expect_dtype(const TensorType& input) const;
  /// An extent that fixes a weight's shape must be the one that the layer was built for, if it was:
  /// `wanted`.
  void expect_extent(const TensorType& input, int axis, std::int64_t wanted,
                     const char* what) const;
  /// An extent that fixes a weight's shape; throws when it is unknown.
  std::int64_t known_extent(const Shape& shape, int axis, const char* what) const;

 private:
  DType call_dtype() const { return computes_in_weights_dtype() ? dtype() : compute_dtype(); }
  /// What becomes of inputs before call(): float32 and bfloat16 are cast into each other. Other
  /// types are left for check_inputs() to refuse.
  TensorType autocast(TensorType type) const;
  std::vector<Value> cast_and_call(CallContext& context, std::vector<Value> inputs);
  void pass_masks(CallContext& context, const std::vector<Value>& inputs,
                  std::vector<Value>& outputs) const;
  /// What a weight's name begins with: the names of the layers around it, and its own.
  std::string path() const;

  mutable std::string name_;
  std::string scope_;
  std::vector<std::shared_ptr<Layer>> sublayers_;
  bool trainable_ = true;
  bool built_ = false;
  Shape input_shape_;
  std::int64_t batch_size_ = Shape::kUnknown;
  DTypePolicy policy_;
  std::uint64_t seed_ = 0;
  std::uint64_t number_ = 0;
  std::vector<VariablePtr> weights_;
  std::vector<bool> weight_is_trainable_;
  std::vector<Regularizer> regularizers_;
  std::vector<Constraint> constraints_;
};

/// A shared layer that can be called: what Dense(10) and its kin return.
class LayerPtr : public std::shared_ptr<Layer> {
 public:
  using std::shared_ptr<Layer>::shared_ptr;
  LayerPtr(std::shared_ptr<Layer> layer) : std::shared_ptr<Layer>(std::move(layer)) {}

  /// Declares a call of the layer, building it; throws ShapeError when the inputs do not fit, or
  /// when the layer has more than one output.
  KerasTensor operator()(const KerasTensor& input) const;
  KerasTensor operator()(const std::vector<KerasTensor>& inputs) const;
  /// For layers with several outputs.
  std::vector<KerasTensor> call_all(const std::vector<KerasTensor>& inputs) const;
};

struct InputOptions {
  DType dtype = DType::Float32;
  std::string name = {};
  /// For layers that keep states from batch to batch; others take any batch.
  std::optional<std::int64_t> batch_size = {};
};

/// Where a model begins: `shape` is without the batch extent; other unknown extents are
/// Shape::kUnknown. Throws ValueError for a batch_size below 1.
KerasTensor Input(Shape shape, InputOptions options = {});

}  // namespace sinew
