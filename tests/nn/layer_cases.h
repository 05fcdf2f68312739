#pragma once

#include <functional>
#include <vector>

#include "sinew/applications/layers.h"
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
      {"Conv1D",
       [] { return Conv1D(4, 3, {.padding = "causal", .dilation_rate = 2}); },
       {kNone, kNone, 2},
       {kNone, kNone, 4}},
      {"Conv1D", [] { return Conv1D(4, 3, {.strides = 2}); }, {kNone, 8, 2}, {kNone, 3, 4}},
      {"Conv3D", [] { return Conv3D(3, 2); }, {kNone, 3, 2, 4, 2}, {kNone, 2, 1, 3, 3}},
      {"Conv3D",
       [] {
         return Conv3D(4, {2, 1, 3}, {.strides = {2, 1, 1}, .padding = "same", .groups = 2});
       },
       {kNone, 3, 2, 2, 2},
       {kNone, 2, 2, 2, 4}},
      {"Conv1DTranspose",
       [] { return Conv1DTranspose(3, 3, {.strides = 2}); },
       {kNone, kNone, 2},
       {kNone, kNone, 3}},
      {"Conv2DTranspose",
       [] {
         return Conv2DTranspose(3, {3, 2}, {.strides = 2, .padding = "same", .activation = "tanh"});
       },
       {kNone, 3, 2, 2},
       {kNone, 6, 4, 3}},
      {"Conv2DTranspose",
       [] {
         return Conv2DTranspose(
             2, 4, {.strides = {3, 2}, .output_padding = Size2D{2, 1}, .use_bias = false});
       },
       {kNone, 2, 3, 2},
       {kNone, 9, 9, 2}},
      {"Conv3DTranspose",
       [] { return Conv3DTranspose(2, 2, {.padding = "same", .dilation_rate = 2}); },
       {kNone, 3, 2, 3, 2},
       {kNone, 3, 2, 3, 2}},
      {"DepthwiseConv1D",
       [] { return DepthwiseConv1D(3, {.padding = "same", .depth_multiplier = 2}); },
       {kNone, 5, 3},
       {kNone, 5, 6}},
      {"DepthwiseConv2D",
       [] { return DepthwiseConv2D(3, {.strides = 2}); },
       {kNone, 6, 5, 3},
       {kNone, 2, 2, 3}},
      {"SeparableConv1D",
       [] { return SeparableConv1D(4, 3, {.depth_multiplier = 2}); },
       {kNone, 5, 3},
       {kNone, 3, 4}},
      {"SeparableConv2D",
       [] {
         return SeparableConv2D(4, {3, 2}, {.padding = "same", .dilation_rate = {2, 1}});
       },
       {kNone, 4, 3, 2},
       {kNone, 4, 3, 4}},
      {"MaxPooling1D", [] { return MaxPooling1D(); }, {kNone, 5, 3}, {kNone, 2, 3}},
      {"MaxPooling3D", [] { return MaxPooling3D(); }, {kNone, 5, 4, 2, 3}, {kNone, 2, 2, 1, 3}},
      {"AveragePooling1D",
       [] { return AveragePooling1D(3, {.strides = 2, .padding = "same"}); },
       {kNone, kNone, 3},
       {kNone, kNone, 3}},
      {"AveragePooling3D",
       [] {
         return AveragePooling3D({2, 3, 1}, {.strides = 1, .padding = "same"});
       },
       {kNone, 3, 4, 2, 2},
       {kNone, 3, 4, 2, 2}},
      {"GlobalMaxPooling1D", [] { return GlobalMaxPooling1D(); }, {kNone, kNone, 3}, {kNone, 3}},
      {"GlobalMaxPooling3D", [] { return GlobalMaxPooling3D(); }, {kNone, 2, 3, 2, 3}, {kNone, 3}},
      {"GlobalAveragePooling3D",
       [] { return GlobalAveragePooling3D({.keepdims = true}); },
       {kNone, 2, 3, 2, 3},
       {kNone, 1, 1, 1, 3}},
      {"AdaptiveMaxPooling1D",
       [] { return AdaptiveMaxPooling1D(3); },
       {kNone, 5, 2},
       {kNone, 3, 2}},
      {"AdaptiveMaxPooling2D",
       [] {
         return AdaptiveMaxPooling2D({3, 2});
       },
       {kNone, 6, 4, 2},
       {kNone, 3, 2, 2}},
      {"AdaptiveMaxPooling3D",
       [] { return AdaptiveMaxPooling3D(2); },
       {kNone, 3, 4, 2, 2},
       {kNone, 2, 2, 2, 2}},
      {"AdaptiveAveragePooling1D",
       [] { return AdaptiveAveragePooling1D(2); },
       {kNone, 5, 3},
       {kNone, 2, 3}},
      {"AdaptiveAveragePooling2D",
       [] { return AdaptiveAveragePooling2D(3); },
       {kNone, kNone, 5, 2},
       {kNone, 3, 3, 2}},
      {"AdaptiveAveragePooling3D",
       [] {
         return AdaptiveAveragePooling3D({1, 2, 2});
       },
       {kNone, 3, 5, 3, 2},
       {kNone, 1, 2, 2, 2}},
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
      {"ZeroPadding1D",
       [] {
         return ZeroPadding1D({1, 2});
       },
       {kNone, kNone, 3},
       {kNone, kNone, 3}},
      {"ZeroPadding3D",
       [] {
         return ZeroPadding3D({1, {0, 1}, 2});
       },
       {kNone, 2, 1, 2, 2},
       {kNone, 4, 2, 6, 2}},
      {"Cropping1D",
       [] {
         return Cropping1D({1, 2});
       },
       {kNone, 5, 3},
       {kNone, 2, 3}},
      {"Cropping2D",
       [] {
         return Cropping2D({{1, 0}, {0, 2}});
       },
       {kNone, 3, kNone, 2},
       {kNone, 2, kNone, 2}},
      {"Cropping3D", [] { return Cropping3D(); }, {kNone, 3, 4, 3, 2}, {kNone, 1, 2, 1, 2}},
      {"UpSampling1D", [] { return UpSampling1D(3); }, {kNone, kNone, 2}, {kNone, kNone, 2}},
      {"UpSampling2D",
       [] {
         return UpSampling2D({2, 3});
       },
       {kNone, 2, 3, 2},
       {kNone, 4, 9, 2}},
      {"UpSampling2D",
       [] { return UpSampling2D(3, {.interpolation = "bilinear"}); },
       {kNone, 2, 3, 2},
       {kNone, 6, 9, 2}},
      {"UpSampling3D",
       [] {
         return UpSampling3D({1, 2, 3});
       },
       {kNone, 2, 2, 1, 2},
       {kNone, 2, 4, 3, 2}},
      {"Permute",
       [] {
         return Permute({2, 1});
       },
       {kNone, kNone, 3},
       {kNone, 3, kNone}},
      {"RepeatVector", [] { return RepeatVector(4); }, {kNone, 3}, {kNone, 4, 3}},
      {"Dot", [] { return Dot(1); }, {kNone, 3}, {kNone, 1}, 2},
      {"Dot",
       [] {
         return Dot({1, -2}, {.normalize = true});
       },
       {kNone, 3, 2},
       {kNone, 2, 2},
       2},
      {"Identity", [] { return Identity(); }, {kNone, kNone}, {kNone, kNone}},
      {"EinsumDense",
       [] {
         return EinsumDense("abc,cde->abde", {-1, 2, 4}, {.activation = "tanh", .bias_axes = "e"});
       },
       {kNone, kNone, 3},
       {kNone, kNone, 2, 4}},
      {"EinsumDense",
       [] { return EinsumDense("ab...,bc->ac...", {4}, {.bias_axes = "c"}); },
       {kNone, 3, 2, 2},
       {kNone, 4, 2, 2}},
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
      {"LeakyReLU", [] { return LeakyReLU(); }, {kNone, 3}, {kNone, 3}},
      {"ELU", [] { return ELU(0.7); }, {kNone, 3}, {kNone, 3}},
      {"PReLU",
       [] { return PReLU({.alpha_initializer = "ones", .shared_axes = {1}}); },
       {kNone, kNone, 3},
       {kNone, kNone, 3}},
      {"Softmax", [] { return Softmax(); }, {kNone, 3}, {kNone, 3}},
      {"Dropout", [] { return Dropout(0.5); }, {kNone, 3, 2}, {kNone, 3, 2}},
      {"AlphaDropout", [] { return AlphaDropout(0.3); }, {kNone, 3, 2}, {kNone, 3, 2}},
      {"GaussianDropout", [] { return GaussianDropout(0.3); }, {kNone, 3}, {kNone, 3}},
      {"GaussianNoise", [] { return GaussianNoise(0.3); }, {kNone, 3}, {kNone, 3}},
      {"SpatialDropout1D", [] { return SpatialDropout1D(0.5); }, {kNone, 3, 2}, {kNone, 3, 2}},
      {"SpatialDropout2D",
       [] { return SpatialDropout2D(0.5); },
       {kNone, 3, 2, 2},
       {kNone, 3, 2, 2}},
      {"SpatialDropout3D",
       [] { return SpatialDropout3D(0.5, {.seed = 3}); },
       {kNone, 3, 2, 1, 2},
       {kNone, 3, 2, 1, 2}},
      {"ActivityRegularization",
       [] { return ActivityRegularization({.l1 = 0.1, .l2 = 0.2}); },
       {kNone, 3},
       {kNone, 3}},
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
      {"GroupNormalization",
       [] { return GroupNormalization({.groups = 2}); },
       {kNone, kNone, 4},
       {kNone, kNone, 4}},
      {"GroupNormalization",
       [] { return GroupNormalization({.groups = -1, .axis = 1, .scale = false}); },
       {kNone, 3, 2, 2},
       {kNone, 3, 2, 2}},
      {"RMSNormalization", [] { return RMSNormalization(); }, {kNone, kNone, 3}, {kNone, kNone, 3}},
      {"UnitNormalization",
       [] {
         return UnitNormalization({.axis = {1, 2}});
       },
       {kNone, 2, 3},
       {kNone, 2, 3}},
      {"Attention", [] { return Attention(); }, {kNone, kNone, 4}, {kNone, kNone, 4}, 2},
      {"Attention",
       [] {
         return Attention(
             {.use_scale = true, .score_mode = "concat", .dropout = 0.3, .use_causal_mask = true});
       },
       {kNone, 4, 3},
       {kNone, 4, 3},
       3},
      {"AdditiveAttention",
       [] { return AdditiveAttention({.use_causal_mask = true}); },
       {kNone, kNone, 4},
       {kNone, kNone, 4},
       2},
      {"GroupQueryAttention",
       [] { return GroupQueryAttention(3, 4, 2, {.use_gate = true, .use_causal_mask = true}); },
       {kNone, kNone, 5},
       {kNone, kNone, 5},
       2},
      {"GroupQueryAttention",
       [] { return GroupQueryAttention(2, 2, 2, {.dropout = 0.3, .sliding_window = 2}); },
       {kNone, 4, 5},
       {kNone, 4, 5},
       3},
      {"GRU", [] { return GRU(4); }, {kNone, kNone, 3}, {kNone, 4}},
      {"GRU",
       [] {
         return GRU(3, {.dropout = 0.3,
                        .recurrent_dropout = 0.3,
                        .return_sequences = true,
                        .reset_after = false});
       },
       {kNone, 4, 3},
       {kNone, 4, 3}},
      {"LSTM",
       [] { return LSTM(3, {.dropout = 0.4, .recurrent_dropout = 0.3}); },
       {kNone, 4, 3},
       {kNone, 3}},
      {"SimpleRNN",
       [] { return SimpleRNN(3, {.dropout = 0.4, .recurrent_dropout = 0.3}); },
       {kNone, 4, 3},
       {kNone, 3}},
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
      {"ReversibleEmbedding",
       [] { return ReversibleEmbedding(10, 4, {.tie_weights = false}); },
       {kNone, 6},
       {kNone, 6, 4}},
      {"ReversibleEmbedding",
       [] {
         return ReversibleEmbedding(10, 4, {.input_shape = {6}, .dtype = DType::Float64});
       },
       {kNone, 6},
       {kNone, 6, 4}},
      {"Masking", [] { return Masking(0.5); }, {kNone, kNone, 3}, {kNone, kNone, 3}},
      {"SimpleRNNCell", [] { return SimpleRNNCell(3); }, {kNone, 3}, {kNone, 3}, 2},
      {"LSTMCell",
       [] {
         return LSTMCell(3, {.dropout = 0.3, .recurrent_dropout = 0.3});
       },
       {kNone, 3},
       {kNone, 3},
       3},
      {"GRUCell", [] { return GRUCell(3, {.reset_after = false}); }, {kNone, 3}, {kNone, 3}, 2},
      {"StackedRNNCells",
       [] {
         return StackedRNNCells({LSTMCell(3), GRUCell(3)});
       },
       {kNone, 3},
       {kNone, 3},
       4},
      {"RNN",
       [] {
         return RNN({LSTMCell(4), SimpleRNNCell(3, {.recurrent_dropout = 0.4})},
                    {.return_sequences = true, .return_state = true});
       },
       {kNone, kNone, 2},
       {kNone, kNone, 3}},
      {"ConvLSTM1D", [] { return ConvLSTM1D(2, 2); }, {kNone, kNone, 4, 2}, {kNone, 3, 2}},
      {"ConvLSTM2D",
       [] {
         return ConvLSTM2D(2, {2, 3},
                           {.strides = {2, 1},
                            .padding = "same",
                            .dropout = 0.3,
                            .recurrent_dropout = 0.3,
                            .return_sequences = true});
       },
       {kNone, 3, 3, 2, 1},
       {kNone, 3, 2, 2, 2}},
      {"ConvLSTM3D",
       [] { return ConvLSTM3D(1, 2, {.use_bias = false}); },
       {kNone, 2, 2, 3, 2, 1},
       {kNone, 1, 2, 1, 1}},
      {"Bidirectional", [] { return Bidirectional(GRU(2)); }, {kNone, kNone, 3}, {kNone, 4}},
      {"Bidirectional",
       [] {
         return Bidirectional(LSTM(2, {.return_sequences = true}),
                              {.merge_mode = "ave",
                               .backward_layer = LSTM(
                                   2, {.return_sequences = true, .go_backwards = true})});
       },
       {kNone, 4, 3},
       {kNone, 4, 2}},
      {"TimeDistributed",
       [] {
         return TimeDistributed(Conv2D(2, 2, {.activation = "tanh"}));
       },
       {kNone, kNone, 3, 4, 1},
       {kNone, kNone, 2, 3, 2}},
      {"TimeDistributed",
       [] { return TimeDistributed(BatchNormalization()); },
       {kNone, 4, 3},
       {kNone, 4, 3}},
      // Its trainable weights have another value within the step.
      {"SpectralNormalization",
       [] {
         return SpectralNormalization(Conv2D(2, 2, {.trainable = false}), {.power_iterations = 3});
       },
       {kNone, 3, 4, 2},
       {kNone, 2, 3, 2}},
      {"FullHistoryRNN", [] { return FullHistoryRNN(4); }, {kNone, 5, 3}, {kNone, 4}},
      {"FullHistoryRNN",
       [] {
         return FullHistoryRNN(4, {.shared_recurrent_kernel = true, .return_sequences = true});
       },
       {kNone, kNone, 3},
       {kNone, kNone, 4}},
      {"LearnedPositions", [] { return LearnedPositions(64); }, {kNone, kNone, 3}, {kNone, kNone, 3}},
      {"SinusoidalPositions",
       [] { return SinusoidalPositions({.input_scale = 2.0}); },
       {kNone, kNone, 3},
       {kNone, kNone, 3}},
      {"LocalResponseNormalization",
       [] { return LocalResponseNormalization({.depth_radius = 1}); },
       {kNone, 3, kNone, 4},
       {kNone, 3, kNone, 4}},
      {"GaussianSampling", [] { return GaussianSampling(); }, {kNone, 3}, {kNone, 3}, 2},
  };
  return table;
}

}  // namespace sinew
