#include "sinew/nn/constraints.h"

#include <fmt/format.h>

#include "nn/config.h"
#include "nn/custom_objects.h"
#include "nn/formulas.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using Function = std::function<Value(Value)>;
using Axes = std::vector<std::int64_t>;

Value norm(Value weight, const Axes& axis) {
  return ops::sqrt(ops::sum(ops::square(weight), std::vector<int>(axis.begin(), axis.end()), true));
}

/// The weight with these norms in place of its own.
Value with_norm(Value weight, Value desired, Value norms) {
  return weight * (desired / (norms + kEpsilon));
}

Function max_norm(ConfigReader& reader, Attributes& arguments) {
  constraints::MaxNormOptions o;
  reader("max_value", o.max_value);
  reader("axis", o.axis);
  arguments = {{"max_value", o.max_value}, {"axis", o.axis}};
  return [o](Value weight) {
    const Value norms = norm(weight, o.axis);
    return with_norm(weight, ops::minimum(norms, o.max_value), norms);
  };
}

Function min_max_norm(ConfigReader& reader, Attributes& arguments) {
  constraints::MinMaxNormOptions o;
  reader("min_value", o.min_value);
  reader("max_value", o.max_value);
  reader("rate", o.rate);
  reader("axis", o.axis);
  if (!(o.min_value <= o.max_value)) {
    throw ValueError(fmt::format("constraint MinMaxNorm: min_value is {} and max_value {}",
                                 o.min_value, o.max_value));
  }
  arguments = {
      {"min_value", o.min_value}, {"max_value", o.max_value}, {"rate", o.rate}, {"axis", o.axis}};
  return [o](Value weight) {
    const Value norms = norm(weight, o.axis);
    const Value bounded = ops::clip(norms, o.min_value, o.max_value);
    return with_norm(weight, bounded * o.rate + norms * (1.0 - o.rate), norms);
  };
}

Function non_neg(ConfigReader&, Attributes&) {
  return [](Value weight) { return ops::maximum(weight, 0.0); };
}

Function unit_norm(ConfigReader& reader, Attributes& arguments) {
  Axes axis = {0};
  reader("axis", axis);
  arguments = {{"axis", axis}};
  return [axis](Value weight) { return weight / (norm(weight, axis) + kEpsilon); };
}

struct Kind {
  const char* class_name;
  const char* name;
  Function (*make)(ConfigReader& reader, Attributes& arguments);
};
const Kind kKinds[] = {{"MaxNorm", "max_norm", max_norm},
                       {"MinMaxNorm", "min_max_norm", min_max_norm},
                       {"NonNeg", "non_neg", non_neg},
                       {"UnitNorm", "unit_norm", unit_norm}};

}  // namespace

Constraint::Constraint(const std::string& identifier) {
  if (!identifier.empty()) *this = Constraint(Identifier::parse(identifier, "constraint"));
}

Constraint::Constraint(Identifier identifier) {
  for (const Kind& kind : kKinds) {
    if (Identifier{kind.name}.key() != identifier.key()) continue;
    ConfigReader reader("constraint " + identifier.name, identifier.arguments);
    identifier_.name = kind.class_name;
    function_ = kind.make(reader, identifier_.arguments);
    reader.finish();
    return;
  }
  if (std::optional<Function> custom = custom_constraints().find(identifier.name)) {
    function_ = std::move(*custom);
    identifier_ = std::move(identifier);
    return;
  }
  throw ValueError(unknown_name_message("constraint", identifier.name, constraint_names()));
}

std::string Constraint::identifier() const {
  if (function_ && identifier_.name.empty()) {
    throw ValueError(
        "a constraint that is a function of Values has no name and cannot be saved; use a named "
        "one");
  }
  return identifier_.str();
}

std::vector<Signature> constraint_signatures() {
  std::vector<Signature> signatures;
  for (const Kind& kind : kKinds) {
    Attributes unused;
    signatures.push_back(
        {.class_name = kind.class_name,
         .function_name = kind.name,
         .arguments = arguments_of([&](ConfigReader& lister) { kind.make(lister, unused); })});
  }
  return signatures;
}

std::vector<std::string> constraint_names() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

namespace constraints {

Constraint MaxNorm(MaxNormOptions o) {
  return Identifier{"MaxNorm", {{"max_value", o.max_value}, {"axis", o.axis}}};
}
Constraint MinMaxNorm(MinMaxNormOptions o) {
  return Identifier{
      "MinMaxNorm",
      {{"min_value", o.min_value}, {"max_value", o.max_value}, {"rate", o.rate}, {"axis", o.axis}}};
}
Constraint NonNeg() { return Identifier{"NonNeg"}; }
Constraint UnitNorm(std::vector<std::int64_t> axis) {
  return Identifier{"UnitNorm", {{"axis", std::move(axis)}}};
}

}  // namespace constraints
}  // namespace sinew
