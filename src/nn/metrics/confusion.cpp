// Metrics of one threshold at a time, and of the best threshold.
#include "sinew/nn/metrics/confusion.h"

#include <fmt/format.h>

#include "nn/metrics/confusion_metric.h"
#include "nn/metrics/registry.h"

namespace sinew::metrics {
namespace {

/// One cell of the confusion.
template <double Confusion::*kCell>
class CellMetric final : public ConfusionMetric {
 public:
  CellMetric(MetricHeading heading, const ThresholdOptions& options)
      : ConfusionMetric(heading, checked_thresholds(heading.name, options.thresholds, 0.5)) {
    make_state();
  }
  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) override {
    count(context, y_true, y_pred, sample_weight);
  }
  std::int64_t result_count() const override {
    return static_cast<std::int64_t>(threshold_count());
  }
  double result_at(std::int64_t index) const override {
    return at(static_cast<std::size_t>(index)).*kCell;
  }
};

using Figure = double (Confusion::*)() const;

/// A figure at each threshold.
template <Figure figure>
class FigureMetric final : public ConfusionMetric {
 public:
  FigureMetric(MetricHeading heading, const PrecisionOptions& options)
      // Among the k largest, everything is above the threshold that there is without one.
      : ConfusionMetric(
            heading,
            checked_thresholds(heading.name, options.thresholds, options.top_k ? -1e10 : 0.5),
            {options.top_k, options.class_id}) {
    if (options.top_k && *options.top_k < 1) {
      throw ValueError(
          fmt::format("metric {}: top_k is {}; it must be at least 1", name(), *options.top_k));
    }
    make_state();
  }
  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) override {
    count(context, y_true, y_pred, sample_weight);
  }
  std::int64_t result_count() const override {
    return static_cast<std::int64_t>(threshold_count());
  }
  double result_at(std::int64_t index) const override {
    return (at(static_cast<std::size_t>(index)).*figure)();
  }
};

/// The largest of one figure over the thresholds at which another is at least `bound`.
template <Figure largest, Figure bounded>
class BestMetric final : public ConfusionMetric {
 public:
  BestMetric(MetricHeading heading, double bound, std::int64_t num_thresholds,
             std::optional<std::int64_t> class_id)
      : ConfusionMetric(heading, even_thresholds(checked(heading.name, num_thresholds)),
                        {.class_id = class_id}),
        bound_(bound) {
    if (!(bound >= 0.0 && bound <= 1.0)) {
      throw ValueError(
          fmt::format("metric {}: the bound is {}; it must be in [0, 1]", name(), bound));
    }
    make_state();
  }
  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) override {
    count(context, y_true, y_pred, sample_weight);
  }
  double result_at(std::int64_t) const override {
    double best = 0.0;
    descend(0, [&](std::size_t, const Confusion& confusion) {
      if ((confusion.*bounded)() >= bound_) best = std::max(best, (confusion.*largest)());
    });
    return best;
  }

 private:
  static std::int64_t checked(const std::string& name, std::int64_t num_thresholds) {
    if (num_thresholds >= 1) return num_thresholds;
    throw ValueError(fmt::format("metric {}: num_thresholds is {}; it must be at least 1", name,
                                 num_thresholds));
  }

  double bound_;
};

// The bounds' defaults are none that could be given, so that identifiers keep every bound.
struct AtSpecificity {
  double specificity = -1.0;
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id = {};
  double bound() const { return specificity; }
};
struct AtSensitivity {
  double sensitivity = -1.0;
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id = {};
  double bound() const { return sensitivity; }
};
struct AtRecall {
  double recall = -1.0;
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id = {};
  double bound() const { return recall; }
};
struct AtPrecision {
  double precision = -1.0;
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id = {};
  double bound() const { return precision; }
};

template <typename Options, Figure largest, Figure bounded>
std::shared_ptr<Metric> make_best(ConfigReader& reader, MetricHeading heading) {
  const Options o = read_options<Options>(reader, heading);
  return std::make_shared<BestMetric<largest, bounded>>(std::move(heading), o.bound(),
                                                        o.num_thresholds, o.class_id);
}

}  // namespace

MetricPtr TruePositives(ThresholdOptions o, std::string name) {
  return made("TruePositives", o, name);
}
MetricPtr TrueNegatives(ThresholdOptions o, std::string name) {
  return made("TrueNegatives", o, name);
}
MetricPtr FalsePositives(ThresholdOptions o, std::string name) {
  return made("FalsePositives", o, name);
}
MetricPtr FalseNegatives(ThresholdOptions o, std::string name) {
  return made("FalseNegatives", o, name);
}
MetricPtr Precision(PrecisionOptions o, std::string name) { return made("Precision", o, name); }
MetricPtr Recall(PrecisionOptions o, std::string name) { return made("Recall", o, name); }
MetricPtr SensitivityAtSpecificity(double specificity, AtOptions o, std::string name) {
  return made("SensitivityAtSpecificity", AtSpecificity{specificity, o.num_thresholds, o.class_id},
              name);
}
MetricPtr SpecificityAtSensitivity(double sensitivity, AtOptions o, std::string name) {
  return made("SpecificityAtSensitivity", AtSensitivity{sensitivity, o.num_thresholds, o.class_id},
              name);
}
MetricPtr PrecisionAtRecall(double recall, AtOptions o, std::string name) {
  return made("PrecisionAtRecall", AtRecall{recall, o.num_thresholds, o.class_id}, name);
}
MetricPtr RecallAtPrecision(double precision, AtOptions o, std::string name) {
  return made("RecallAtPrecision", AtPrecision{precision, o.num_thresholds, o.class_id}, name);
}

std::vector<MetricClass> confusion_metrics() {
  using C = Confusion;
  return {
      {"TruePositives", "true_positives",
       make_metric<CellMetric<&C::true_positives>, ThresholdOptions>},
      {"TrueNegatives", "true_negatives",
       make_metric<CellMetric<&C::true_negatives>, ThresholdOptions>},
      {"FalsePositives", "false_positives",
       make_metric<CellMetric<&C::false_positives>, ThresholdOptions>},
      {"FalseNegatives", "false_negatives",
       make_metric<CellMetric<&C::false_negatives>, ThresholdOptions>},
      {"Precision", "precision", make_metric<FigureMetric<&C::precision>, PrecisionOptions>},
      {"Recall", "recall", make_metric<FigureMetric<&C::recall>, PrecisionOptions>},
      {"SensitivityAtSpecificity", "sensitivity_at_specificity",
       make_best<AtSpecificity, &C::recall, &C::specificity>},
      {"SpecificityAtSensitivity", "specificity_at_sensitivity",
       make_best<AtSensitivity, &C::specificity, &C::recall>},
      {"PrecisionAtRecall", "precision_at_recall", make_best<AtRecall, &C::precision, &C::recall>},
      {"RecallAtPrecision", "recall_at_precision",
       make_best<AtPrecision, &C::recall, &C::precision>},
  };
}

}  // namespace sinew::metrics
