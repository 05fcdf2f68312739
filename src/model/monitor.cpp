#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/log.h"
#include "sinew/base/error.h"
#include "sinew/model/callbacks.h"

namespace sinew::callbacks {
namespace {

bool larger_is_better(const std::string& callback, const std::string& name,
                      const std::string& mode) {
  if (mode == "min") return false;
  if (mode == "max") return true;
  if (mode != "auto") {
    throw ValueError(
        fmt::format("{}: mode '{}' is unknown; it is 'auto', 'min' or 'max'", callback, mode));
  }
  // Of two metrics of one name the second is called "accuracy_1".
  const std::size_t digits = name.find_last_not_of("0123456789") + 1;
  const bool numbered = digits > 0 && digits < name.size() && name[digits - 1] == '_';
  const std::string_view metric = std::string_view(name).substr(0, numbered ? digits - 1 : digits);
  const auto ends_with = [&](std::string_view end) { return metric.ends_with(end); };
  for (const char* end : {"acc", "accuracy", "auc", "precision", "recall", "f1_score"}) {
    if (ends_with(end)) return true;
  }
  for (const char* end : {"loss", "error", "mse", "mae", "entropy", "bce"}) {
    if (ends_with(end)) return false;
  }
  throw ValueError(fmt::format(
      "{}: whether '{}' should fall or rise cannot be told from its name: give mode 'min' or 'max'",
      callback, name));
}

}  // namespace

Monitor::Monitor(const std::string& callback, std::string name, const std::string& mode,
                 double min_delta)
    : callback_(callback),
      name_(std::move(name)),
      larger_is_better_(larger_is_better(callback, name_, mode)),
      min_delta_(std::abs(min_delta)) {}

bool Monitor::improves(double value, double reference) const {
  return larger_is_better_ ? value - min_delta_ > reference : value + min_delta_ < reference;
}

double Monitor::worst() const {
  const double infinity = std::numeric_limits<double>::infinity();
  return larger_is_better_ ? -infinity : infinity;
}

const double* Monitor::find(const Logs& logs) const {
  const double* value = logs.find(name_);
  if (!value) {
    std::string names;
    for (const auto& [name, unused] : logs) names += (names.empty() ? "" : ", ") + name;
    logger().warn("{} monitors '{}', which is not among the results: {}", callback_, name_, names);
  }
  return value;
}

}  // namespace sinew::callbacks
