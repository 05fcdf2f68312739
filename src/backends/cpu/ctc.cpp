// Connectionist temporal classification: the logarithms of forward probabilities, step by step, for
// all prefixes of a row's labels; and, backward, the adjoint of the same recursion. About 8 sums of
// logarithms a label and step, in float64: bound by exp and log. A row is a task. The recursion,
// with a large number in place of infinity, is that of Keras's JAX backend (optax's ctc_loss).

#include <algorithm>
#include <cmath>
#include <span>

#include "backends/cpu/registry.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

constexpr double kImpossible = -1e5;

double log_add(double a, double b) {
  return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
}

/// Logarithms of the probabilities of all alignments of the first steps with the first labels:
/// `blank[n]` of those with n labels that end in a blank, `label[n]` of those that end in label n.
struct Prefixes {
  double* blank;
  double* label;
};

/// One row's labels and what its steps predict.
template <typename T>
struct Row {
  const T* logits;
  std::span<const std::int64_t> labels;
  std::int64_t classes;
  /// log(sum(e^logits)) of each step.
  double* log_sums;

  double log_probability(std::int64_t step, std::int64_t of) const {
    if (of < 0 || of >= classes) return kImpossible;
    return static_cast<double>(logits[step * classes + of]) - log_sums[step];
  }
  /// Whether a blank must come between a label and the next.
  bool repeats(std::size_t n) const { return n + 1 < labels.size() && labels[n] == labels[n + 1]; }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::count_if(labels.begin(), labels.end(), [](std::int64_t of) { return of != 0; }));
  }
};

/// What can be left for the next label: a blank, or the label itself where the next differs.
template <typename T>
double left_with(const Row<T>& row, const Prefixes& now, std::size_t n) {
  if (n == 0) return now.blank[0];
  return log_add(now.blank[n], now.label[n - 1] + (row.repeats(n - 1) ? kImpossible : 0.0));
}
/// What a blank may follow besides: a label whose next is the same.
template <typename T>
double held_back(const Row<T>& row, const Prefixes& now, std::size_t n) {
  return now.label[n] + (row.repeats(n) ? 0.0 : kImpossible);
}

template <typename T>
void advance(const Row<T>& row, std::int64_t step, const Prefixes& now, const Prefixes& next) {
  const double blank = row.log_probability(step, 0);
  next.blank[0] = now.blank[0] + blank;
  for (std::size_t n = 0; n < row.labels.size(); ++n) {
    next.label[n] =
        log_add(left_with(row, now, n), now.label[n]) + row.log_probability(step, row.labels[n]);
    next.blank[n + 1] = log_add(left_with(row, now, n + 1), held_back(row, now, n)) + blank;
  }
}

/// Adds d(loss)/d(log probability) to the step's row of `slopes` and turns the adjoints of `next`
/// into those of `now`. `left` is memory for one number more than there are labels.
template <typename T>
void retreat(const Row<T>& row, std::int64_t step, const Prefixes& now, const Prefixes& next,
             const Prefixes& adjoint, double* left, T* slopes) {
  const double blank = row.log_probability(step, 0);
  const std::size_t labels = row.labels.size();
  slopes[0] += static_cast<T>(adjoint.blank[0]);
  left[0] = adjoint.blank[0];
  for (std::size_t n = 0; n < labels; ++n) {
    const double to_blank = adjoint.blank[n + 1];
    const double to_label = adjoint.label[n];
    const double label_sum = next.label[n] - row.log_probability(step, row.labels[n]);
    const double blank_sum = next.blank[n + 1] - blank;
    slopes[0] += static_cast<T>(to_blank);
    if (row.labels[n] >= 0 && row.labels[n] < row.classes)
      slopes[row.labels[n]] += static_cast<T>(to_label);
    left[n] += to_label * std::exp(left_with(row, now, n) - label_sum);
    left[n + 1] = to_blank * std::exp(left_with(row, now, n + 1) - blank_sum);
    adjoint.label[n] = to_label * std::exp(now.label[n] - label_sum) +
                       to_blank * std::exp(held_back(row, now, n) - blank_sum);
  }
  adjoint.blank[0] = left[0];
  for (std::size_t n = 0; n < labels; ++n) {
    const double sum = left_with(row, now, n + 1);
    adjoint.blank[n + 1] = left[n + 1] * std::exp(now.blank[n + 1] - sum);
    if (!row.repeats(n)) adjoint.label[n] += left[n + 1] * std::exp(now.label[n] - sum);
  }
}

