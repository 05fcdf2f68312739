#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nn/metrics/confusion_metric.h"
#include "nn/metrics/registry.h"
#include "sinew/base/suggest.h"
#include "sinew/ops/ops.h"

namespace sinew::metrics {
namespace {

struct Point {
  double x;
  double y;
};

/// What the gain curve makes of a share: 0 for what chance gives.
Point gains(const Confusion& c) {
  if (c.true_positives == 0.0) return {0.0, 1.0};
  const double odds = divide_no_nan(c.positives(), c.negatives());
  return {std::max(0.0, 1.0 - odds * c.false_negatives / c.true_positives),
          1.0 - odds * c.false_positives / c.true_positives};
}

/// The area between two thresholds of the curve of precision over recall, true positives taken to
/// lie on a line over all predicted positives (Davis and Goadrich 2006).
double interpolated_area(const Confusion& lower, const Confusion& upper) {
  const double lower_all = lower.true_positives + lower.false_positives;
  const double upper_all = upper.true_positives + upper.false_positives;
  const double true_gain = lower.true_positives - upper.true_positives;
  const double slope = divide_no_nan(true_gain, std::max(lower_all - upper_all, 0.0));
  const double intercept = upper.true_positives - slope * upper_all;
  const double ratio = lower_all > 0.0 && upper_all > 0.0 ? lower_all / upper_all : 1.0;
  return divide_no_nan(slope * (true_gain + intercept * std::log(ratio)),
                       std::max(upper.positives(), 0.0));
}

std::vector<double> with_ends(std::vector<double> thresholds, std::int64_t count) {
  if (thresholds.empty()) {
    thresholds = even_thresholds(count);
    thresholds.front() = -kEpsilon;
    thresholds.back() = 1.0 + kEpsilon;
    return thresholds;
  }
  std::sort(thresholds.begin(), thresholds.end());
  thresholds.insert(thresholds.begin(), -kEpsilon);
  thresholds.push_back(1.0 + kEpsilon);
  return thresholds;
}

class AUCMetric final : public ConfusionMetric {
 public:
  AUCMetric(MetricHeading heading, AUCOptions options)
      : ConfusionMetric(std::move(heading), with_ends(options.thresholds, options.num_thresholds)),
        options_(std::move(options)) {
    choose("curve", options_.curve, {"ROC", "PR", "PRGAIN"});
    choose("summation_method", options_.summation_method,
           {"interpolation", "minoring", "majoring"});
    check(options_.thresholds.empty() ? options_.num_thresholds > 1 : true,
          fmt::format("num_thresholds is {}; it must be at least 2", options_.num_thresholds));
    check(options_.multi_label || !options_.num_labels, "num_labels is for multi_label=true only");
    checked_thresholds(name(), options_.thresholds, 0.5);
    if (!options_.multi_label) make_state();
    if (options_.num_labels) make_state(*options_.num_labels);
  }

  void build(const TensorType&, const TensorType& y_pred) override {
    if (has_state() && !options_.multi_label) return;
    const std::int64_t labels = has_state() ? label_count() : y_pred.shape[-1];
    if (y_pred.shape.rank() != 2 || y_pred.shape[-1] != labels) {
      throw ShapeError(fmt::format("metric {}: y_pred has shape {}, but multi_label takes (N, {})",
                                   name(), y_pred.shape.str(),
                                   has_state() ? std::to_string(labels) : "labels"));
    }
    const std::size_t weights = options_.label_weights.size();
    if (weights > 0 && static_cast<std::int64_t>(weights) != labels) {
      throw ShapeError(fmt::format("metric {}: there are {} label weights for {} labels", name(),
                                   weights, labels));
    }
    if (!has_state()) make_state(labels);
  }

  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) override {
    build(y_true.type(), y_pred.type());
    if (options_.from_logits) y_pred = ops::sigmoid(y_pred);
    count(context, y_true, y_pred, sample_weight,
          options_.multi_label ? std::vector<double>() : options_.label_weights);
  }

  double result_at(std::int64_t) const override {
    if (!has_state()) return 0.0;
    if (!options_.multi_label) return area(0);
    double total = 0;
    double weights = 0;
    for (std::int64_t label = 0; label < label_count(); ++label) {
      const double weight = options_.label_weights.empty()
                                ? 1.0
                                : options_.label_weights[static_cast<std::size_t>(label)];
      total += weight * area(label);
      weights += weight;
    }
    return divide_no_nan(total, weights);
  }

 private:
  void check(bool condition, const std::string& message) const {
    if (!condition) throw ValueError(fmt::format("metric {}: {}", name(), message));
  }
  /// Keras takes either case.
  void choose(const char* option, std::string& given, const std::vector<std::string>& known) const {
    for (const std::string& word : known) {
      if (Identifier{given}.key() == Identifier{word}.key()) {
        given = word;
        return;
      }
    }
    check(false, unknown_name_message(option, given, known));
  }

  Point point(const Confusion& c) const {
    if (options_.curve == "ROC")
      return {divide_no_nan(c.false_positives, c.negatives()), c.recall()};
    if (options_.curve == "PR") return {c.recall(), c.precision()};
    return gains(c);
  }

  double area(std::int64_t label) const {
    const bool interpolate = options_.summation_method == "interpolation";
    const bool by_counts = interpolate && options_.curve == "PR";
    double sum = 0;
    Confusion upper;
    descend(label, [&](std::size_t threshold, const Confusion& lower) {
      if (threshold + 1 < threshold_count())
        sum += by_counts ? interpolated_area(lower, upper) : strip(point(lower), point(upper));
      upper = lower;
    });
    return sum;
  }
  /// The area under the curve between two thresholds.
  double strip(Point lower, Point upper) const {
    const double height = options_.summation_method == "interpolation" ? (lower.y + upper.y) / 2
                          : options_.summation_method == "minoring"    ? std::min(lower.y, upper.y)
                                                                       : std::max(lower.y, upper.y);
    return (lower.x - upper.x) * height;
  }

  AUCOptions options_;
};

}  // namespace

MetricPtr AUC(AUCOptions options, std::string name) { return made("AUC", options, name); }

std::vector<MetricClass> auc_metrics() {
  return {{"AUC", "auc", make_metric<AUCMetric, AUCOptions>}};
}

}  // namespace sinew::metrics
