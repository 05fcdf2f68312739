#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

namespace compare {

/// A network without its last softmax, which the loss contains. Parameters are named as layouts.py
/// says.
struct Model : torch::nn::Module {
  virtual torch::Tensor forward(torch::Tensor x) = 0;
};

/// Throws std::runtime_error for a kind it does not know.
std::shared_ptr<Model> make_model(const std::string& kind, std::int64_t features,
                                  std::int64_t classes);

}  // namespace compare
