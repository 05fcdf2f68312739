#include "sinew/nn/activations.h"

#include <fmt/format.h>

#include <map>

#include "nn/config.h"
#include "nn/custom_objects.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"

namespace sinew {
namespace {

using Function = std::function<Value(Value)>;
using Maker = Function (*)(ConfigReader&);

template <Value (*function)(Value)>
Function plain(ConfigReader&) {
  return function;
}

/// An activation with one argument: its name and default.
template <auto function, typename T>
Function with(ConfigReader& reader, const char* key, T argument) {
  reader(key, argument);
  return [argument](Value x) { return function(x, argument); };
}

Function relu_of(ConfigReader& reader) {
  activations::ReluOptions options;
  reader("negative_slope", options.negative_slope);
  reader("max_value", options.max_value);
  reader("threshold", options.threshold);
  const bool plain =
      options.negative_slope == 0.0 && !options.max_value && options.threshold == 0.0;
  if (plain) return [](Value x) { return activations::relu(x); };
  return [options](Value x) { return activations::relu(x, options); };
}

Function threshold_of(ConfigReader& reader) {
  double threshold = 0.0;
  double default_value = 0.0;
  reader.required("threshold", threshold);
  reader.required("default_value", default_value);
  return [=](Value x) { return activations::threshold(x, threshold, default_value); };
}

/// Keys are Keras's names and aliases.
const std::map<std::string, Maker>& makers() {
  namespace a = activations;
  using Reader = ConfigReader&;
  static const std::map<std::string, Maker> table = {
      {"celu", [](Reader r) { return with<a::celu>(r, "alpha", 1.0); }},
      {"elu", [](Reader r) { return with<a::elu>(r, "alpha", 1.0); }},
      {"exponential", plain<a::exponential>},
      {"gelu", [](Reader r) { return with<a::gelu>(r, "approximate", false); }},
      {"glu", [](Reader r) { return with<a::glu>(r, "axis", -1); }},
      {"hard_shrink", [](Reader r) { return with<a::hard_shrink>(r, "threshold", 0.5); }},
      {"hard_sigmoid", plain<a::hard_sigmoid>},
      {"hard_silu", plain<a::hard_silu>},
      {"hard_swish", plain<a::hard_silu>},
      {"hard_tanh", plain<a::hard_tanh>},
      {"leaky_relu", [](Reader r) { return with<a::leaky_relu>(r, "negative_slope", 0.2); }},
      {"linear", plain<a::linear>},
      {"log_sigmoid", plain<a::log_sigmoid>},
      {"log_softmax", [](Reader r) { return with<a::log_softmax>(r, "axis", -1); }},
      {"mish", plain<a::mish>},
      {"relu", relu_of},
      {"relu6", plain<a::relu6>},
      {"selu", plain<a::selu>},
      {"sigmoid", plain<a::sigmoid>},
      {"silu", plain<a::silu>},
      {"soft_shrink", [](Reader r) { return with<a::soft_shrink>(r, "threshold", 0.5); }},
      {"softmax", [](Reader r) { return with<a::softmax>(r, "axis", -1); }},
      {"softplus", plain<a::softplus>},
      {"softsign", plain<a::softsign>},
      {"sparse_plus", plain<a::sparse_plus>},
      {"sparse_sigmoid", plain<a::sparse_sigmoid>},
      {"sparsemax", [](Reader r) { return with<a::sparsemax>(r, "axis", -1); }},
      {"squareplus", [](Reader r) { return with<a::squareplus>(r, "b", 4.0); }},
      {"swish", plain<a::silu>},
      {"tanh", plain<a::tanh>},
      {"tanh_shrink", plain<a::tanh_shrink>},
      {"threshold", threshold_of},
  };
  return table;
}

}  // namespace

ActivationFunction::ActivationFunction(const std::string& text)
    : identifier_(Identifier::parse(text, "activation")) {
  const auto maker = makers().find(identifier_.name);
  if (maker == makers().end()) {
    if (std::optional<Function> custom = custom_activations().find(identifier_.name)) {
      function_ = std::move(*custom);
      return;
    }
    throw ValueError(unknown_name_message("activation", identifier_.name, activation_names()));
  }
  ConfigReader reader("activation " + identifier_.name, identifier_.arguments);
  function_ = maker->second(reader);
  reader.finish();
}

std::string ActivationFunction::identifier() const {
  if (identifier_.name.empty()) {
    throw ValueError(
        "an activation that is a function of Values has no name and cannot be saved; use a named "
        "one");
  }
  return identifier_.str();
}

bool ActivationFunction::is(const char* name) const {
  return identifier_.name == name && identifier_.arguments == Attributes{};
}

std::vector<Signature> activation_signatures() {
  std::vector<Signature> signatures;
  for (const auto& [name, maker] : makers()) {
    signatures.push_back(
        {.class_name = {},
         .function_name = name,
         .arguments = arguments_of([&, make = maker](ConfigReader& lister) { make(lister); })});
  }
  return signatures;
}

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const auto& entry : makers()) names.push_back(entry.first);
  return names;
}

}  // namespace sinew
