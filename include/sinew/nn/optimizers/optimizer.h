#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sinew/nn/identifier.h"
#include "sinew/nn/layer.h"
#include "sinew/nn/optimizers/schedules.h"

namespace sinew {

/// Arguments that all of Keras's optimizers share. At most one of the three clips may be given.
struct OptimizerCommon {
  /// Decoupled (Loshchilov and Hutter 2019): each weight first shrinks by learning_rate *
  /// weight_decay * weight.
  std::optional<double> weight_decay = {};
  /// Each gradient's Euclidean norm is at most this.
  std::optional<double> clipnorm = {};
  /// Each element of a gradient lies in [-clipvalue, clipvalue].
  std::optional<double> clipvalue = {};
  /// The norm of all gradients together is at most this (Pascanu et al. 2013).
  std::optional<double> global_clipnorm = {};
  /// Keeps an exponential moving average of every weight (Polyak and Juditsky 1992): average =
  /// ema_momentum * average + (1 - ema_momentum) * weight after each step, the weight itself after
  /// the first. At the end of fit() the weights take their averages.
  bool use_ema = false;
  double ema_momentum = 0.99;
  /// The weights take their averages after every so many steps too.
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  /// The loss is multiplied by this before the gradients, which are divided by it: gradients of
  /// little range are kept from underflow.
  std::optional<double> loss_scale_factor = {};
  /// Weights change in every so manieth step, by the mean of the gradients since the last change.
  std::optional<std::int64_t> gradient_accumulation_steps = {};
};

/// How weights follow their gradients. The update is part of the step's graph; what changes from
/// step to step lives in variables.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Keras's class name, such as "Adam".
  virtual std::string class_name() const = 0;
  /// Constructor arguments under Keras's names; the learning rate as it is now, a schedule by its
  /// identifier. Absent means None.
  virtual Attributes config() const;
  /// class_name() and config() as text that OptimizerPtr reads.
  std::string identifier() const;
  /// Prefix of the variables' names: "adam", "sgd", "adam_w".
  const std::string& name() const { return name_; }

  /// Leaves weights out of weight decay: those given, and those in whose own name ("kernel",
  /// "bias") one of the regular expressions is found. As in Keras the config does not hold them.
  /// Throws ValueError after build().
  void exclude_from_weight_decay(const std::vector<VariablePtr>& weights,
                                 const std::vector<std::string>& names = {});
  void set_loss_scale_factor(std::optional<double> factor) { common_.loss_scale_factor = factor; }

  /// Makes the slots of these weights, named as Keras does: "adam/dense_kernel_momentum". Runs
  /// once; throws ValueError when the weights are not those of the first time.
  virtual void build(const std::vector<VariablePtr>& weights);
  /// The loss as gradients are to be taken of it: scaled, or as it is.
  virtual Value scale_loss(CallContext& context, Value loss) const;
  /// Appends to the context's graph one step of gradient descent: what the shared arguments say,
  /// the rule itself, and the count of iterations. `gradients` has one Value a weight, of its type,
  /// of the scaled loss.
  virtual void apply(CallContext& context, const std::vector<VariablePtr>& weights,
                     const std::vector<Value>& gradients);

  /// Of the next step.
  virtual double learning_rate() const;
  /// Takes effect at the next step, without compiling anew. Throws ValueError where a schedule sets
  /// the rate.
  virtual void set_learning_rate(double rate);
  /// Updates made so far: steps, divided by gradient_accumulation_steps.
  virtual std::int64_t iterations() const;
  /// What a checkpoint keeps, in Keras's order: iteration, learning rate unless a schedule sets it,
  /// and after build() averages, accumulators and slots.
  virtual std::vector<VariablePtr> variables() const;

  virtual bool uses_ema() const { return common_.use_ema; }
  /// Exchanges the weights with their averages, to evaluate those; the next call exchanges them
  /// back. Throws ValueError without use_ema.
  virtual void swap_moving_averages();
  virtual bool moving_averages_swapped() const { return averages_swapped_; }
  /// For weights that a checkpoint has brought in as they were then.
  virtual void set_moving_averages_swapped(bool swapped) { averages_swapped_ = swapped; }
  /// The end of a training: with use_ema the weights take their averages.
  virtual void finalize_variable_values();

