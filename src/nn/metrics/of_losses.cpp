// Metrics that are means of a loss's values.
#include "nn/metrics/registry.h"

namespace sinew::metrics {
namespace {

struct CrossentropyArguments {
  bool from_logits = false;
  double label_smoothing = 0.0;
  int axis = -1;
};
struct SparseArguments {
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class = {};
  int axis = -1;
};

/// The loss of the metric's class name, with the metric's arguments.
template <typename Options = NoOptions>
std::shared_ptr<Metric> make_of_loss(ConfigReader& reader, MetricHeading heading) {
  const Options options = read_options<Options>(reader, heading);
  const std::string& name = heading.identifier.name;
  const Loss loss = Identifier{name == "LogCoshError" ? "LogCosh" : name, arguments_of(options)};
  return std::make_shared<MeanMetric>(std::move(heading), [loss](Value y_true, Value y_pred) {
    return loss.masked_call(y_true, y_pred);
  });
}

}  // namespace

MetricPtr MeanSquaredError(std::string name) { return made("MeanSquaredError", NoOptions{}, name); }
MetricPtr MeanAbsoluteError(std::string name) {
  return made("MeanAbsoluteError", NoOptions{}, name);
}
MetricPtr MeanAbsolutePercentageError(std::string name) {
  return made("MeanAbsolutePercentageError", NoOptions{}, name);
}
MetricPtr MeanSquaredLogarithmicError(std::string name) {
  return made("MeanSquaredLogarithmicError", NoOptions{}, name);
}
MetricPtr LogCoshError(std::string name) { return made("LogCoshError", NoOptions{}, name); }
MetricPtr KLDivergence(std::string name) { return made("KLDivergence", NoOptions{}, name); }
MetricPtr Poisson(std::string name) { return made("Poisson", NoOptions{}, name); }
MetricPtr Hinge(std::string name) { return made("Hinge", NoOptions{}, name); }
MetricPtr SquaredHinge(std::string name) { return made("SquaredHinge", NoOptions{}, name); }
MetricPtr CategoricalHinge(std::string name) { return made("CategoricalHinge", NoOptions{}, name); }
MetricPtr BinaryCrossentropy(losses::CrossentropyOptions o, std::string name) {
  return made("BinaryCrossentropy", CrossentropyArguments{o.from_logits, o.label_smoothing, o.axis},
              name);
}
MetricPtr CategoricalCrossentropy(losses::CrossentropyOptions o, std::string name) {
  return made("CategoricalCrossentropy",
              CrossentropyArguments{o.from_logits, o.label_smoothing, o.axis}, name);
}
MetricPtr SparseCategoricalCrossentropy(losses::SparseCrossentropyOptions o, std::string name) {
  return made("SparseCategoricalCrossentropy",
              SparseArguments{o.from_logits, o.ignore_class, o.axis}, name);
}

std::vector<MetricClass> loss_metrics() {
  return {
      {"MeanSquaredError", "mean_squared_error", make_of_loss<>, {"mse"}},
      {"MeanAbsoluteError", "mean_absolute_error", make_of_loss<>, {"mae"}},
      {"MeanAbsolutePercentageError", "mean_absolute_percentage_error", make_of_loss<>, {"mape"}},
      {"MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", make_of_loss<>, {"msle"}},
      {"LogCoshError", "logcosh", make_of_loss<>, {"logcosh"}},
      {"KLDivergence", "kl_divergence", make_of_loss<>, {"kld"}},
      {"Poisson", "poisson", make_of_loss<>},
      {"Hinge", "hinge", make_of_loss<>},
      {"SquaredHinge", "squared_hinge", make_of_loss<>},
      {"CategoricalHinge", "categorical_hinge", make_of_loss<>},
      {"BinaryCrossentropy", "binary_crossentropy", make_of_loss<CrossentropyArguments>, {"bce"}},
      {"CategoricalCrossentropy", "categorical_crossentropy", make_of_loss<CrossentropyArguments>},
      {"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy",
       make_of_loss<SparseArguments>},
  };
}

}  // namespace sinew::metrics
