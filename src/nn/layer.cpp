#include "sinew/nn/layer.h"

#include <fmt/format.h>

#include <algorithm>

#include "nn/undrawn_weights.h"
#include "nn/weight_limit.h"
#include "sinew/base/error.h"
#include "sinew/base/text.h"
#include "sinew/nn/session.h"
#include "sinew/ops/elementwise.h"

namespace sinew {
namespace {

/// " (batch 32)", or nothing while the batch extent is unknown.
std::string batch_note(const Shape& shape) {
  if (shape.rank() == 0 || shape[0] == Shape::kUnknown) return "";
  return fmt::format(" (batch {})", shape[0]);
}

/// The same type with every unknown extent replaced: the batch's by `batch`, others by `extent`.
TensorType probe(const TensorType& type, std::int64_t batch, std::int64_t extent) {
  std::vector<std::int64_t> dims = type.shape.dims();
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] == Shape::kUnknown) dims[axis] = axis == 0 ? batch : extent;
  }
  return {type.dtype, Shape(std::move(dims))};
}

}  // namespace

Layer::Layer() : seed_(random_seed()), number_(next_layer_number()) {}

const std::string& Layer::name() const {
  if (name_.empty()) name_ = unique_name(snake_case(class_name()));
  return name_;
}

std::string Layer::where() const { return fmt::format("{} \"{}\"", class_name(), name()); }

std::string Layer::path() const { return scope_.empty() ? name() : scope_ + "/" + name(); }

void Layer::add_sublayer(const std::shared_ptr<Layer>& layer) {
  if (!trainable_) layer->set_trainable(false);
  sublayers_.push_back(layer);
}

void Layer::set_trainable(bool trainable) {
  trainable_ = trainable;
  for (const auto& layer : sublayers_) layer->set_trainable(trainable);
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    weights_[i]->set_trainable(trainable && weight_is_trainable_[i]);
  }
}

void Layer::set_dtype_policy(const DTypePolicy& policy) {
  const DType dtype = policy.variable_dtype();
  if (!is_floating(dtype) && class_name() != "InputLayer") {
    throw DTypeError(fmt::format("{}: dtype {} is not a floating type; use float32 or float64",
                                 where(), name_of(dtype)));
  }
  for (const VariablePtr& weight : weights_) {
    if (weight->dtype() == this->dtype() && dtype != this->dtype()) {
      throw ValueError(fmt::format(
          "{}: the dtype policy \"{}\" keeps weights in {}, but the layer has {} ones already; "
          "give it to the layer when it is made",
          where(), policy.name(), name_of(dtype), name_of(weight->dtype())));
    }
  }
  policy_ = policy;
  for (const auto& layer : sublayers_) layer->set_dtype_policy(policy);
}

TensorType Layer::autocast(TensorType type) const {
  const auto castable = [](DType dtype) {
    return dtype == DType::Float32 || dtype == DType::BFloat16;
  };
  if (castable(type.dtype) && castable(call_dtype())) type.dtype = call_dtype();
  return type;
}

std::vector<Value> Layer::cast_and_call(CallContext& context, std::vector<Value> inputs) {
  const Graph::Scope scope(context.graph, where());
  const auto cast = [&](Value& value, DType dtype) {
    const Value mask = context.mask(value);
    value = ops::cast(value, dtype);
    context.set_mask(value, mask);
  };
  for (Value& input : inputs) cast(input, autocast(input.type()).dtype);
  std::vector<Value> outputs = call(context, inputs);
  pass_masks(context, inputs, outputs);
  if (call_dtype() == compute_dtype()) return outputs;
  for (Value& output : outputs) {
    if (output.dtype() == call_dtype()) cast(output, compute_dtype());
  }
  return outputs;
}

