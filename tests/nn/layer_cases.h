#pragma once

#include <functional>
#include <vector>

#include "sinew/nn/layers.h"

/// Every layer, in the forms that matter: the table behind the tests of what all
/// layers must do.
namespace sinew {

constexpr std::int64_t kNone = Shape::kUnknown;

/// What every layer must do; a new layer joins with one line.
struct LayerCase {
  const char* class_name;
  std::function<LayerPtr()> make;
  Shape input;
  Shape output;
  /// Inputs, all of one shape.
  std::size_t inputs = 1;
};

inline const std::vector<LayerCase>& layer_cases() {
  using namespace layers;
  static const std::vector<LayerCase> table = {
      {"Dense",
       [] { return Dense(5, {.activation = "relu", .kernel_regularizer = "l2"}); },
       {kNone, 3},
       {kNone, 5}},
      {"Dense", [] { return Dense(5, {.use_bias = false}); }, {kNone, kNone, 3}, {kNone, kNone, 5}},
      {"Conv2D", [] { return Conv2D(4, 3); }, {kNone, 8, 7, 2}, {kNone, 6, 5, 4}},
      {"Conv2D",
       [] {
         return Conv2D(4, {3, 2}, {.strides = 2, .padding = "same", .groups = 2});
       },
       {kNone, 8, 7, 2},
       {kNone, 4, 4, 4}},
      {"Conv2D",
       [] { return Conv2D(4, 3, {.dilation_rate = 2}); },
       {kNone, kNone, kNone, 2},
       {kNone, kNone, kNone, 4}},
      {"MaxPooling2D", [] { return MaxPooling2D(); }, {kNone, 5, 6, 3}, {kNone, 2, 3, 3}},
      {"AveragePooling2D",
       [] { return AveragePooling2D(3, {.strides = 2, .padding = "same"}); },
       {kNone, 5, 6, 3},
       {kNone, 3, 3, 3}},
      {"GlobalAveragePooling2D",
       [] { return GlobalAveragePooling2D(); },
       {kNone, 5, 6, 3},
       {kNone, 3}},
      {"GlobalMaxPooling2D",
       [] { return GlobalMaxPooling2D({.keepdims = true}); },
       {kNone, kNone, 6, 3},
       {kNone, 1, 1, 3}},
      {"ZeroPadding2D",
       [] {
         return ZeroPadding2D({{1, 0}, {0, 2}});
       },
       {kNone, 5, kNone, 3},
       {kNone, 6, kNone, 3}},
      {"Concatenate", [] { return Concatenate({.axis = 1}); }, {kNone, 4, 3}, {kNone, 12, 3}, 3},
      {"Add", [] { return Add(); }, {kNone, 4, 3}, {kNone, 4, 3}, 3},
      {"Subtract", [] { return Subtract(); }, {kNone, 4, 3}, {kNone, 4, 3}, 2},
      {"Multiply", [] { return Multiply(); }, {kNone, 4, 3}, {kNone, 4, 3}, 3},
      {"Average", [] { return Average(); }, {kNone, kNone, 3}, {kNone, kNone, 3}, 3},
      {"Maximum", [] { return Maximum(); }, {kNone, 4, 3}, {kNone, 4, 3}, 2},
      {"Minimum", [] { return Minimum(); }, {kNone, 4, 3}, {kNone, 4, 3}, 3},
      {"Flatten", [] { return Flatten(); }, {kNone, 4, 3, 2}, {kNone, 24}},
      {"Flatten", [] { return Flatten(); }, {kNone}, {kNone, 1}},
      {"Reshape",
       [] {
         return Reshape({4, -1});
       },
       {kNone, 8, 3},
       {kNone, 4, 6}},
      {"Activation", [] { return Activation("tanh"); }, {kNone, 3}, {kNone, 3}},
      {"ReLU", [] { return ReLU({.max_value = 6.0}); }, {kNone, 3}, {kNone, 3}},
      {"Softmax", [] { return Softmax(); }, {kNone, 3}, {kNone, 3}},
      {"Dropout", [] { return Dropout(0.5); }, {kNone, 3, 2}, {kNone, 3, 2}},
      {"BatchNormalization",
       [] { return BatchNormalization(); },
       {kNone, 4, 4, 3},
       {kNone, 4, 4, 3}},
      {"BatchNormalization",
       [] { return BatchNormalization({.axis = 1}); },
       {kNone, 4, 3},
       {kNone, 4, 3}},
      {"LayerNormalization",
       [] { return LayerNormalization({.gamma_regularizer = "l2"}); },
       {kNone, 4, 3},
       {kNone, 4, 3}},
      {"LayerNormalization",
       [] {
         return LayerNormalization({.axis = {1, -1}, .center = false});
       },
       {kNone, 4, 3},
       {kNone, 4, 3}},
      {"LayerNormalization",
       [] { return LayerNormalization({.axis = {1}}); },
       {kNone, 4, kNone},
       {kNone, 4, kNone}},
      {"LayerNormalization",
       [] { return LayerNormalization({.rms_scaling = true}); },
       {kNone, 5},
       {kNone, 5}},
      {"GlobalAveragePooling1D",
       [] { return GlobalAveragePooling1D(); },
       {kNone, kNone, 3},
       {kNone, 3}},
      {"GlobalAveragePooling1D",
       [] { return GlobalAveragePooling1D({.keepdims = true}); },
       {kNone, 4, 3},
       {kNone, 1, 3}},
      {"MultiHeadAttention",
       [] { return MultiHeadAttention(2, 3, {.kernel_regularizer = "l2"}); },
       {kNone, kNone, 5},
       {kNone, kNone, 5},
       2},
      {"MultiHeadAttention",
       [] {
         return MultiHeadAttention(
             2, 3,
             {.value_dim = 4, .use_bias = false, .output_shape = {7}, .use_causal_mask = true});
       },
       {kNone, 6, 5},
       {kNone, 6, 7},
       2},
      {"MultiHeadAttention",
       [] { return MultiHeadAttention(2, 3, {.dropout = 0.4}); },
       {kNone, 4, 5},
       {kNone, 4, 5},
       3},
      {"Embedding", [] { return Embedding(10, 4); }, {kNone, 6}, {kNone, 6, 4}},
      {"SimpleRNN", [] { return SimpleRNN(4); }, {kNone, kNone, 3}, {kNone, 4}},
      {"LSTM", [] { return LSTM(4); }, {kNone, 5, 3}, {kNone, 4}},
      {"LSTM",
       [] {
         return LSTM(4, {.activation = "softsign", .return_sequences = true, .return_state = true});
       },
       {kNone, kNone, 3},
       {kNone, kNone, 4}},
      {"FullHistoryRNN", [] { return FullHistoryRNN(4); }, {kNone, 5, 3}, {kNone, 4}},
      {"FullHistoryRNN",
       [] {
         return FullHistoryRNN(4, {.shared_recurrent_kernel = true, .return_sequences = true});
       },
       {kNone, kNone, 3},
       {kNone, kNone, 4}},
  };
  return table;
}

}  // namespace sinew
