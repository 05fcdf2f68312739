#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sinew/nn/activations.h"
#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew::layers {

struct DenseOptions {
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// activation(x W + b) over the last axis: (N, …, features) -> (N, …, units). Weights: kernel
/// (features, units), bias (units,).
LayerPtr Dense(std::int64_t units, DenseOptions options = {});

struct EmbeddingOptions {
  Initializer embeddings_initializer = "uniform";
  Regularizer embeddings_regularizer = {};
  Constraint embeddings_constraint = {};
  /// Index 0 is padding: steps that have it are masked.
  bool mask_zero = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// Rows of a table by integer: (N, …) in [0, input_dim) -> (N, …, output_dim). Weights: embeddings
/// (input_dim, output_dim). Floating inputs are truncated to integers, as Keras casts them; one
/// outside the table throws ValueError when the step runs.
LayerPtr Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingOptions options = {});

struct ReversibleEmbeddingOptions {
  /// Whether both ways use one table.
  bool tie_weights = true;
  Initializer embeddings_initializer = "uniform";
  Regularizer embeddings_regularizer = {};
  Constraint embeddings_constraint = {};
  bool mask_zero = false;
  /// Of the way back, products and logits; the layer's where it is not given.
  std::optional<DType> reverse_dtype = {};
  /// Logits become cap tanh(logits / cap).
  std::optional<double> logit_soft_cap = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// An Embedding that also goes back: integers (N, …) -> (N, …, output_dim), and floating (N, …,
/// output_dim) -> logits (N, …, input_dim), the products with all rows of the table, or with a
/// second weight, reverse_embeddings (output_dim, input_dim). Which way follows from the input's
/// type; in Keras it is the call's argument `reverse`.
LayerPtr ReversibleEmbedding(std::int64_t input_dim, std::int64_t output_dim,
                             ReversibleEmbeddingOptions options = {});

/// Masks the steps all of whose features are mask_value, and gives zeros there: (N, …, features) ->
/// the same. Layers that follow pass the mask on or heed it (Layer::supports_masking; recurrent
/// ones heed it in calls without initial states, as in Keras), losses and the metrics that are
/// means leave masked steps out.
LayerPtr Masking(double mask_value = 0.0, LayerOptions options = {});

struct EinsumDenseOptions {
  ActivationFunction activation = {};
  /// Letters of the output along which there is a bias, such as "d"; none by default.
  std::optional<std::string> bias_axes = {};
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// activation(einsum(equation, x, kernel) + bias): "abc,cd->abd" is Dense over the last axis,
/// "...x,xy->...y" the same of any rank, and "ab...,bc->ac..." over the second. `output_shape` is
/// that of a sample, without what "..." stands for; -1 is the input's extent of the same letter.
/// Weights: kernel, of the extents of its letters; bias, from its first letter on, 1 along other
/// axes.
LayerPtr EinsumDense(std::string equation, Shape output_shape, EinsumDenseOptions options = {});

/// Nothing: for places where a layer is wanted.
LayerPtr Identity(LayerOptions options = {});

/// Any function of Values as a layer. It has no weights and no name that a file could keep: saving
/// a model that holds one throws.
LayerPtr Lambda(std::function<Value(Value)> function, LayerOptions options = {});
LayerPtr Lambda(std::function<std::vector<Value>(const std::vector<Value>&)> function,
                LayerOptions options = {});

}  // namespace sinew::layers