  /// A variable of the rule's for one weight.
  struct Slot {
    std::string name;
    VariablePtr variable;
  };
  /// What the rule sees of one weight, all of the weight's dtype.
  struct Rule {
    CallContext& context;
    const Variable& variable;
    Value before_decay;
    /// After weight decay.
    Value weight;
    Value gradient;
    Value learning_rate;
    /// 1 in the first update.
    Value step;
    const std::vector<Slot>& slots;

    bool has(std::string_view name) const;
    Value slot(std::string_view name) const;
    /// Gives the slot its new value, and returns it.
    Value assign(std::string_view name, Value value) const;
  };

 protected:
  Optimizer(std::string name, LearningRate learning_rate, OptimizerCommon common);

  /// The rule's own arguments, without those that all share.
  virtual Attributes rule_config() const = 0;
  /// Makes the rule's slots by add_slots(), in the order of Keras's variables.
  virtual void build_slots(const std::vector<VariablePtr>& weights) = 0;
  /// What the rule does once an update, before all weights; `step` as in Rule, an integer or
  /// Float64.
  virtual void begin_update(CallContext& /*context*/, Value /*step*/) {}
  /// The weight's new value; updates the slots by Rule::assign().
  virtual Value update(const Rule& rule) = 0;
  /// The share of the weight that decays, exclusions aside.
  virtual std::optional<double> weight_decay_of(const Variable& /*weight*/) const {
    return common_.weight_decay;
  }

  /// Slots of these names for every weight, of its type.
  void add_slots(const std::vector<std::string>& names, double initial = 0);
  /// One slot of the weight with this number, of its dtype.
  void add_slot(std::size_t weight, const std::string& name, const Shape& shape,
                double initial = 0);
  /// A variable of the rule's that belongs to no weight.
  VariablePtr add_variable(const std::string& name, DType dtype, double initial);

 private:
  std::string variable_name(const Variable& weight, const std::string& name) const;
  std::vector<VariablePtr> variables_like_weights(const std::string& name) const;
  std::vector<Value> accumulate(CallContext& context, const std::vector<Value>& gradients,
                                Value updating) const;
  std::vector<Value> clip(const std::vector<Value>& gradients) const;
  void update_weights(CallContext& context, const std::vector<Value>& gradients, Value rate,
                      Value step);
  void update_averages(CallContext& context, Value updates) const;
  bool decays(const Variable& weight) const;

  std::string name_;
  OptimizerCommon common_;
  SchedulePtr schedule_;
  /// Float32 scalar; null where a schedule sets the rate.
  VariablePtr learning_rate_;
  /// Int64 scalar: steps taken, those that only accumulate included.
  VariablePtr iteration_;
  std::vector<VariablePtr> weights_;
  std::vector<VariablePtr> averages_;
  bool averages_swapped_ = false;
  std::vector<VariablePtr> accumulators_;
  /// One list a weight.
  std::vector<std::vector<Slot>> slots_;
  /// All that update() and begin_update() change but the weights, in Keras's order.
  std::vector<VariablePtr> rule_variables_;
  std::vector<VariablePtr> undecayed_weights_;
  std::vector<std::string> undecayed_names_;
};

/// An optimizer as `compile` takes it: a name ("adam", "sgd"), an identifier
/// ("Adam(learning_rate=0.0005)"), or an object of sinew::optimizers.
class OptimizerPtr : public std::shared_ptr<Optimizer> {
 public:
  using std::shared_ptr<Optimizer>::shared_ptr;
  OptimizerPtr(std::shared_ptr<Optimizer> optimizer)
      : std::shared_ptr<Optimizer>(std::move(optimizer)) {}
  /// Throws ValueError naming the nearest known optimizer, or the nearest argument.
  OptimizerPtr(const char* identifier) : OptimizerPtr(std::string(identifier)) {}
  OptimizerPtr(const std::string& identifier);
};

/// The optimizer of a class name from its config; throws as OptimizerPtr.
OptimizerPtr make_optimizer(const std::string& class_name, const Attributes& config);
std::vector<std::string> optimizer_names();

}  // namespace sinew
