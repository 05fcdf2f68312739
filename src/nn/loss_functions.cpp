#include "nn/loss_functions.h"

#include "nn/targets.h"
#include "sinew/graph/op.h"
#include "sinew/ops/ops.h"

namespace sinew::losses {
namespace {

/// Keras's backend epsilon: how far probabilities stay from 0 and 1 before their logarithm is
/// taken.
constexpr double kEpsilon = 1e-7;

/// The input of the softmax (over the last axis) or sigmoid that made `probabilities`; undefined
/// when it comes from elsewhere. Keras's TensorFlow backend does the same: log(softmax(x)) taken
/// apart loses precision and speed.
Value logits_behind(Value probabilities, const char* op) {
  Graph& graph = probabilities.graph();
  // A mixed-precision model's outputs are cast to float32 behind the last activation.
  const Node& last = graph.node(probabilities.id().node);
  if (last.op->name == "cast" && graph.type(last.inputs[0]).dtype == DType::BFloat16) {
    const Value behind = logits_behind(graph.value(last.inputs[0]), op);
    return behind ? ops::cast(behind, probabilities.dtype()) : Value();
  }
  const Node& node = graph.node(probabilities.id().node);
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

}  // namespace

Value mean_squared_error(Value y_true, Value y_pred) {
  const Targets t = align("mean_squared_error", y_true, y_pred);
  return ops::mean(ops::square(t.y_pred - t.y_true), {-1});
}

Value mean_absolute_error(Value y_true, Value y_pred) {
  const Targets t = align("mean_absolute_error", y_true, y_pred);
  return ops::mean(ops::abs(t.y_pred - t.y_true), {-1});
}

Value binary_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options) {
  // Before align(), which may put an axis behind the sigmoid.
  const Value behind = logits_of(y_pred, "sigmoid", options.from_logits);
  const Targets t = align("binary_crossentropy", y_true, behind ? behind : y_pred);
  const double smoothing = options.label_smoothing;
  const Value y = smoothing > 0.0 ? t.y_true * (1.0 - smoothing) + 0.5 * smoothing : t.y_true;
  if (behind) {
    // -y log s(x) - (1 - y) log(1 - s(x)) for the sigmoid s, without overflow.
    const Value x = t.y_pred;
    return ops::mean(ops::relu(x) - x * y + ops::log1p(ops::exp(-ops::abs(x))), {-1});
  }
  const Value p = clip_probabilities(t.y_pred);
  return -ops::mean(y * ops::log(p) + (1.0 - y) * ops::log(1.0 - p), {-1});
}

Value categorical_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options) {
  const Targets t = align_classes("categorical_crossentropy", y_true, y_pred);
  const double smoothing = options.label_smoothing;
  const double classes = static_cast<double>(t.y_pred.dim(-1));
  const Value y = smoothing > 0.0 ? t.y_true * (1.0 - smoothing) + smoothing / classes : t.y_true;
  const Value logits = logits_of(t.y_pred, "softmax", options.from_logits);
  if (logits) return -ops::sum(y * ops::log_softmax(logits), {-1});
  const Value p = t.y_pred / ops::sum(t.y_pred, {-1}, true);
  return -ops::sum(y * ops::log(clip_probabilities(p)), {-1});
}

Value sparse_categorical_crossentropy(Value y_true, Value y_pred,
                                      const SparseCrossentropyOptions& options) {
  const Targets t = align_class_numbers("sparse_categorical_crossentropy", y_true, y_pred);
  Value logits = logits_of(t.y_pred, "softmax", options.from_logits);
  // The softmax of log p is p again, divided by its sum.
  if (!logits) logits = ops::log(clip_probabilities(t.y_pred));
  return ops::sparse_softmax_cross_entropy(logits, t.y_true);
}

}  // namespace sinew::losses
