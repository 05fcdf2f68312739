#pragma once

#include <cmath>
#include <deque>
#include <functional>
#include <vector>

#include "nn/keras_record.h"
#include "sinew/nn/optimizers.h"

/// Optimizers beside their published rules in plain double loops.
namespace sinew {

using Numbers = std::vector<double>;

/// What a rule keeps of one weight.
struct Followed {
  Shape shape;
  Numbers value;
  /// Beginning with zeros; as many as a rule wants. References to them stay.
  std::deque<Numbers> state = {};

  Numbers& slot(std::size_t index, double initial = 0) {
    while (state.size() <= index) state.push_back(Numbers(value.size(), initial));
    return state[index];
  }
};

/// Moves a weight: the t-th step (from 1) of its gradient.
using PublishedRule = std::function<void(double t, Followed& weight, const Numbers& gradient)>;

/// A rule for each number by itself: `rule(t, w, g, state)` gives the new w.
using NumberRule = std::function<double(double t, double w, double g, std::vector<double>& state)>;
inline PublishedRule each_number(NumberRule rule, std::vector<double> initial = {0, 0, 0}) {
  return [=](double t, Followed& weight, const Numbers& gradient) {
    for (std::size_t i = 0; i < weight.value.size(); ++i) {
      std::vector<double> state;
      for (std::size_t k = 0; k < initial.size(); ++k)
        state.push_back(weight.slot(k, initial[k])[i]);
      weight.value[i] = rule(t, weight.value[i], gradient[i], state);
      for (std::size_t k = 0; k < initial.size(); ++k) weight.slot(k)[i] = state[k];
    }
  };
}

inline const std::vector<std::pair<std::string, Shape>> kFollowed = {{"dense/kernel", {3, 2}},
                                                                     {"dense/bias", {3}},
                                                                     {"wide/kernel", {2, 4}},
                                                                     {"conv/kernel", {2, 2, 2}}};
constexpr int kOptimizerSteps = 10;
/// Learning rates are float32 variables: tests use one that float32 holds exactly.
constexpr double kRate = 0.125;

inline Numbers numbers(const Tensor& tensor) {
  Numbers result;
  for (std::int64_t i = 0; i < tensor.numel(); ++i) result.push_back(tensor.at(i));
  return result;
}

inline std::vector<Followed> first_weights() {
  std::vector<Followed> weights;
  for (const auto& [name, shape] : kFollowed)
    weights.push_back({shape, numbers(wave(shape, static_cast<double>(weights.size())))});
  return weights;
}

/// The gradients of a step, from 1: made up, and of different size from step to step.
inline std::vector<Numbers> gradients_of_step(int step) {
  std::vector<Numbers> gradients;
  for (const auto& [name, shape] : kFollowed) {
    gradients.push_back(numbers(wave(shape, 3.0 * step + static_cast<double>(gradients.size()))));
    for (double& value : gradients.back()) value *= 1.0 + 0.5 * std::cos(2.0 * step);
  }
  return gradients;
}

/// An optimizer with a compiled step of its own.
class Stepper {
 public:
  explicit Stepper(OptimizerPtr optimizer, DType dtype = DType::Float64)
      : optimizer_(std::move(optimizer)), dtype_(dtype) {
    for (const Followed& weight : first_weights()) {
      weights_.push_back(std::make_shared<Variable>(
          kFollowed[weights_.size()].first, f64(weight.value, weight.shape).cast(dtype), true));
    }
  }

  /// `step` numbers the gradients, which are multiplied by `factor`.
  void step(int step, double factor = 1) {
    if (!executable_) compile();
    std::vector<Tensor> gradients;
    for (Numbers& gradient : gradients_of_step(step)) {
      for (double& value : gradient) value *= factor;
      gradients.push_back(f64(gradient, kFollowed[gradients.size()].second).cast(dtype_));
    }
    executable_->run(gradients);
  }

  std::vector<Numbers> values() const {
    std::vector<Numbers> result;
    for (const VariablePtr& weight : weights_) result.push_back(numbers(weight->value()));
    return result;
  }
  const std::vector<VariablePtr>& weights() const { return weights_; }
  Optimizer& optimizer() const { return *optimizer_; }

 private:
  void compile() {
    Graph graph;
    CallContext context{.graph = graph, .training = true};
    std::vector<Value> gradients;
    for (const auto& [name, shape] : kFollowed)
      gradients.push_back(graph.input("g" + std::to_string(gradients.size()), dtype_, shape));
    optimizer_->apply(context, weights_, gradients);
    executable_ = compiler::compile(std::move(graph));
  }

  OptimizerPtr optimizer_;
  DType dtype_;
  std::vector<VariablePtr> weights_;
  std::unique_ptr<runtime::Executable> executable_;
};

/// False, and a failed test, at the first number that differs.
inline bool expect_numbers(const std::vector<Numbers>& found, const std::vector<Followed>& wanted,
                           double tolerance, int step) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    for (std::size_t k = 0; k < wanted[i].value.size(); ++k) {
      const double value = wanted[i].value[k];
      const double limit = tolerance * std::max(1.0, std::abs(value));
      EXPECT_NEAR(found[i][k], value, limit)
          << "step " << step << ", number " << k << " of " << kFollowed[i].first;
      if (!(std::abs(found[i][k] - value) <= limit)) return false;
    }
  }
  return true;
}

/// Ten steps, in both dtypes.
inline void expect_follows(const std::function<OptimizerPtr()>& make, const PublishedRule& rule) {
  for (const auto& [dtype, tolerance] :
       {std::pair{DType::Float64, 1e-12}, {DType::Float32, 2e-5}}) {
    Stepper stepper(make(), dtype);
    std::vector<Followed> reference = first_weights();
    for (int step = 1; step <= kOptimizerSteps; ++step) {
      stepper.step(step);
      const std::vector<Numbers> gradients = gradients_of_step(step);
      for (std::size_t i = 0; i < reference.size(); ++i) rule(step, reference[i], gradients[i]);
      if (!expect_numbers(stepper.values(), reference, tolerance, step)) return;
    }
  }
}

}  // namespace sinew
