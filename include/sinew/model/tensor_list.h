#pragma once

#include <initializer_list>
#include <vector>

#include "sinew/base/tensor.h"

namespace sinew {

/// One tensor an input (or output) of a model: a single Tensor converts to a list of one.
class TensorList : public std::vector<Tensor> {
 public:
  using std::vector<Tensor>::vector;
  /// An undefined tensor gives an empty list.
  TensorList(Tensor tensor) {
    if (tensor.defined()) push_back(std::move(tensor));
  }
  TensorList(std::vector<Tensor> tensors) : std::vector<Tensor>(std::move(tensors)) {}
  TensorList(std::initializer_list<Tensor> tensors) : std::vector<Tensor>(tensors) {}
};

}  // namespace sinew
