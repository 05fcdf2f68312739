#pragma once

#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew::layers {

struct BidirectionalOptions {
  /// How both directions' results are joined: "concat" (along the last axis), "sum", "mul", "ave",
  /// or "none" for two outputs.
  std::string merge_mode = "concat";
  /// What goes backwards; a layer like `layer` with weights of its own where none is given.
  LayerPtr backward_layer = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// A recurrent layer along a sequence in both directions (Schuster and Paliwal 1997). `layer` is a
/// pattern: what is trained are two layers like it, "forward_…" and "backward_…". With
/// return_sequences the backward results are in the order of the steps, and steps that a mask hides
/// give zeros. Initial states are the forward layer's, then the backward one's; so are the states
/// that follow with return_state. Throws ValueError when `layer` is not recurrent, when both go the
/// same way, or return different things.
LayerPtr Bidirectional(const LayerPtr& layer, BidirectionalOptions options = {});

/// A layer on each step of a sequence, with the same weights: (N, T, …) -> (N, T, …) of its
/// results. Layers that gather statistics of the batch, such as BatchNormalization, see one step
/// after the other.
LayerPtr TimeDistributed(const LayerPtr& layer, LayerOptions options = {});

struct SpectralNormalizationOptions {
  std::int64_t power_iterations = 1;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// A layer whose kernel (or embeddings) is divided by its largest singular value before each
/// training step, found by power iteration (Miyato et al. 2018). Weights: the layer's, and vector_u
/// (1, last extent of the kernel). The normalised kernel takes the kernel's place: gradients are
/// those at it. Throws ValueError when the layer has neither.
LayerPtr SpectralNormalization(const LayerPtr& layer, SpectralNormalizationOptions options = {});

}  // namespace sinew::layers
