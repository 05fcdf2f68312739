#include <fmt/format.h>

#include "nn/losses/registry.h"
#include "nn/targets.h"
#include "sinew/graph/op.h"
#include "sinew/nn/activations.h"
#include "sinew/ops/ops.h"

namespace sinew::losses {
namespace {

/// The input of the softmax (over the last axis) or sigmoid that made `probabilities`; undefined
/// when it comes from elsewhere. Keras's TensorFlow backend does the same: log(softmax(x)) taken
/// apart loses precision and speed.
Value logits_behind(Value probabilities, const char* op) {
  Graph& graph = probabilities.graph();
  const Node& node = graph.node(probabilities.id().node);
  // A mixed-precision model's outputs are cast to float32 behind the last activation.
  if (node.op->name == "cast" && graph.type(node.inputs[0]).dtype == DType::BFloat16) {
    const Value behind = logits_behind(graph.value(node.inputs[0]), op);
    return behind ? ops::cast(behind, probabilities.dtype()) : Value();
  }
  if (node.op->name != op) return {};
  const std::int64_t axis = node.attributes.get_or<std::int64_t>("axis", -1);
  if (axis != -1 && axis != probabilities.rank() - 1) return {};
  return graph.value(node.inputs[0]);
}

/// The logits of predictions: those behind the activation that ends the model, else the predictions
/// themselves where they are said to be logits, else undefined.
Value logits_of(Value y_pred, const char* activation, bool from_logits) {
  const Value behind = logits_behind(y_pred, activation);
  return behind || !from_logits ? behind : y_pred;
}

Value clip_probabilities(Value p) { return ops::clip(p, kEpsilon, 1.0 - kEpsilon); }

Value binary_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options) {
  // Before align(), which may put an axis behind the sigmoid.
  const Value behind = logits_of(y_pred, "sigmoid", options.from_logits);
  const Targets t = align("binary_crossentropy", y_true, behind ? behind : y_pred);
  const Value y = smooth_flags(t.y_true, options.label_smoothing);
  if (behind) {
    // -y log s(x) - (1 - y) log(1 - s(x)) for the sigmoid s, without overflow.
    return ops::mean(activations::softplus(t.y_pred) - t.y_pred * y, {options.axis});
  }
  const Value p = clip_probabilities(t.y_pred);
  return -ops::mean(y * ops::log(p) + (1.0 - y) * ops::log(1.0 - p), {options.axis});
}

Value categorical_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options) {
  const Targets t = align_classes("categorical_crossentropy", y_true, y_pred);
  const Value y = smooth_classes(t.y_true, options.label_smoothing);
  const int axis = normalize_axis(options.axis, t.y_pred.rank(), "categorical_crossentropy");
  const bool last = axis == t.y_pred.rank() - 1;
  const Value given = options.from_logits ? t.y_pred : Value();
  const Value logits = last ? logits_of(t.y_pred, "softmax", options.from_logits) : given;
  if (logits) return -ops::sum(y * ops::log_softmax(logits, axis), {axis});
  const Value p = t.y_pred / ops::sum(t.y_pred, {axis}, true);
  return -ops::sum(y * ops::log(clip_probabilities(p)), {axis});
}

/// The axis moved to the end.
Value move_last(Value x, int axis) {
  std::vector<int> order;
  for (int i = 0; i < x.rank(); ++i) {
    if (i != axis) order.push_back(i);
  }
  order.push_back(axis);
  return ops::transpose(x, order);
}

LossValues sparse_categorical_crossentropy(Value y_true, Value y_pred,
                                           const SparseCrossentropyOptions& options) {
  const int axis = normalize_axis(options.axis, y_pred.rank(), "sparse_categorical_crossentropy");
  if (axis != y_pred.rank() - 1) {
    if (y_true.rank() == y_pred.rank() && y_true.dim(axis) == 1)
      y_true = ops::squeeze(y_true, axis);
    y_pred = move_last(y_pred, axis);
  }
  Targets t = align_class_numbers("sparse_categorical_crossentropy", y_true, y_pred);
  Value counts;
  if (options.ignore_class) {
    const Value ignored = ops::scalar_like(t.y_true, static_cast<double>(*options.ignore_class));
    counts = ops::not_equal(t.y_true, ignored);
    t.y_true = ops::where(counts, t.y_true, ops::scalar_like(t.y_true, 0.0));
  }
  Value logits = logits_of(t.y_pred, "softmax", options.from_logits);
  // The softmax of log p is p again, divided by its sum.
  if (!logits) logits = ops::log(clip_probabilities(t.y_pred));
  const Value values = ops::sparse_softmax_cross_entropy(logits, t.y_true);
  if (!counts) return values;
  return {ops::where(counts, values, ops::scalar_like(values, 0.0)), counts};
}

}  // namespace

Loss BinaryCrossentropy(CrossentropyOptions o) { return made("BinaryCrossentropy", o); }
Loss CategoricalCrossentropy(CrossentropyOptions o) { return made("CategoricalCrossentropy", o); }
Loss SparseCategoricalCrossentropy(SparseCrossentropyOptions o) {
  return made("SparseCategoricalCrossentropy", o);
}

std::vector<LossClass> crossentropy_losses() {
  return {
      {"BinaryCrossentropy",
       "binary_crossentropy",
       {"bce"},
       make_loss<CrossentropyOptions, binary_crossentropy>},
      {"CategoricalCrossentropy",
       "categorical_crossentropy",
       {},
       make_loss<CrossentropyOptions, categorical_crossentropy>},
      {"SparseCategoricalCrossentropy",
       "sparse_categorical_crossentropy",
       {},
       make_loss<SparseCrossentropyOptions, sparse_categorical_crossentropy>,
       TargetKind::ClassNumbers},
  };
}

}  // namespace sinew::losses