void Layer::ensure_built(const std::vector<TensorType>& inputs) {
  std::vector<TensorType> types;
  for (const TensorType& input : inputs) types.push_back(autocast(input));
  check_inputs(types);
  if (built_) return;
  for (TensorType& type : types) {
    if (type.shape.rank() > 0 && !stateful()) type.shape = type.shape.with(0, Shape::kUnknown);
  }
  for (const auto& layer : sublayers_) {
    // One that has this layer's own name is this layer to the outside.
    if (!layer->built_) layer->scope_ = layer->name() == name() ? scope_ : path();
  }
  build_for(types);
  for (const auto& layer : sublayers_) {
    for (const VariablePtr& weight : layer->weights_) adopt_weight(*layer, weight);
  }
  built_ = true;
}

void Layer::adopt_weight(const Layer& sublayer, const VariablePtr& weight) {
  const auto place = [&](const Layer& layer) {
    return static_cast<std::size_t>(
        std::find(layer.weights_.begin(), layer.weights_.end(), weight) - layer.weights_.begin());
  };
  if (place(*this) < weights_.size()) return;
  const std::size_t from = place(sublayer);
  weights_.push_back(weight);
  weight_is_trainable_.push_back(sublayer.weight_is_trainable_[from]);
  regularizers_.push_back(sublayer.regularizers_[from]);
  constraints_.push_back(sublayer.constraints_[from]);
}

void Layer::build_for(const std::vector<TensorType>& inputs) {
  std::vector<Shape> shapes;
  for (const TensorType& input : inputs) shapes.push_back(input.shape);
  build(shapes);
}

std::vector<Value> Layer::operator()(CallContext& context, const std::vector<Value>& inputs) {
  std::vector<TensorType> types;
  for (const Value& input : inputs) types.push_back(input.type());
  ensure_built(types);
  return cast_and_call(context, inputs);
}

Value Layer::operator()(CallContext& context, Value input) {
  return (*this)(context, std::vector<Value>{input}).front();
}

std::vector<VariablePtr> Layer::trainable_weights() const {
  std::vector<VariablePtr> result;
  for (const VariablePtr& weight : weights_) {
    if (weight->trainable()) result.push_back(weight);
  }
  return result;
}

std::vector<Value> Layer::weight_losses(Graph& graph) const {
  std::vector<Value> losses;
  const Graph::Scope scope(graph, where());
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (regularizers_[i] && weights_[i]->trainable())
      losses.push_back(regularizers_[i](graph.variable(weights_[i])));
  }
  return losses;
}

void Layer::constrain_weights(CallContext& context) const {
  const Graph::Scope scope(context.graph, where());
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (constraints_[i] && weights_[i]->trainable())
      context.assign(weights_[i], constraints_[i](context.current(weights_[i])));
  }
}

std::vector<VariablePtr> Layer::states() const {
  std::vector<VariablePtr> result;
  for (const auto& layer : sublayers_) {
    const std::vector<VariablePtr> more = layer->states();
    result.insert(result.end(), more.begin(), more.end());
  }
  return result;
}

void Layer::reset_state() {
  for (const VariablePtr& state : states()) state->assign(Tensor(state->shape(), state->dtype()));
}

std::int64_t Layer::parameter_count() const {
  std::int64_t count = 0;
  for (const VariablePtr& weight : weights_) count += weight->shape().numel();
  return count;
}

std::vector<TensorType> Layer::output_types(const std::vector<TensorType>& inputs) {
  ensure_built(inputs);
  // What differs between two traces with other unknown extents is itself unknown. The extents are
  // large enough for ordinary windows and small enough for layers that unroll over time.
  const auto trace = [&](std::int64_t batch, std::int64_t extent) {
    Graph graph;
    CallContext context{.graph = graph};
    std::vector<Value> values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const TensorType type = probe(inputs[i], batch, extent);
      values.push_back(graph.input(fmt::format("input_{}", i), type.dtype, type.shape));
    }
    std::vector<TensorType> found;
    for (const Value& output : cast_and_call(context, values)) found.push_back(output.type());
    return found;
  };
  std::vector<TensorType> types = trace(2, 32);
  const std::vector<TensorType> others = trace(3, 40);
  for (std::size_t i = 0; i < types.size(); ++i) {
    for (int axis = 0; axis < types[i].shape.rank(); ++axis) {
      if (types[i].shape[axis] != others[i].shape[axis]) {
        types[i].shape = types[i].shape.with(axis, Shape::kUnknown);
      }
    }
  }
  return types;
}

