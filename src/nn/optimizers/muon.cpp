#include <algorithm>
#include <cctype>
#include <cmath>

#include "nn/optimizers/adam_step.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class MuonRule final : public ConfiguredOptimizer<MuonRule, MuonOptions> {
 public:
  explicit MuonRule(const MuonOptions& options) : ConfiguredOptimizer(options) {
    expect_fraction(options.name, "adam_beta_1", options.adam_beta_1);
    expect_fraction(options.name, "adam_beta_2", options.adam_beta_2);
    expect_not_negative(options.name, "epsilon", options.epsilon);
    expect_fraction(options.name, "momentum", options.momentum, true);
    expect_not_negative(options.name, "ns_steps", static_cast<double>(options.ns_steps));
    for (const std::string& layer : options.exclude_layers) found_in(layer, "");
  }

  std::string class_name() const override { return "Muon"; }

  static void fields(auto& options, auto& visit) {
    visit("adam_beta_1", options.adam_beta_1);
    visit("adam_beta_2", options.adam_beta_2);
    visit("adam_weight_decay", options.adam_weight_decay);
    visit("epsilon", options.epsilon);
    visit("exclude_layers", options.exclude_layers);
    visit("exclude_embeddings", options.exclude_embeddings);
    visit("muon_a", options.muon_a);
    visit("muon_b", options.muon_b);
    visit("muon_c", options.muon_c);
    visit("adam_lr_ratio", options.adam_lr_ratio);
    visit("momentum", options.momentum);
    visit("ns_steps", options.ns_steps);
    visit("nesterov", options.nesterov);
    visit("rms_rate", options.rms_rate);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>& weights) override {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      add_slot(i, "momentum", weights[i]->shape());
      if (follows_adam(*weights[i])) add_slot(i, "velocity", weights[i]->shape());
    }
  }

  std::optional<double> weight_decay_of(const Variable& weight) const override {
    return follows_adam(weight) ? options().adam_weight_decay : options().weight_decay;
  }

  Attributes rule_config() const override {
    Attributes config = ConfiguredOptimizer::rule_config();
    const auto keep_none = [&](const char* name, const std::optional<double>& value) {
      if (!value) config.set(name, std::string(kNone));
    };
    keep_none("weight_decay", options().weight_decay);
    keep_none("adam_weight_decay", options().adam_weight_decay);
    keep_none("rms_rate", options().rms_rate);
    return config;
  }

  Value update(const Rule& rule) override {
    if (follows_adam(rule.variable)) {
      return adam_step(rule, rule.learning_rate * options().adam_lr_ratio,
                       {options().adam_beta_1, options().adam_beta_2, options().epsilon});
    }
    const Value g = rule.gradient;
    const double decay = options().momentum;
    const Value momentum = rule.assign("momentum", decay * rule.slot("momentum") + g);
    const Value step = orthogonal(options().nesterov ? g + decay * momentum : momentum);
    return rule.weight - rule.learning_rate * scale(rule.variable.shape()) * step;
  }

 private:
  bool follows_adam(const Variable& weight) const {
    if (weight.shape().rank() != 2) return true;
    std::string path = weight.name();
    for (const std::string& layer : options().exclude_layers) {
      if (found_in(layer, path)) return true;
    }
    for (char& letter : path) letter = static_cast<char>(std::tolower(letter));
    return options().exclude_embeddings && path.find("embedding") != std::string::npos;
  }

  double scale(const Shape& shape) const {
    const auto longer = static_cast<double>(std::max(shape[0], shape[1]));
    return options().rms_rate ? std::sqrt(longer) * *options().rms_rate : 1.0;
  }

  /// A matrix's singular values brought near 1 by Newton-Schulz iterations, which work on the
  /// shorter side's products.
  Value orthogonal(Value matrix) const {
    const bool tall = matrix.dim(0) > matrix.dim(1);
    Value x = tall ? ops::transpose(matrix) : matrix;
    x = x / (ops::sqrt(ops::sum(ops::square(x))) + 1e-7);
    for (std::int64_t i = 0; i < options().ns_steps; ++i) {
      const Value a = ops::matmul(x, x, {.transpose_b = true});
      const Value b = options().muon_b * a + options().muon_c * ops::matmul(a, a);
      x = options().muon_a * x + ops::matmul(b, x);
    }
    return tall ? ops::transpose(x) : x;
  }
};

const RegisterConfiguredOptimizer<MuonRule> registered("Muon");

}  // namespace

OptimizerPtr Muon(MuonOptions options) { return optimizer_of<MuonRule>(options); }

}  // namespace sinew::optimizers
