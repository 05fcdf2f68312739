#pragma once

#include <sinew/sinew.h>

#include <string>
#include <vector>

#include "../protocol.h"

namespace compare {

/// A model with one batch to train on or to predict.
class Network {
 public:
  /// A "prepare" request: config, weights and data files, loss, training, perhaps a dtype_policy.
  explicit Network(const Json& request);

  /// One training step, or one prediction.
  void step();
  /// Writes "output" for the initial weights and, of a model that trains, its "loss" and the
  /// gradient of each weight.
  void check(const std::string& path);

 private:
  sinew::CompileArguments arguments(sinew::OptimizerPtr optimizer) const;

  sinew::Model model_;
  std::vector<sinew::Tensor> weights_;
  sinew::Tensor x_;
  sinew::Tensor y_;
  std::string loss_;
  std::string dtype_policy_;
};

}  // namespace compare
