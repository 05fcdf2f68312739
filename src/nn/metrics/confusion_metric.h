#pragma once

#include <optional>
#include <vector>

#include "sinew/nn/metrics/metric.h"

namespace sinew::metrics {

/// What lies on which side of a threshold.
struct Confusion {
  double true_positives = 0;
  double false_positives = 0;
  double true_negatives = 0;
  double false_negatives = 0;

  double positives() const { return true_positives + false_negatives; }
  double negatives() const { return true_negatives + false_positives; }
  double recall() const;
  double precision() const;
  double specificity() const;
};

/// Keras's `thresholds`, or `otherwise` where there are none; throws ValueError for one outside
/// [0, 1].
std::vector<double> checked_thresholds(const std::string& metric, std::vector<double> thresholds,
                                       double otherwise);
/// The ends of [0, 1] and what lies evenly between, `count` in all; 0.5 for one.
std::vector<double> even_thresholds(std::int64_t count);

/// Which of a row's scores are looked at.
struct Selection {
  std::optional<std::int64_t> top_k = {};
  std::optional<std::int64_t> class_id = {};
};

/// Counts positives and negatives by how many thresholds lie below their score, for each label
/// apart: everything about any threshold follows from that.
class ConfusionMetric : public VectorMetric {
 protected:
  ConfusionMetric(MetricHeading heading, std::vector<double> thresholds, Selection selection = {});

  std::size_t threshold_count() const { return thresholds_.size(); }
  /// Makes the state: for one label unless the columns of y_pred are to be told apart.
  void make_state(std::int64_t labels = 1);
  bool has_state() const { return counts_ != nullptr; }
  std::int64_t label_count() const { return labels_; }

  /// Counts a batch. `column_weights` weigh the columns; empty for ones.
  void count(CallContext& context, Value y_true, Value y_pred, Value sample_weight,
             const std::vector<double>& column_weights = {});

  /// Of a threshold in the order in which they were given.
  Confusion at(std::size_t threshold) const;
  /// Visits (index, confusion) of thresholds that were given in ascending order, from the last to
  /// the first.
  template <typename Visit>
  void descend(std::int64_t label, const Visit& visit) const {
    const std::size_t places = thresholds_.size() + 1;
    Confusion seen;
    for (std::size_t place = 0; place < places; ++place) {
      seen.false_negatives += tally(label, place, true);
      seen.true_negatives += tally(label, place, false);
    }
    for (std::size_t threshold = thresholds_.size(); threshold-- > 0;) {
      move_above(seen, label, threshold + 1);
      visit(threshold, seen);
    }
  }

 private:
  double tally(std::int64_t label, std::size_t place, bool positive) const;
  /// Takes what lies in a place from below the threshold to above it.
  void move_above(Confusion& confusion, std::int64_t label, std::size_t place) const;
  /// How many thresholds lie below each score.
  Value places_of(Value scores) const;

  std::vector<double> thresholds_;
  /// How many thresholds are smaller than each.
  std::vector<std::size_t> ranks_;
  bool even_ = false;
  Selection selection_;
  std::int64_t labels_ = 1;
  /// (labels * places, 2): negatives and positives.
  VariablePtr counts_;
};

}  // namespace sinew::metrics
