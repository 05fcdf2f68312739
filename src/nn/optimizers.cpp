#include "sinew/nn/optimizers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "nn/clipping.h"
#include "nn/config.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew {

Optimizer::Optimizer(std::string name, double learning_rate, OptimizerCommon common)
    : name_(std::move(name)),
      common_(common),
      learning_rate_(
          std::make_shared<Variable>(name_ + "/learning_rate", Tensor::full({}, learning_rate))),
      iterations_(std::make_shared<Variable>(name_ + "/iterations", DType::Int64, Shape{})) {
  if (!(learning_rate >= 0.0)) {
    throw ValueError(fmt::format("optimizer {}: learning_rate is {}; it must not be negative",
                                 name_, learning_rate));
  }
  const int clips = common_.clipnorm.has_value() + common_.clipvalue.has_value() +
                    common_.global_clipnorm.has_value();
  if (clips > 1) {
    throw ValueError(fmt::format(
        "optimizer {}: at most one of clipnorm, clipvalue and global_clipnorm may be given",
        name_));
  }
  const auto check = [this](const char* option, const std::optional<double>& value) {
    if (value && !(*value > 0.0)) {
      throw ValueError(
          fmt::format("optimizer {}: {} is {}; it must be positive", name_, option, *value));
    }
  };
  check("clipnorm", common_.clipnorm);
  check("clipvalue", common_.clipvalue);
  check("global_clipnorm", common_.global_clipnorm);
  if (common_.weight_decay && !(*common_.weight_decay >= 0.0)) {
    throw ValueError(fmt::format("optimizer {}: weight_decay is {}; it must not be negative", name_,
                                 *common_.weight_decay));
  }
}

Attributes Optimizer::config() const {
  Attributes config = rule_config();
  config.set("name", name_);
  config.set("learning_rate", learning_rate_->value().at(0));
  const auto set = [&config](const char* key, const std::optional<double>& value) {
    if (value) config.set(key, *value);
  };
  set("weight_decay", common_.weight_decay);
  set("clipnorm", common_.clipnorm);
  set("clipvalue", common_.clipvalue);
  set("global_clipnorm", common_.global_clipnorm);
  return config;
}

std::string Optimizer::identifier() const { return Identifier{class_name(), config()}.str(); }

void Optimizer::set_learning_rate(double rate) { learning_rate_->assign(Tensor::full({}, rate)); }

void Optimizer::build(const std::vector<VariablePtr>& weights) {
  if (!weights_.empty()) {
    if (weights_ != weights) {
      throw ValueError(fmt::format(
          "optimizer {}: it was made for {} other weights; make a new optimizer for this model",
          name_, weights_.size()));
    }
    return;
  }
  weights_ = weights;
  for (const VariablePtr& weight : weights) {
    std::string path = weight->name();
    std::replace(path.begin(), path.end(), '/', '_');
    std::vector<VariablePtr> slots;
    for (const std::string& slot : slot_names()) {
      slots.push_back(std::make_shared<Variable>(fmt::format("{}/{}_{}", name_, path, slot),
                                                 weight->dtype(), weight->shape()));
    }
    slots_.push_back(std::move(slots));
  }
}

void Optimizer::apply(CallContext& context, const std::vector<VariablePtr>& weights,
                      const std::vector<Value>& gradients) {
  if (weights.size() != gradients.size()) {
    throw InternalError(fmt::format("optimizer {}: {} weights but {} gradients", name_,
                                    weights.size(), gradients.size()));
  }
  build(weights);
  const Graph::Scope scope(context.graph, "optimizer " + name_);
  const std::vector<Value> clipped = clip(gradients);
  const Value step =
      context.current(iterations_) + context.graph.constant(Tensor::scalar(std::int64_t{1}));
  const Value rate = context.current(learning_rate_);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto in_dtype = [&](Value value) {
      return value.dtype() == weights[i]->dtype() ? value : ops::cast(value, weights[i]->dtype());
    };
    Rule rule{context,        context.graph.variable(weights[i]),
              clipped[i],     in_dtype(rate),
              in_dtype(step), slots_[i]};
    if (common_.weight_decay)
      rule.weight = rule.weight - rule.weight * (*common_.weight_decay * rule.learning_rate);
    context.assign(weights[i], update(rule));
  }
  context.assign(iterations_, step);
}

std::vector<Value> Optimizer::clip(const std::vector<Value>& gradients) const {
  if (common_.clipvalue) return clip_by_value(gradients, *common_.clipvalue);
  if (common_.clipnorm) return clip_by_norm(gradients, *common_.clipnorm);
  if (common_.global_clipnorm) return clip_by_global_norm(gradients, *common_.global_clipnorm);
  return gradients;
}

std::vector<VariablePtr> Optimizer::variables() const {
  std::vector<VariablePtr> all = {iterations_, learning_rate_};
  for (const auto& slots : slots_) all.insert(all.end(), slots.begin(), slots.end());
  return all;
}

}  // namespace sinew