Value Layer::weight(CallContext& context, const VariablePtr& variable) const {
  const Value value = context.current(variable);
  return value.dtype() == dtype() ? ops::cast(value, call_dtype()) : value;
}

VariablePtr Layer::add_weight(const std::string& name, const Shape& shape,
                              const WeightOptions& options) {
  const auto drawn = [&] {
    // Streams of one layer are apart from every other layer's: fewer than 2^16 weights a layer.
    const std::uint64_t stream = (number_ << 16) + weights_.size();
    Tensor initial = options.initializer(shape, dtype(), seed_, stream);
    if (initial.shape() != shape || initial.dtype() != dtype()) {
      throw ShapeError(fmt::format("the initializer gave {}{} instead of {}{}",
                                   name_of(initial.dtype()), initial.shape().str(),
                                   name_of(dtype()), shape.str()));
    }
    return initial;
  };
  const std::string full_name = path() + "/" + name;
  const bool trainable = options.trainable && trainable_;
  VariablePtr weight;
  try {
    WeightLimit::charge(shape.numel());
    weight = UndrawnWeights::wanted()
                 ? std::make_shared<Variable>(full_name, dtype(), shape, trainable)
                 : std::make_shared<Variable>(full_name, drawn(), trainable);
  } catch (const ShapeError& error) {
    throw ShapeError(fmt::format("{}: weight {}: {}", where(), name, error.what()));
  } catch (const FileError& error) {
    throw FileError(fmt::format("{}: weight {}: {}", where(), name, error.what()));
  } catch (const MemoryError& error) {
    throw MemoryError(fmt::format("{}: weight {}: {}", where(), name, error.what()));
  }
  weights_.push_back(weight);
  weight_is_trainable_.push_back(options.trainable);
  regularizers_.push_back(options.regularizer);
  constraints_.push_back(options.constraint);
  return weight;
}

void Layer::expect_inputs(std::size_t count, const std::vector<TensorType>& inputs) const {
  if (inputs.size() != count) {
    throw ShapeError(fmt::format("{}: takes {} input{}, but {} were given", where(), count,
                                 count == 1 ? "" : "s", inputs.size()));
  }
}

void Layer::expect_rank(const TensorType& input, int rank, const char* axes) const {
  if (input.shape.rank() != rank) {
    throw ShapeError(fmt::format("{}: input has shape {}, but the layer takes {} {} {}", where(),
                                 input.shape.str(), rank, rank == 1 ? "axis" : "axes", axes));
  }
}

void Layer::expect_dtype(const TensorType& input) const {
  if (input.dtype != call_dtype()) {
    throw DTypeError(fmt::format(
        "{}: input is {}, but the layer computes in {}; convert the data, or give the layer "
        "that dtype",
        where(), name_of(input.dtype), name_of(call_dtype())));
  }
}

void Layer::expect_extent(const TensorType& input, int axis, std::int64_t wanted,
                          const char* what) const {
  const std::int64_t given = input.shape[axis];
  if (!built_ || given == wanted) return;
  throw ShapeError(
      fmt::format("{}: input has {} {}, but the layer was built for {}{}. Did the {} change?",
                  where(), given == Shape::kUnknown ? "an unknown number of" : grouped(given), what,
                  grouped(wanted), batch_note(input.shape),
                  std::string_view(what) == "features" ? "image size or the number of columns"
                                                       : fmt::format("number of {}", what)));
}

std::int64_t Layer::known_extent(const Shape& shape, int axis, const char* what) const {
  if (shape[axis] == Shape::kUnknown) {
    throw ShapeError(fmt::format(
        "{}: the number of {} must be known to make the weights, but the input has shape {}",
        where(), what, shape.str()));
  }
  return shape[axis];
}

}  // namespace sinew
