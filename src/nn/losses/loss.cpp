#include "sinew/nn/losses/loss.h"

#include <fmt/format.h>

#include <algorithm>

#include "nn/losses/registry.h"
#include "nn/targets.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

const std::vector<losses::LossClass>& classes() {
  static const auto table = [] {
    std::vector<losses::LossClass> result;
    for (const auto& family :
         {losses::regression_losses(), losses::crossentropy_losses(), losses::focal_losses(),
          losses::divergence_losses(), losses::hinge_losses(), losses::overlap_losses(),
          losses::embedding_losses(), losses::ctc_losses()}) {
      result.insert(result.end(), family.begin(), family.end());
    }
    return result;
  }();
  return table;
}

/// By class name, function name or alias.
const losses::LossClass& class_of(const Identifier& identifier) {
  const auto same = [key = identifier.key()](const char* name) {
    return Identifier{name}.key() == key;
  };
  for (const losses::LossClass& loss : classes()) {
    if (same(loss.class_name) || same(loss.function_name) ||
        std::any_of(loss.aliases.begin(), loss.aliases.end(), same))
      return loss;
  }
  throw ValueError(unknown_name_message("loss", identifier.name, loss_names()));
}

void check_reduction(const std::string& loss, const std::string& reduction) {
  const std::vector<std::string> known = {"sum_over_batch_size", "mean", "sum",
                                          "mean_with_sample_weight", "none"};
  if (std::find(known.begin(), known.end(), reduction) == known.end()) {
    throw ValueError(
        fmt::format("loss {}: {}", loss, unknown_name_message("reduction", reduction, known)));
  }
}

/// a / b, and 0 where b is. The divisor that is not used is made 1, so that no gradient is 0 times
/// infinity.
Value divide_no_nan(Value a, Value b) {
  const Value none = ops::equal(b, ops::zeros_like(b));
  return ops::where(none, ops::zeros_like(a), a / ops::where(none, ops::ones_like(b), b));
}

/// Weights that leave out what does not count; those of a mean make up for it.
Value mask_weights(Value mask, Value weights, DType dtype, const std::string& reduction) {
  Value counts = ops::cast(mask, dtype);
  if (reduction == "mean" || reduction == "sum_over_batch_size") {
    const double all = static_cast<double>(mask.shape().numel());
    counts = counts * divide_no_nan(ops::scalar_like(counts, all), ops::sum(counts));
  }
  return weights ? weights * counts : counts;
}

}  // namespace

Loss::Loss(const std::string& identifier) : Loss(Identifier::parse(identifier, "loss")) {}

Loss::Loss(Identifier identifier) {
  const losses::LossClass& loss = class_of(identifier);
  ConfigReader reader("loss " + identifier.name, identifier.arguments);
  losses::MadeLoss made = loss.make(reader);
  check_reduction(identifier.name, made.reduction);
  function_ = std::move(made.function);
  name_ = loss.function_name;
  identifier_ = {loss.class_name, std::move(made.arguments)};
  reduction_ = std::move(made.reduction);
  // With the classes along another axis, class numbers have a shape of their own.
  const bool elsewhere = identifier_.arguments.has("axis");
  targets_ =
      loss.targets == TargetKind::ClassNumbers && elsewhere ? TargetKind::Labels : loss.targets;
}

std::string Loss::identifier() const {
  if (identifier_.name.empty()) {
    throw ValueError(
        fmt::format("loss {} is a function of Values and cannot be saved; use a named one", name_));
  }
  return identifier_.str();
}

std::optional<std::int64_t> Loss::ignored_class() const {
  const AttributeValue* given = identifier_.arguments.find("ignore_class");
  return given ? std::optional(std::get<std::int64_t>(*given)) : std::nullopt;
}

LossValues Loss::masked_call(Value y_true, Value y_pred) const {
  if (!function_) throw ValueError("a loss is needed, but none was given");
  const Graph::Scope scope(y_pred.graph(), "loss " + name_);
  return function_(y_true, y_pred);
}

Value Loss::operator()(Value y_true, Value y_pred, Value sample_weight, Value mask) const {
  const auto [values, own_mask] = masked_call(y_true, y_pred);
  const Graph::Scope scope(y_pred.graph(), "loss " + name_);
  Value weights;
  if (sample_weight) weights = align_weights("loss " + name_, sample_weight, values);
  if (mask) mask = align_weights("loss " + name_, mask, values, "masks");
  if (own_mask) mask = mask ? mask * ops::cast(own_mask, values.dtype()) : own_mask;
  if (mask) weights = mask_weights(mask, weights, values.dtype(), reduction_);
  const Value weighted = weights ? values * weights : values;
  if (reduction_ == "none") return weighted;
  const Value sum = ops::sum(weighted);
  if (reduction_ == "sum") return sum;
  if (reduction_ == "mean_with_sample_weight" && weights)
    return divide_no_nan(sum, ops::sum(weights));
  return sum / static_cast<double>(weighted.shape().numel());
}

std::vector<Signature> loss_signatures() {
  std::vector<Signature> signatures;
  for (const losses::LossClass& loss : classes()) {
    signatures.push_back(
        {loss.class_name,
         loss.function_name,
         {loss.aliases.begin(), loss.aliases.end()},
         arguments_of([&](ConfigReader& lister) { loss.make(lister); }, {"name", "dtype"})});
  }
  return signatures;
}

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const losses::LossClass& loss : classes()) {
    names.emplace_back(loss.function_name);
    names.insert(names.end(), loss.aliases.begin(), loss.aliases.end());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace sinew
