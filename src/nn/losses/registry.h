#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "nn/config.h"
#include "nn/formulas.h"
#include "sinew/base/error.h"
#include "sinew/nn/losses.h"

/// How a family of losses is made from identifiers: each loss is a struct of its arguments and a
/// formula (y_true, y_pred, arguments).
namespace sinew::losses {

/// Every loss's arguments, by Keras's names and in its order.
void fields(auto& options, auto& visit) {
  if constexpr (requires { options.apply_class_balancing; })
    visit("apply_class_balancing", options.apply_class_balancing);
  if constexpr (requires { options.alpha; }) visit("alpha", options.alpha);
  if constexpr (requires { options.beta; }) visit("beta", options.beta);
  if constexpr (requires { options.gamma; }) visit("gamma", options.gamma);
  if constexpr (requires { options.delta; }) visit("delta", options.delta);
  if constexpr (requires { options.q; }) visit("q", options.q);
  if constexpr (requires { options.margin; }) visit("margin", options.margin);
  if constexpr (requires { options.remove_diagonal; })
    visit("remove_diagonal", options.remove_diagonal);
  if constexpr (requires { options.from_logits; }) visit("from_logits", options.from_logits);
  if constexpr (requires { options.ignore_class; }) visit("ignore_class", options.ignore_class);
  constexpr bool smooths = requires { options.label_smoothing; };
  if constexpr (smooths) visit("label_smoothing", options.label_smoothing);
  if constexpr (smooths && requires { options.axis; }) visit("axis", options.axis);
  visit("reduction", options.reduction);
  if constexpr (!smooths && requires { options.axis; }) visit("axis", options.axis);
}

/// Arguments that are not Keras's defaults, so that identifiers stay short.
template <typename Options>
Attributes arguments_of(const Options& options) {
  ConfigWriter given;
  fields(options, given);
  ConfigWriter ordinary;
  const Options defaults;
  fields(defaults, ordinary);
  return differing(given.take(), ordinary.take());
}

template <typename Options>
void check(const Options& options) {
  if constexpr (requires { options.label_smoothing; }) {
    if (!(options.label_smoothing >= 0.0 && options.label_smoothing <= 1.0)) {
      throw ValueError(fmt::format("label_smoothing is {}; it must be between 0 and 1",
                                   options.label_smoothing));
    }
  }
  if constexpr (requires { options.q; }) {
    if (!(options.q > 0.0 && options.q < 1.0))
      throw ValueError(fmt::format("q is {}; it must lie between 0 and 1", options.q));
  }
}

struct MadeLoss {
  Loss::Function function;
  Attributes arguments;
  std::string reduction;
};

template <typename Options, auto formula>
MadeLoss make_loss(ConfigReader& reader) {
  Options options;
  fields(options, reader);
  // Keras writes these as well; the name is the class's.
  std::string name;
  DType dtype = DType::Float32;
  reader("name", name);
  reader("dtype", dtype);
  reader.finish();
  check(options);
  Loss::Function function;
  if constexpr (std::is_invocable_v<decltype(formula), Value, Value>) {
    function = formula;
  } else {
    function = [options](Value y_true, Value y_pred) { return formula(y_true, y_pred, options); };
  }
  return {std::move(function), arguments_of(options), options.reduction};
}

struct LossClass {
  /// Keras's class name and function name.
  const char* class_name;
  const char* function_name;
  std::vector<const char*> aliases;
  MadeLoss (*make)(ConfigReader&);
  TargetKind targets = TargetKind::Values;
};

/// A loss object from its arguments.
Loss made(const char* class_name, const auto& options) {
  return Identifier{class_name, arguments_of(options)};
}

std::vector<LossClass> regression_losses();
std::vector<LossClass> crossentropy_losses();
std::vector<LossClass> focal_losses();
std::vector<LossClass> divergence_losses();
std::vector<LossClass> hinge_losses();
std::vector<LossClass> overlap_losses();
std::vector<LossClass> embedding_losses();
std::vector<LossClass> ctc_losses();

}  // namespace sinew::losses
