#pragma once

#include <functional>
#include <memory>
#include <string>

#include "nn/config.h"
#include "sinew/nn/optimizers.h"

/// What all of Sinew's own optimizers share: one list of arguments a rule (its template
/// `fields(options, visit)`) serves config() and make_optimizer().
namespace sinew {

/// Makes an optimizer known by its class name, before main() runs.
class RegisterOptimizer {
 public:
  using Factory = std::function<OptimizerPtr(ConfigReader&)>;
  RegisterOptimizer(const std::string& class_name, Factory factory);
};

/// A number, or a schedule by its identifier.
std::optional<AttributeValue> to_attribute(const LearningRate& value);
bool from_attribute(const AttributeValue& value, LearningRate& into);
constexpr ArgumentKind kind_of(const LearningRate&) { return ArgumentKind::LearningRate; }

/// The arguments that all optimizers share, out of an option struct.
OptimizerCommon common_of(const auto& options) {
  return {.weight_decay = options.weight_decay,
          .clipnorm = options.clipnorm,
          .clipvalue = options.clipvalue,
          .global_clipnorm = options.global_clipnorm,
          .use_ema = options.use_ema,
          .ema_momentum = options.ema_momentum,
          .ema_overwrite_frequency = options.ema_overwrite_frequency,
          .loss_scale_factor = options.loss_scale_factor,
          .gradient_accumulation_steps = options.gradient_accumulation_steps};
}

/// Visits them, in an option struct or in an OptimizerCommon.
void common_fields(auto& options, auto& visit) {
  visit("weight_decay", options.weight_decay);
  visit("clipnorm", options.clipnorm);
  visit("clipvalue", options.clipvalue);
  visit("global_clipnorm", options.global_clipnorm);
  visit("use_ema", options.use_ema);
  visit("ema_momentum", options.ema_momentum);
  visit("ema_overwrite_frequency", options.ema_overwrite_frequency);
  visit("loss_scale_factor", options.loss_scale_factor);
  visit("gradient_accumulation_steps", options.gradient_accumulation_steps);
}

/// Base of rules whose own arguments are listed by `Derived::fields`.
template <typename Derived, typename RuleOptions>
class ConfiguredOptimizer : public Optimizer {
 public:
  using Options = RuleOptions;
  explicit ConfiguredOptimizer(const Options& options)
      : Optimizer(options.name, options.learning_rate, common_of(options)), options_(options) {}

 protected:
  const Options& options() const { return options_; }
  Attributes rule_config() const override {
    ConfigWriter writer;
    Derived::fields(options_, writer);
    return writer.take();
  }

 private:
  Options options_;
};

template <typename Derived>
OptimizerPtr optimizer_of(const typename Derived::Options& options) {
  return std::shared_ptr<Optimizer>(std::make_shared<Derived>(options));
}

/// Registers a ConfiguredOptimizer.
template <typename Derived>
class RegisterConfiguredOptimizer : public RegisterOptimizer {
 public:
  explicit RegisterConfiguredOptimizer(const std::string& class_name)
      : RegisterOptimizer(class_name, [](ConfigReader& reader) {
          typename Derived::Options options;
          reader("learning_rate", options.learning_rate);
          Derived::fields(options, reader);
          common_fields(options, reader);
          reader("name", options.name);
          reader.finish();
          return optimizer_of<Derived>(options);
        }) {}
};

/// Throws ValueError unless 0 <= value < 1 (or <= 1 with `closed`).
void expect_fraction(const std::string& optimizer, const char* option, double value,
                     bool closed = false);
/// Throws ValueError unless value >= 0.
void expect_not_negative(const std::string& optimizer, const char* option, double value);

/// 1 - beta^step. Written as -expm1(step log beta), because the difference of two numbers near 1
/// keeps few digits in float32.
Value one_minus_power(double beta, Value step);

Value cast_to(Value value, DType dtype);
/// average * rate + value * (1 - rate).
Value decaying_mean(Value average, Value value, double rate);

/// Runs `body`, which assigns to variables; afterwards each of these keeps the value it had unless
/// the condition holds.
void assign_if(CallContext& context, Value condition, const std::vector<VariablePtr>& variables,
               const std::function<void()>& body);

/// Whether the regular expression is found in the text, as by Python's re.search. Throws ValueError
/// when it is none.
bool found_in(const std::string& pattern, const std::string& text);

}  // namespace sinew
