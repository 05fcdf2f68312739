#include "sinew/nn/metrics/iou.h"

#include <fmt/format.h>

#include <numeric>

#include "nn/metrics/registry.h"
#include "nn/targets.h"
#include "sinew/ops/ops.h"

namespace sinew::metrics {
namespace {

/// What the family's five have between them.
struct Definition {
  std::int64_t num_classes = 2;
  std::vector<std::int64_t> target_class_ids;
  IoUOptions options;
  /// Turns scores into class 0 or 1.
  std::optional<double> threshold = {};
};

/// How often each class (row) is taken for each (column).
class IoUMetric final : public Metric {
 public:
  IoUMetric(MetricHeading heading, Definition definition)
      : Metric(std::move(heading)), definition_(std::move(definition)) {
    const std::int64_t classes = definition_.num_classes;
    if (classes < 1)
      throw ValueError(
          fmt::format("metric {}: num_classes is {}; it must be at least 1", name(), classes));
    if (definition_.target_class_ids.empty())
      throw ValueError(fmt::format("metric {}: target_class_ids is empty", name()));
    for (const std::int64_t id : definition_.target_class_ids) {
      if (id < 0 || id >= classes) {
        throw ValueError(
            fmt::format("metric {}: target class {} is outside [0, {})", name(), id, classes));
      }
    }
    confusion_ = add_variable("total_confusion_matrix", DType::Float64, Shape{classes, classes});
  }

  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) override {
    const Graph::Scope scope(context.graph, "metric " + name());
    const IoUOptions& o = definition_.options;
    if (definition_.threshold)
      y_pred = ops::greater_equal(y_pred, ops::scalar_like(y_pred, *definition_.threshold));
    Value truth = class_numbers(y_true, o.sparse_y_true);
    const Value predicted = class_numbers(y_pred, o.sparse_y_pred);
    if (truth.shape().numel() != predicted.shape().numel()) {
      throw ShapeError(
          fmt::format("metric {}: y_true has shape {} and y_pred has shape {}: there "
                      "must be a class for each class",
                      name(), y_true.shape().str(), y_pred.shape().str()));
    }
    truth = ops::reshape(truth, predicted.shape());
    const auto number = [&](std::int64_t value) {
      return context.graph.constant(Tensor::scalar(value));
    };
    const auto exists = [&](Value ids) {
      return ops::logical_and(ops::greater_equal(ids, number(0)),
                              ops::less(ids, number(definition_.num_classes)));
    };
    Value counts = ops::logical_and(exists(truth), exists(predicted));
    if (o.ignore_class)
      counts = ops::logical_and(counts, ops::not_equal(truth, number(*o.ignore_class)));
    Value weights = ops::cast(counts, DType::Float64);
    if (sample_weight) weights = weights * whole(sample_weight, weights);
    const Value cell =
        ops::where(counts, truth * number(definition_.num_classes) + predicted, number(0));
    const Value batch = ops::scatter_add(cell, weights, confusion_->shape().numel());
    context.assign(confusion_,
                   context.current(confusion_) + ops::reshape(batch, confusion_->shape()));
  }

  double result() const override {
    double sum = 0;
    double occurring = 0;
    for (const std::int64_t id : definition_.target_class_ids) {
      const double both = cell(id, id);
      double either = -both;
      for (std::int64_t other = 0; other < definition_.num_classes; ++other)
        either += cell(id, other) + cell(other, id);
      if (either <= 1e-9) continue;
      sum += both / (either + kEpsilon);
      occurring += 1;
    }
    return sum / (occurring + kEpsilon);
  }

 private:
  Value class_numbers(Value y, bool sparse) const {
    return ops::cast(sparse ? y : ops::argmax(y, definition_.options.axis), DType::Int64);
  }
  Value whole(Value sample_weight, Value values) const {
    if (!is_floating(definition_.options.dtype))
      sample_weight = ops::cast(sample_weight, DType::Int64);
    return align_weights("metric " + name(), ops::cast(sample_weight, DType::Float64), values);
  }
  double cell(std::int64_t truth, std::int64_t predicted) const {
    return numbers(confusion_)[truth * definition_.num_classes + predicted];
  }

