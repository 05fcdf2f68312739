#include "sinew/nn/optimizers/optimizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"

namespace sinew {
namespace {

void check(const std::string& optimizer, const OptimizerCommon& common) {
  const auto expect = [&](const char* option, const auto& value, auto least, const char* wanted) {
    if (value && !(*value >= least)) {
      throw ValueError(
          fmt::format("optimizer {}: {} is {}; it must {}", optimizer, option, *value, wanted));
    }
  };
  const auto expect_positive = [&](const char* option, const std::optional<double>& value) {
    expect(option, value, std::numeric_limits<double>::min(), "be positive");
  };
  const int clips = common.clipnorm.has_value() + common.clipvalue.has_value() +
                    common.global_clipnorm.has_value();
  if (clips > 1) {
    throw ValueError(fmt::format(
        "optimizer {}: at most one of clipnorm, clipvalue and global_clipnorm may be given",
        optimizer));
  }
  expect_positive("clipnorm", common.clipnorm);
  expect_positive("clipvalue", common.clipvalue);
  expect_positive("global_clipnorm", common.global_clipnorm);
  expect("weight_decay", common.weight_decay, 0.0, "not be negative");
  expect_positive("loss_scale_factor", common.loss_scale_factor);
  expect("gradient_accumulation_steps", common.gradient_accumulation_steps, 2, "be at least 2");
  if (common.use_ema) {
    expect_fraction(optimizer, "ema_momentum", common.ema_momentum, true);
    expect("ema_overwrite_frequency", common.ema_overwrite_frequency, 1, "be at least 1");
  }
}

/// `kernel` of `dense/kernel`: what Keras calls a variable's name.
std::string own_name(const Variable& weight) {
  return weight.name().substr(weight.name().rfind('/') + 1);
}

}  // namespace

Optimizer::Optimizer(std::string name, LearningRate learning_rate, OptimizerCommon common)
    : name_(std::move(name)),
      common_(common),
      schedule_(learning_rate.schedule()),
      iteration_(std::make_shared<Variable>(name_ + "/iteration", DType::Int64, Shape{})) {
  if (!schedule_) {
    expect_not_negative(name_, "learning_rate", learning_rate.rate());
    learning_rate_ = std::make_shared<Variable>(name_ + "/learning_rate",
                                                Tensor::full({}, learning_rate.rate()));
  }
  check(name_, common_);
}

Attributes Optimizer::config() const {
  ConfigWriter writer;
  writer("name", name_);
  writer("learning_rate", schedule_ ? LearningRate(schedule_) : LearningRate(learning_rate()));
  common_fields(common_, writer);
  Attributes config = writer.take();
  for (const Attributes::Entry& entry : rule_config()) config.set(entry.first, entry.second);
  return config;
}

std::string Optimizer::identifier() const { return Identifier{class_name(), config()}.str(); }

double Optimizer::learning_rate() const {
  if (!schedule_) return learning_rate_->value().at(0);
  return schedule_->at(static_cast<std::int64_t>(iteration_->value().at(0)));
}

void Optimizer::set_learning_rate(double rate) {
  if (schedule_) {
    throw ValueError(fmt::format(
        "optimizer {}: its learning rate is a {}, which cannot be set: give a number instead",
        name_, schedule_->class_name()));
  }
  learning_rate_->assign(Tensor::full({}, rate));
}

std::int64_t Optimizer::iterations() const {
  const auto steps = static_cast<std::int64_t>(iteration_->value().at(0));
  return steps / common_.gradient_accumulation_steps.value_or(1);
}

void Optimizer::exclude_from_weight_decay(const std::vector<VariablePtr>& weights,
                                          const std::vector<std::string>& names) {
  if (!weights_.empty()) {
    throw ValueError(fmt::format(
        "optimizer {}: exclude_from_weight_decay() comes before the optimizer is built", name_));
  }
  for (const std::string& name : names) found_in(name, "");
  undecayed_weights_ = weights;
  undecayed_names_ = names;
}

bool Optimizer::decays(const Variable& weight) const {
  const auto is_weight = [&](const VariablePtr& other) { return other.get() == &weight; };
  const auto has_name = [&](const std::string& name) { return found_in(name, own_name(weight)); };
  return std::none_of(undecayed_weights_.begin(), undecayed_weights_.end(), is_weight) &&
         std::none_of(undecayed_names_.begin(), undecayed_names_.end(), has_name);
}

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
  slots_.resize(weights.size());
  if (common_.use_ema) averages_ = variables_like_weights("average");
  if (common_.gradient_accumulation_steps)
    accumulators_ = variables_like_weights("gradient_accumulator");
  build_slots(weights);
}

std::vector<VariablePtr> Optimizer::variables() const {
  std::vector<VariablePtr> all = {iteration_};
  if (learning_rate_) all.push_back(learning_rate_);
  for (const auto* part : {&averages_, &accumulators_, &rule_variables_})
    all.insert(all.end(), part->begin(), part->end());
  return all;
}

std::vector<VariablePtr> Optimizer::variables_like_weights(const std::string& name) const {
  std::vector<VariablePtr> result;
  for (const VariablePtr& weight : weights_) {
    result.push_back(
        std::make_shared<Variable>(variable_name(*weight, name), weight->dtype(), weight->shape()));
  }
  return result;
}

std::string Optimizer::variable_name(const Variable& weight, const std::string& name) const {
  std::string path = weight.name();
  std::replace(path.begin(), path.end(), '/', '_');
  return fmt::format("{}/{}_{}", name_, path, name);
}

void Optimizer::add_slots(const std::vector<std::string>& names, double initial) {
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    for (const std::string& name : names) add_slot(i, name, weights_[i]->shape(), initial);
  }
}

void Optimizer::add_slot(std::size_t weight, const std::string& name, const Shape& shape,
                         double initial) {
  const Variable& of = *weights_[weight];
  const auto variable =
      std::make_shared<Variable>(variable_name(of, name), Tensor::full(shape, initial, of.dtype()));
  slots_[weight].push_back({name, variable});
  rule_variables_.push_back(variable);
}

VariablePtr Optimizer::add_variable(const std::string& name, DType dtype, double initial) {
  rule_variables_.push_back(
      std::make_shared<Variable>(name_ + "/" + name, Tensor::full({}, initial, dtype)));
  return rule_variables_.back();
}

}  // namespace sinew
