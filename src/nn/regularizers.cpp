#include "sinew/nn/regularizers.h"

#include <cmath>

#include "nn/config.h"
#include "nn/custom_objects.h"
#include "nn/formulas.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using Function = std::function<Value(Value)>;

/// A factor's value, which `identifier` takes over.
double factor(ConfigReader& reader, Identifier& identifier, const char* key, double otherwise) {
  double value = otherwise;
  reader(key, value);
  identifier.arguments.set(key, value);
  if (!(value >= 0.0 && std::isfinite(value))) {
    throw ValueError(fmt::format("regularizer {}: factors must not be negative", identifier.str()));
  }
  return value;
}

Function l1(ConfigReader& reader, Identifier& identifier) {
  const double by = factor(reader, identifier, "l1", 0.01);
  return [by](Value weight) { return by * ops::sum(ops::abs(weight)); };
}

Function l2(ConfigReader& reader, Identifier& identifier) {
  const double by = factor(reader, identifier, "l2", 0.01);
  return [by](Value weight) { return by * ops::sum(ops::square(weight)); };
}

Function l1_l2(ConfigReader& reader, Identifier& identifier) {
  const double l1 = factor(reader, identifier, "l1", 0.0);
  const double l2 = factor(reader, identifier, "l2", 0.0);
  return [l1, l2](Value weight) {
    Value sum = ops::scalar_like(weight, 0.0);
    if (l1 != 0.0) sum = sum + l1 * ops::sum(ops::abs(weight));
    if (l2 != 0.0) sum = sum + l2 * ops::sum(ops::square(weight));
    return sum;
  };
}

/// The mean of |cos| over all pairs of rows, times the factor.
Value orthogonality(Value rows, double by) {
  const std::int64_t count = rows.dim(0);
  const Value unit = normalize(rows, 1);
  const Value cosines = ops::abs(ops::matmul(unit, unit, {.transpose_b = true}));
  const Value number = ops::arange(rows.graph(), count);
  const Value others = ops::not_equal(ops::expand_dims(number, 1), ops::expand_dims(number, 0));
  const double pairs = static_cast<double>(count) * static_cast<double>(count - 1) / 2.0;
  return by * 0.5 / pairs * ops::sum(cosines * ops::cast(others, rows.dtype()));
}

Function orthogonal(ConfigReader& reader, Identifier& identifier) {
  const double by = factor(reader, identifier, "factor", 0.01);
  std::string mode = "rows";
  reader("mode", mode);
  identifier.arguments.set("mode", mode);
  if (mode != "rows" && mode != "columns") {
    throw ValueError("regularizer OrthogonalRegularizer: " +
                     unknown_name_message("mode", mode, {"rows", "columns"}));
  }
  return [by, mode](Value weight) {
    if (weight.rank() != 2) {
      throw ShapeError(
          fmt::format("regularizer OrthogonalRegularizer takes matrices; the weight has shape {}",
                      weight.shape().str()));
    }
    return orthogonality(mode == "rows" ? weight : ops::transpose(weight), by);
  };
}

struct Kind {
  const char* class_name;
  const char* name;
  Function (*make)(ConfigReader& reader, Identifier& identifier);
};
const Kind kKinds[] = {{"L1", "l1", l1},
                       {"L2", "l2", l2},
                       {"L1L2", "l1_l2", l1_l2},
                       {"OrthogonalRegularizer", "orthogonal_regularizer", orthogonal}};

}  // namespace

Regularizer::Regularizer(const std::string& identifier) {
  if (!identifier.empty()) *this = Regularizer(Identifier::parse(identifier, "regularizer"));
}

Regularizer::Regularizer(Identifier identifier) {
  const std::string key = identifier.key();
  for (const Kind& kind : kKinds) {
    if (Identifier{kind.name}.key() != key) continue;
    ConfigReader reader("regularizer " + identifier.name, identifier.arguments);
    identifier_.name = kind.class_name;
    function_ = kind.make(reader, identifier_);
    reader.finish();
    return;
  }
  if (std::optional<Function> custom = custom_regularizers().find(identifier.name)) {
    function_ = std::move(*custom);
    identifier_ = std::move(identifier);
    return;
  }
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  throw ValueError(unknown_name_message("regularizer", identifier.name, names));
}

std::vector<Signature> regularizer_signatures() {
  std::vector<Signature> signatures;
  for (const Kind& kind : kKinds) {
    Identifier unused{kind.class_name};
    signatures.push_back(
        {.class_name = kind.class_name,
         .function_name = kind.name,
         .arguments = arguments_of([&](ConfigReader& lister) { kind.make(lister, unused); })});
  }
  return signatures;
}

std::string Regularizer::identifier() const {
  if (function_ && identifier_.name.empty()) {
    throw ValueError(
        "a regularizer that is a function of Values has no name and cannot be saved; use a named "
        "one");
  }
  return identifier_.str();
}

namespace regularizers {

Regularizer L1(double l1) { return Identifier{"L1", {{"l1", l1}}}; }
Regularizer L2(double l2) { return Identifier{"L2", {{"l2", l2}}}; }
Regularizer OrthogonalRegularizer(double factor, std::string mode) {
  return Identifier{"OrthogonalRegularizer", {{"factor", factor}, {"mode", std::move(mode)}}};
}
Regularizer L1L2(double l1, double l2) { return Identifier{"L1L2", {{"l1", l1}, {"l2", l2}}}; }

}  // namespace regularizers
}  // namespace sinew
