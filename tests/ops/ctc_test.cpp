#include "sinew/ops/ctc.h"

#include <cmath>

#include "ops/op_harness.h"
#include "sinew/ops/ops.h"

namespace sinew::testing_ops {
namespace {

/// What an alignment says: its labels without repetitions and blanks.
std::vector<std::int64_t> collapsed(const std::vector<std::int64_t>& alignment) {
  std::vector<std::int64_t> labels;
  std::int64_t before = 0;
  for (const std::int64_t label : alignment) {
    if (label != 0 && label != before) labels.push_back(label);
    before = label;
  }
  return labels;
}

/// The sum over all alignments, one by one.
double probability(const Array& logits, std::int64_t row, const std::vector<std::int64_t>& labels) {
  const std::int64_t steps = logits.shape[1];
  const std::int64_t classes = logits.shape[2];
  std::vector<double> log_sums;
  for (std::int64_t step = 0; step < steps; ++step) {
    double sum = 0;
    for (std::int64_t c = 0; c < classes; ++c) sum += std::exp(logits.at({row, step, c}));
    log_sums.push_back(std::log(sum));
  }
  double total = 0;
  std::vector<std::int64_t> alignment(static_cast<std::size_t>(steps));
  const auto count = static_cast<std::int64_t>(std::pow(classes, steps));
  for (std::int64_t number = 0; number < count; ++number) {
    std::int64_t rest = number;
    double log_probability = 0;
    for (std::int64_t step = 0; step < steps; ++step) {
      const auto at = static_cast<std::size_t>(step);
      alignment[at] = rest % classes;
      log_probability += logits.at({row, step, alignment[at]}) - log_sums[at];
      rest /= classes;
    }
    if (collapsed(alignment) == labels) total += std::exp(log_probability);
  }
  return total;
}

/// Labels are drawn from {0, 1, 2}; those of the cases are one more, so that none is padding.
OpCase ctc_case(std::int64_t steps, std::int64_t length) {
  return {.name = "steps" + std::to_string(steps) + "_labels" + std::to_string(length),
          .inputs = {{{3, steps, 4}}, {{3, length}, Draw::Index}},
          .build =
              [](const std::vector<Value>& x) {
                const Value one = x[1].graph().constant(Tensor::scalar(std::int64_t{1}));
                return ops::ctc_loss(x[0], x[1] + one);
              },
          .reference =
              [length](const std::vector<Array>& x) {
                Array y(Shape{3});
                for (std::int64_t row = 0; row < 3; ++row) {
                  std::vector<std::int64_t> labels;
                  for (std::int64_t n = 0; n < length; ++n)
                    labels.push_back(static_cast<std::int64_t>(x[1].at({row, n})) + 1);
                  y[row] = -std::log(probability(x[0], row, labels));
                }
                return y;
              },
          .second_order = false,
          .terms = 20};
}

// With at least 2 length - 1 steps there is an alignment whatever the labels.
const std::vector<OpCase> kCases = {ctc_case(1, 1), ctc_case(3, 2), ctc_case(4, 1), ctc_case(5, 3),
                                    ctc_case(6, 3)};
SINEW_OP_TABLE(CtcLoss, kCases);

}  // namespace
}  // namespace sinew::testing_ops