  Definition definition_;
  VariablePtr confusion_;
};

std::vector<std::int64_t> all_of(std::int64_t classes) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(std::max<std::int64_t>(classes, 0)));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

struct IoUArguments {
  std::int64_t num_classes = 0;
  std::vector<std::int64_t> target_class_ids = {};
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  int axis = -1;
  DType dtype = DType::Int32;
  Definition definition() const {
    return {
        num_classes, target_class_ids, {ignore_class, sparse_y_true, sparse_y_pred, axis, dtype}};
  }
};
struct MeanIoUArguments {
  std::int64_t num_classes = 0;
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  int axis = -1;
  DType dtype = DType::Int32;
  Definition definition() const {
    return {num_classes,
            all_of(num_classes),
            {ignore_class, sparse_y_true, sparse_y_pred, axis, dtype}};
  }
};
struct OneHotIoUArguments {
  std::int64_t num_classes = 0;
  std::vector<std::int64_t> target_class_ids = {};
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_pred = false;
  int axis = -1;
  DType dtype = DType::Int32;
  Definition definition() const {
    return {num_classes, target_class_ids, {ignore_class, false, sparse_y_pred, axis, dtype}};
  }
};
struct OneHotMeanIoUArguments {
  std::int64_t num_classes = 0;
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_pred = false;
  int axis = -1;
  DType dtype = DType::Int32;
  Definition definition() const {
    return {num_classes, all_of(num_classes), {ignore_class, false, sparse_y_pred, axis, dtype}};
  }
};
struct BinaryIoUArguments : BinaryIoUOptions {
  Definition definition() const { return {2, target_class_ids, {.dtype = dtype}, threshold}; }
};

template <typename Arguments>
std::shared_ptr<Metric> make_iou(ConfigReader& reader, MetricHeading heading) {
  const Arguments arguments = read_options<Arguments>(reader, heading);
  return std::make_shared<IoUMetric>(std::move(heading), arguments.definition());
}

}  // namespace

MetricPtr IoU(std::int64_t num_classes, std::vector<std::int64_t> target_class_ids, IoUOptions o,
              std::string name) {
  return made("IoU",
              IoUArguments{num_classes, std::move(target_class_ids), o.ignore_class,
                           o.sparse_y_true, o.sparse_y_pred, o.axis, o.dtype},
              name);
}
MetricPtr MeanIoU(std::int64_t num_classes, IoUOptions o, std::string name) {
  return made("MeanIoU",
              MeanIoUArguments{num_classes, o.ignore_class, o.sparse_y_true, o.sparse_y_pred,
                               o.axis, o.dtype},
              name);
}
MetricPtr BinaryIoU(BinaryIoUOptions o, std::string name) { return made("BinaryIoU", o, name); }
MetricPtr OneHotIoU(std::int64_t num_classes, std::vector<std::int64_t> target_class_ids,
                    OneHotIoUOptions o, std::string name) {
  return made("OneHotIoU",
              OneHotIoUArguments{num_classes, std::move(target_class_ids), o.ignore_class,
                                 o.sparse_y_pred, o.axis, o.dtype},
              name);
}
MetricPtr OneHotMeanIoU(std::int64_t num_classes, OneHotIoUOptions o, std::string name) {
  return made("OneHotMeanIoU",
              OneHotMeanIoUArguments{num_classes, o.ignore_class, o.sparse_y_pred, o.axis, o.dtype},
              name);
}

std::vector<MetricClass> iou_metrics() {
  return {
      {"IoU", "io_u", make_iou<IoUArguments>},
      {"MeanIoU", "mean_io_u", make_iou<MeanIoUArguments>},
      {"BinaryIoU", "binary_io_u", make_iou<BinaryIoUArguments>},
      {"OneHotIoU", "one_hot_io_u", make_iou<OneHotIoUArguments>},
      {"OneHotMeanIoU", "one_hot_mean_io_u", make_iou<OneHotMeanIoUArguments>},
  };
}

}  // namespace sinew::metrics
