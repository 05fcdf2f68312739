#include "sinew/nn/regularizers.h"

#include "nn/config.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

Value penalty(Value weight, double l1, double l2) {
  Value sum;
  if (l1 != 0.0) sum = l1 * ops::sum(ops::abs(weight));
  if (l2 != 0.0) {
    const Value squares = l2 * ops::sum(ops::square(weight));
    sum = sum ? sum + squares : squares;
  }
  return sum ? sum : ops::scalar_like(weight, 0.0);
}

}  // namespace

Regularizer::Regularizer(const std::string& identifier) {
  if (!identifier.empty()) *this = Regularizer(Identifier::parse(identifier, "regularizer"));
}

Regularizer::Regularizer(Identifier identifier) {
  // Each of the three is l1 |w| + l2 w^2 with its own arguments and defaults.
  double l1 = 0.0;
  double l2 = 0.0;
  ConfigReader reader("regularizer " + identifier.name, identifier.arguments);
  Attributes arguments;
  if (identifier.key() == "l1") {
    reader("l1", l1 = 0.01);
    identifier_ = {"L1", {{"l1", l1}}};
  } else if (identifier.key() == "l2") {
    reader("l2", l2 = 0.01);
    identifier_ = {"L2", {{"l2", l2}}};
  } else if (identifier.key() == "l1l2") {
    reader("l1", l1);
    reader("l2", l2);
    identifier_ = {"L1L2", {{"l1", l1}, {"l2", l2}}};
  } else {
    throw ValueError(unknown_name_message("regularizer", identifier.name, {"l1", "l2", "l1l2"}));
  }
  reader.finish();
  if (!(l1 >= 0.0) || !(l2 >= 0.0)) {
    throw ValueError(
        fmt::format("regularizer {}: factors must not be negative", identifier_.str()));
  }
  function_ = [l1, l2](Value weight) { return penalty(weight, l1, l2); };
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
Regularizer L1L2(double l1, double l2) { return Identifier{"L1L2", {{"l1", l1}, {"l2", l2}}}; }

}  // namespace regularizers
}  // namespace sinew
