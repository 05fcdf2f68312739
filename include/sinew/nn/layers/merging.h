#pragma once

#include <vector>

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

struct DotOptions {
  /// Divides each input by its Euclidean norm along its axis first: cosine similarity.
  bool normalize = false;
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Sample by sample the sum of products of two inputs along one axis of each, counted with the
/// batch's: (N, A…, K, B…) and (N, C…, K, D…) -> (N, A…, B…, C…, D…); (N, K) and (N, K) -> (N, 1).
LayerPtr Dot(std::vector<std::int64_t> axes, DotOptions options = {});
LayerPtr Dot(std::int64_t axes, DotOptions options = {});

}  // namespace sinew::layers
