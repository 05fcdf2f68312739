#include "sinew/nn/losses.h"

#include <fmt/format.h>

#include <map>

#include "nn/config.h"
#include "nn/loss_functions.h"
#include "nn/targets.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace losses {
namespace {

void fields(auto& options, auto& visit) {
  visit("reduction", options.reduction);
  if constexpr (requires { options.from_logits; }) visit("from_logits", options.from_logits);
  if constexpr (requires { options.label_smoothing; })
    visit("label_smoothing", options.label_smoothing);
}

/// Arguments that are not Keras's defaults, so that identifiers stay short.
template <typename Options>
Attributes arguments_of(const Options& options) {
  ConfigWriter given;
  fields(options, given);
  ConfigWriter ordinary;
  const Options defaults;
  fields(defaults, ordinary);
  Attributes arguments = given.take();
  for (const Attributes::Entry& entry : ordinary.take()) {
    if (Attributes{{entry.first, *arguments.find(entry.first)}} == Attributes{entry}) {
      arguments.erase(entry.first);
    }
  }
  return arguments;
}

struct Made {
  Loss::Function function;
  Attributes arguments;
  std::string reduction;
};

template <typename Options, auto formula>
Made make(ConfigReader& reader) {
  Options options;
  fields(options, reader);
  // Keras writes these as well; the name is the class's.
  std::string name;
  DType dtype = DType::Float32;
  reader("name", name);
  reader("dtype", dtype);
  reader.only("axis", std::int64_t{-1});
  reader.finish();
  if constexpr (requires { options.label_smoothing; }) {
    if (!(options.label_smoothing >= 0.0 && options.label_smoothing <= 1.0)) {
      throw ValueError(fmt::format("label_smoothing is {}; it must be between 0 and 1",
                                   options.label_smoothing));
    }
  }
  Loss::Function function;
  if constexpr (std::is_invocable_v<decltype(formula), Value, Value>) {
    function = formula;
  } else {
    function = [options](Value y_true, Value y_pred) { return formula(y_true, y_pred, options); };
  }
  return {std::move(function), arguments_of(options), options.reduction};
}

struct Entry {
  /// Keras's class name and function name.
  const char* class_name;
  const char* function_name;
  Made (*make)(ConfigReader&);
};

/// Keys are Identifier::key() of the class name and of Keras's aliases.
const std::map<std::string, Entry>& entries() {
  static const auto table = [] {
    const Entry squared = {"MeanSquaredError", "mean_squared_error",
                           make<RegressionOptions, mean_squared_error>};
    const Entry absolute = {"MeanAbsoluteError", "mean_absolute_error",
                            make<RegressionOptions, mean_absolute_error>};
    const Entry binary = {"BinaryCrossentropy", "binary_crossentropy",
                          make<CrossentropyOptions, binary_crossentropy>};
    const Entry categorical = {"CategoricalCrossentropy", "categorical_crossentropy",
                               make<CrossentropyOptions, categorical_crossentropy>};
    const Entry sparse = {"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy",
                          make<SparseCrossentropyOptions, sparse_categorical_crossentropy>};
    return std::map<std::string, Entry>{{"meansquarederror", squared},
                                        {"mse", squared},
                                        {"meanabsoluteerror", absolute},
                                        {"mae", absolute},
                                        {"binarycrossentropy", binary},
                                        {"bce", binary},
                                        {"categoricalcrossentropy", categorical},
                                        {"sparsecategoricalcrossentropy", sparse}};
  }();
  return table;
}

Loss made(const char* class_name, const auto& options) {
  return Identifier{class_name, arguments_of(options)};
}

}  // namespace

Loss MeanSquaredError(RegressionOptions options) { return made("MeanSquaredError", options); }
Loss MeanAbsoluteError(RegressionOptions options) { return made("MeanAbsoluteError", options); }
Loss BinaryCrossentropy(CrossentropyOptions options) { return made("BinaryCrossentropy", options); }
Loss CategoricalCrossentropy(CrossentropyOptions options) {
  return made("CategoricalCrossentropy", options);
}
Loss SparseCategoricalCrossentropy(SparseCrossentropyOptions options) {
  return made("SparseCategoricalCrossentropy", options);
}

}  // namespace losses

Loss::Loss(const std::string& identifier) : Loss(Identifier::parse(identifier, "loss")) {}

Loss::Loss(Identifier identifier) {
  const auto entry = losses::entries().find(identifier.key());
  if (entry == losses::entries().end())
    throw ValueError(unknown_name_message("loss", identifier.name, loss_names()));
  ConfigReader reader("loss " + identifier.name, identifier.arguments);
  losses::Made made = entry->second.make(reader);
  const std::vector<std::string> reductions = {"sum_over_batch_size", "mean", "sum",
                                               "mean_with_sample_weight"};
  if (std::find(reductions.begin(), reductions.end(), made.reduction) == reductions.end()) {
    throw ValueError(fmt::format("loss {}: {}", identifier.name,
                                 unknown_name_message("reduction", made.reduction, reductions)));
  }
  function_ = std::move(made.function);
  name_ = entry->second.function_name;
  identifier_ = {entry->second.class_name, std::move(made.arguments)};
  reduction_ = std::move(made.reduction);
}

std::string Loss::identifier() const {
  if (identifier_.name.empty()) {
    throw ValueError(
        fmt::format("loss {} is a function of Values and cannot be saved; use a named one", name_));
  }
  return identifier_.str();
}

Value Loss::call(Value y_true, Value y_pred) const {
  if (!function_) throw ValueError("a loss is needed, but none was given");
  const Graph::Scope scope(y_pred.graph(), "loss " + name_);
  return function_(y_true, y_pred);
}

Value Loss::operator()(Value y_true, Value y_pred, Value sample_weight) const {
  Value values = call(y_true, y_pred);
  const Graph::Scope scope(y_pred.graph(), "loss " + name_);
  const double count = static_cast<double>(values.shape().numel());
  if (!sample_weight) return reduction_ == "sum" ? ops::sum(values) : ops::sum(values) / count;
  const Value weights = align_weights("loss " + name_, sample_weight, values);
  const Value sum = ops::sum(values * weights);
  if (reduction_ == "sum") return sum;
  if (reduction_ != "mean_with_sample_weight") return sum / count;
  // Keras's divide_no_nan: weights that are all zero give 0. The divisor that is not used is made
  // 1, so that no gradient is 0 times infinity.
  const Value total = ops::sum(weights);
  const Value none = ops::equal(total, ops::zeros_like(total));
  return ops::where(none, ops::zeros_like(sum),
                    sum / ops::where(none, ops::ones_like(total), total));
}

std::vector<std::string> loss_names() {
  return {"bce",
          "binary_crossentropy",
          "categorical_crossentropy",
          "mae",
          "mean_absolute_error",
          "mean_squared_error",
          "mse",
          "sparse_categorical_crossentropy"};
}

}  // namespace sinew
