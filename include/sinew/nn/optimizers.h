#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sinew/nn/identifier.h"
#include "sinew/nn/layer.h"

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
  /// Constructor arguments under Keras's names; the learning rate as it is now. Absent means None.
  Attributes config() const;
  /// class_name() and config() as text that OptimizerPtr reads.
  std::string identifier() const;
  /// Prefix of the variables' names: "adam", "sgd".
  const std::string& name() const { return name_; }

  /// Makes the slots of these weights, zero, named as Keras does: "adam/dense_kernel_momentum".
  /// Runs once; throws ValueError when the weights are not those of the first time.
  void build(const std::vector<VariablePtr>& weights);
  /// Appends to the context's graph one step of gradient descent: clipping, weight decay, the rule
  /// itself, and the count of iterations. `gradients` has one Value a weight, of its type.
  void apply(CallContext& context, const std::vector<VariablePtr>& weights,
             const std::vector<Value>& gradients);

  /// Float32 scalar; assigning to it takes effect at the next step, without compiling anew.
  const VariablePtr& learning_rate() const { return learning_rate_; }
  void set_learning_rate(double rate);
  /// Int64 scalar: steps taken.
  const VariablePtr& iterations() const { return iterations_; }
  /// iterations, learning rate, slots: what a checkpoint keeps. Slots are there after build().
  std::vector<VariablePtr> variables() const;

 protected:
  Optimizer(std::string name, double learning_rate, OptimizerCommon common);

  /// The rule's own arguments, without those that all share.
  virtual Attributes rule_config() const = 0;
  /// Names of the slots a weight has, such as {"momentum", "velocity"}.
  virtual std::vector<std::string> slot_names() const = 0;
  /// What the rule sees of one weight, all of the weight's dtype.
  struct Rule {
    CallContext& context;
    Value weight;
    Value gradient;
    Value learning_rate;
    /// 1 in the first step.
    Value step;
    /// One a slot name.
    std::vector<VariablePtr> slots;
  };
  /// The weight's new value; updates the slots by rule.context.assign().
  virtual Value update(const Rule& rule) = 0;

 private:
  std::vector<Value> clip(const std::vector<Value>& gradients) const;

  std::string name_;
  OptimizerCommon common_;
  VariablePtr learning_rate_;
  VariablePtr iterations_;
  std::vector<VariablePtr> weights_;
  /// One list a weight.
  std::vector<std::vector<VariablePtr>> slots_;
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

namespace optimizers {

struct SGDOptions {
  double learning_rate = 0.01;
  double momentum = 0.0;
  bool nesterov = false;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  std::string name = "sgd";
};
/// w -= lr g; with momentum v = momentum v - lr g, w += v, or w += momentum v - lr g for Nesterov's
/// (Sutskever et al. 2013).
OptimizerPtr SGD(SGDOptions options = {});

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  std::string name = "adam";
};
/// Kingma and Ba 2015, section 2, in the form that ends it: m += (g - m)(1 - beta_1), v += (g^2 -
/// v)(1 - beta_2), w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon). With
/// amsgrad the largest v so far stands in the denominator (Reddi et al. 2018).
OptimizerPtr Adam(AdamOptions options = {});

}  // namespace optimizers
}  // namespace sinew
