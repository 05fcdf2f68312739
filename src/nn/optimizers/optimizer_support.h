#pragma once

#include <functional>
#include <string>

#include "nn/config.h"
#include "sinew/nn/optimizers.h"

namespace sinew {

/// Makes an optimizer known by its class name, before main() runs.
class RegisterOptimizer {
 public:
  using Factory = std::function<OptimizerPtr(ConfigReader&)>;
  RegisterOptimizer(const std::string& class_name, Factory factory);
};

/// The arguments that all optimizers share, out of an option struct.
OptimizerCommon common_of(const auto& options) {
  return {options.weight_decay, options.clipnorm, options.clipvalue, options.global_clipnorm};
}

/// Reads them, after the optimizer's own, and ends the reading.
void read_common(ConfigReader& reader, auto& options) {
  reader("learning_rate", options.learning_rate);
  reader("weight_decay", options.weight_decay);
  reader("clipnorm", options.clipnorm);
  reader("clipvalue", options.clipvalue);
  reader("global_clipnorm", options.global_clipnorm);
  reader("name", options.name);
  reader.only("use_ema", false);
  reader.only("ema_momentum", 0.99);
  reader.finish();
}

/// Throws ValueError unless 0 <= value < 1 (or <= 1 with `closed`).
void expect_fraction(const std::string& optimizer, const char* option, double value,
                     bool closed = false);

}  // namespace sinew