template <typename T>
class Ctc : public Kernel {
 public:
  Ctc(const KernelRequest& request, bool backward)
      : backward_(backward),
        rows_(request.inputs[0].shape[0]),
        steps_(request.inputs[0].shape[1]),
        classes_(request.inputs[0].shape[2]),
        labels_(request.inputs[1].shape[1]) {}

  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(rows_ * row_numbers()) * sizeof(double);
  }

  void run(const KernelArguments& a) override {
    parallel_for(rows_, [&](std::int64_t task) {
      double* scratch = static_cast<double*>(a.scratch) + task * row_numbers();
      const Row<T> row{
          .logits = static_cast<const T*>(a.inputs[0]) + task * steps_ * classes_,
          .labels = std::span(static_cast<const std::int64_t*>(a.inputs[1]) + task * labels_,
                              static_cast<std::size_t>(labels_)),
          .classes = classes_,
          .log_sums = scratch};
      const double loss = forward(row, scratch + steps_);
      if (!backward_) {
        static_cast<T*>(a.outputs[0])[task] = static_cast<T>(loss);
        return;
      }
      backward(row, scratch + steps_, static_cast<const T*>(a.inputs[2])[task], loss,
               static_cast<T*>(a.outputs[0]) + task * steps_ * classes_);
    });
  }

 private:
  std::int64_t prefix_numbers() const { return 2 * labels_ + 1; }
  /// The steps' sums, prefixes before each step and after the last, adjoints, and one row more.
  std::int64_t row_numbers() const { return steps_ + (steps_ + 3) * prefix_numbers(); }
  Prefixes prefixes(double* memory, std::int64_t step) const {
    double* blank = memory + step * prefix_numbers();
    return {blank, blank + labels_ + 1};
  }

  double forward(const Row<T>& row, double* memory) const {
    for (std::int64_t step = 0; step < steps_; ++step) {
      const T* x = row.logits + step * classes_;
      const double largest = *std::max_element(x, x + classes_);
      double sum = 0;
      for (std::int64_t i = 0; i < classes_; ++i) sum += std::exp(x[i] - largest);
      row.log_sums[step] = largest + std::log(sum);
    }
    std::fill(memory, memory + prefix_numbers(), kImpossible);
    memory[0] = 0.0;
    for (std::int64_t step = 0; step < steps_; ++step)
      advance(row, step, prefixes(memory, step), prefixes(memory, step + 1));
    const Prefixes last = prefixes(memory, steps_);
    const std::size_t count = row.count();
    return count == 0 ? -last.blank[0] : -log_add(last.blank[count], last.label[count - 1]);
  }

  void backward(const Row<T>& row, double* memory, double dy, double loss, T* out) const {
    const Prefixes last = prefixes(memory, steps_);
    const Prefixes adjoint = prefixes(memory, steps_ + 1);
    double* left = prefixes(memory, steps_ + 2).blank;
    std::fill(adjoint.blank, adjoint.blank + prefix_numbers(), 0.0);
    const std::size_t count = row.count();
    adjoint.blank[count] = -dy * (count == 0 ? 1.0 : std::exp(last.blank[count] + loss));
    if (count > 0) adjoint.label[count - 1] = -dy * std::exp(last.label[count - 1] + loss);
    std::fill(out, out + steps_ * classes_, T{0});
    for (std::int64_t step = steps_ - 1; step >= 0; --step) {
      T* slopes = out + step * classes_;
      retreat(row, step, prefixes(memory, step), prefixes(memory, step + 1), adjoint, left, slopes);
      double sum = 0;
      for (std::int64_t i = 0; i < classes_; ++i) sum += slopes[i];
      for (std::int64_t i = 0; i < classes_; ++i)
        slopes[i] -= static_cast<T>(sum * std::exp(row.log_probability(step, i)));
    }
  }

  bool backward_;
  std::int64_t rows_, steps_, classes_, labels_;
};

template <bool backward>
std::unique_ptr<Kernel> create(const KernelRequest& request) {
  if (request.outputs[0].dtype == DType::Float64)
    return std::make_unique<Ctc<double>>(request, backward);
  return std::make_unique<Ctc<float>>(request, backward);
}

const RegisterKernel ctc({.op = "ctc_loss", .create = create<false>});
const RegisterKernel ctc_backward({.op = "ctc_loss_backward", .create = create<true>});

}  // namespace
}  // namespace sinew::cpu
