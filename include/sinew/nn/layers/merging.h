#pragma once

#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew::layers {

struct ConcatenateOptions {
  int axis = -1;
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Joins two or more inputs along an axis; their other extents agree.
LayerPtr Concatenate(ConcatenateOptions options = {});
/// Element by element of two or more inputs of one rank, broadcast as in NumPy: their sum, product,
/// mean, largest and smallest.
LayerPtr Add(LayerOptions options = {});
LayerPtr Multiply(LayerOptions options = {});
LayerPtr Average(LayerOptions options = {});
LayerPtr Maximum(LayerOptions options = {});
LayerPtr Minimum(LayerOptions options = {});
/// The first of two inputs less the second.
LayerPtr Subtract(LayerOptions options = {});

}  // namespace sinew::layers
