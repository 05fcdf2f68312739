#include "sinew/nn/activations.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <numbers>

#include "nn/config.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace activations {

Value linear(Value x) { return x; }
Value relu(Value x) { return ops::relu(x); }
Value relu6(Value x) { return ops::clip(x, 0.0, 6.0); }
Value leaky_relu(Value x, double negative_slope) {
  return ops::where(ops::greater(x, 0.0), x, negative_slope * x);
}
Value elu(Value x, double alpha) {
  // expm1 sees no positive number, so that the side not taken cannot overflow and spoil the
  // gradient.
  return ops::where(ops::greater(x, 0.0), x, alpha * ops::expm1(ops::minimum(x, 0.0)));
}
Value selu(Value x) {
  constexpr double kScale = 1.0507009873554805;
  constexpr double kAlpha = 1.6732632423543772;
  return kScale * elu(x, kAlpha);
}
Value sigmoid(Value x) { return ops::sigmoid(x); }
Value hard_sigmoid(Value x) { return ops::clip(x / 6.0 + 0.5, 0.0, 1.0); }
Value tanh(Value x) { return ops::tanh(x); }
Value softmax(Value x, int axis) { return ops::softmax(x, axis); }
Value log_softmax(Value x, int axis) { return ops::log_softmax(x, axis); }
Value softplus(Value x) { return ops::maximum(x, 0.0) + ops::log1p(ops::exp(-ops::abs(x))); }
Value softsign(Value x) { return x / (1.0 + ops::abs(x)); }
Value silu(Value x) { return x * ops::sigmoid(x); }
Value gelu(Value x, bool approximate) {
  if (approximate) {
    const double root = std::sqrt(2.0 / std::numbers::pi);
    return 0.5 * x * (1.0 + ops::tanh(root * (x + 0.044715 * x * x * x)));
  }
  return ops::gelu(x);
}
Value mish(Value x) { return x * ops::tanh(softplus(x)); }
Value exponential(Value x) { return ops::exp(x); }

}  // namespace activations

namespace {

using Maker = std::function<Value(Value)> (*)(ConfigReader&);

template <Value (*function)(Value)>
std::function<Value(Value)> plain(ConfigReader&) {
  return function;
}

/// An activation with one argument: its name and default.
template <auto function, typename T>
std::function<Value(Value)> with(ConfigReader& reader, const char* key, T argument) {
  reader(key, argument);
  return [argument](Value x) { return function(x, argument); };
}

const std::map<std::string, Maker>& makers() {
  namespace a = activations;
  static const std::map<std::string, Maker> table = {
      {"linear", plain<a::linear>},
      {"relu", plain<a::relu>},
      {"relu6", plain<a::relu6>},
      {"leaky_relu", [](ConfigReader& r) { return with<a::leaky_relu>(r, "negative_slope", 0.2); }},
      {"elu", [](ConfigReader& r) { return with<a::elu>(r, "alpha", 1.0); }},
      {"selu", plain<a::selu>},
      {"sigmoid", plain<a::sigmoid>},
      {"hard_sigmoid", plain<a::hard_sigmoid>},
      {"tanh", plain<a::tanh>},
      {"softmax", [](ConfigReader& r) { return with<a::softmax>(r, "axis", -1); }},
      {"log_softmax", [](ConfigReader& r) { return with<a::log_softmax>(r, "axis", -1); }},
      {"softplus", plain<a::softplus>},
      {"softsign", plain<a::softsign>},
      {"silu", plain<a::silu>},
      {"swish", plain<a::silu>},
      {"gelu", [](ConfigReader& r) { return with<a::gelu>(r, "approximate", false); }},
      {"mish", plain<a::mish>},
      {"exponential", plain<a::exponential>},
  };
  return table;
}

}  // namespace

ActivationFunction::ActivationFunction(const std::string& text)
    : identifier_(Identifier::parse(text, "activation")) {
  const auto maker = makers().find(identifier_.name);
  if (maker == makers().end()) {
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

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const auto& entry : makers()) names.push_back(entry.first);
  return names;
}

}  // namespace sinew
