#include "sinew/nn/losses/ctc.h"

#include <fmt/format.h>

#include "nn/losses/registry.h"
#include "sinew/ops/ops.h"

namespace sinew::losses {
namespace {

Value ctc(Value y_true, Value y_pred) {
  if (y_true.rank() != 2 || y_pred.rank() != 3 || y_true.dim(0) != y_pred.dim(0)) {
    throw ShapeError(fmt::format(
        "ctc: y_true has shape {} and y_pred has shape {}: labels (N, length) and logits (N, "
        "steps, classes) are wanted",
        y_true.shape().str(), y_pred.shape().str()));
  }
  return ops::ctc_loss(y_pred, ops::cast(y_true, DType::Int64));
}

}  // namespace

Loss CTC(LossOptions o) { return made("CTC", o); }

std::vector<LossClass> ctc_losses() {
  return {{"CTC", "ctc", {}, make_loss<LossOptions, ctc>, TargetKind::Labels}};
}

}  // namespace sinew::losses
