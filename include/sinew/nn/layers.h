#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sinew/nn/activations.h"
#include "sinew/nn/layer.h"

/// Keras's layers: each function makes a layer with Keras 3's argument names and defaults. In all
/// of them N is the batch extent, `name` defaults to Keras's ("dense", "dense_1", …), `input_shape`
/// (without N) tells a Sequential's first layer what it will see, and `dtype` is the type of
/// weights and results, or the name of a policy such as "mixed_bfloat16". Layers with wrong
/// arguments throw ValueError when they are made, and ShapeError or DTypeError naming the layer
/// when inputs do not fit.
namespace sinew::layers {

using sinew::Input;

/// Rows and columns: `{3, 3}`, or one number for both.
struct Size2D {
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  constexpr Size2D() = default;
  constexpr Size2D(std::int64_t both) : rows(both), columns(both) {}
  constexpr Size2D(std::int64_t rows, std::int64_t columns) : rows(rows), columns(columns) {}
  bool operator==(const Size2D&) const = default;
};

struct DenseOptions {
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// activation(x W + b) over the last axis: (N, …, features) -> (N, …, units). Weights: kernel
/// (features, units), bias (units,).
LayerPtr Dense(std::int64_t units, DenseOptions options = {});

struct Conv2DOptions {
  Size2D strides = {1, 1};
  /// "valid": no padding. "same": zeros so that the output has ceil(input / stride) cells, the odd
  /// one at the end.
  std::string padding = "valid";
  Size2D dilation_rate = {1, 1};
  std::int64_t groups = 1;
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  /// The true convolution y(i, j) = sum over m, n of x(m, n) w(i - m, j - n) + b: the kernel is
  /// turned round in rows and columns before it is used. Without it the layer is a
  /// cross-correlation, as in every deep-learning library.
  bool flip_kernel = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// (N, rows, columns, channels) -> (N, new rows, new columns, filters). Weights: kernel (kernel
/// rows, kernel columns, channels / groups, filters), bias (filters,).
LayerPtr Conv2D(std::int64_t filters, Size2D kernel_size, Conv2DOptions options = {});

struct Pooling2DOptions {
  /// Default: the pool size, so that windows do not overlap.
  Size2D strides = {};
  std::string padding = "valid";
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Largest element of each window: (N, rows, columns, channels) -> (N, new rows, new columns,
/// channels).
LayerPtr MaxPooling2D(Size2D pool_size = {2, 2}, Pooling2DOptions options = {});
/// Mean of each window; cells of padding `same` are not counted.
LayerPtr AveragePooling2D(Size2D pool_size = {2, 2}, Pooling2DOptions options = {});

struct GlobalPooling2DOptions {
  /// Keeps the pooled axes with extent 1.
  bool keepdims = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Mean of each channel over the whole image: (N, rows, columns, channels) -> (N, channels), or (N,
/// 1, 1, channels) with keepdims.
LayerPtr GlobalAveragePooling2D(GlobalPooling2DOptions options = {});
/// The same with the largest element.
LayerPtr GlobalMaxPooling2D(GlobalPooling2DOptions options = {});

/// Cells before and after the others along one axis; one number is for both sides.
struct Border {
  std::int64_t before = 0;
  std::int64_t after = 0;

  constexpr Border() = default;
  constexpr Border(std::int64_t both) : before(both), after(both) {}
  constexpr Border(std::int64_t before, std::int64_t after) : before(before), after(after) {}
  bool operator==(const Border&) const = default;
};
/// Cells around an image: `1`, `{rows, columns}`, or `{{top, bottom}, {left, right}}`.
struct Border2D {
  Border rows;
  Border columns;

  constexpr Border2D() = default;
  constexpr Border2D(std::int64_t all) : rows(all), columns(all) {}
  constexpr Border2D(Border rows, Border columns) : rows(rows), columns(columns) {}
  bool operator==(const Border2D&) const = default;
};

/// Options of layers without parameters of their own.
struct LayerOptions {
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// (N, a, b, …) -> (N, a * b * …); (N,) -> (N, 1).
LayerPtr Flatten(LayerOptions options = {});
/// Zeros around an image: (N, rows, columns, channels) -> (N, top + rows + bottom, left + columns +
/// right, channels).
LayerPtr ZeroPadding2D(Border2D padding = 1, LayerOptions options = {});
/// (N, …) -> (N,) + target_shape, of as many elements; one extent may be -1.
LayerPtr Reshape(Shape target_shape, LayerOptions options = {});
/// An activation as a layer of its own; keeps the shape.
LayerPtr Activation(ActivationFunction activation, LayerOptions options = {});

struct ReLUOptions {
  /// Largest result; none by default.
  std::optional<double> max_value = {};
  /// Slope below the threshold.
  double negative_slope = 0.0;
  /// Inputs below it are damped by negative_slope (or dropped).
  double threshold = 0.0;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
LayerPtr ReLU(ReLUOptions options = {});

struct SoftmaxOptions {
  int axis = -1;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
LayerPtr Softmax(SoftmaxOptions options = {});

struct DropoutOptions {
  /// Extents of the mask, with the batch extent first; -1 is the input's, and 1 shares the decision
  /// along that axis. Default: every element by itself.
  std::vector<std::int64_t> noise_shape = {};
  /// Keys this layer's masks in place of the model's seed.
  std::optional<std::int64_t> seed = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// In training each element is zero with probability `rate` and divided by (1 - rate) otherwise
/// (Srivastava et al. 2014, inverted); in inference nothing happens. Keeps the shape. 0 <= rate
/// <= 1.
LayerPtr Dropout(double rate, DropoutOptions options = {});

struct BatchNormalizationOptions {
  int axis = -1;
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Initializer moving_mean_initializer = "zeros";
  Initializer moving_variance_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// gamma (x - mean) / sqrt(variance + epsilon) + beta (Ioffe and Szegedy 2015) with mean and biased
/// variance over all axes but `axis`: the batch's in training (which also moves the moving
/// statistics towards them), the moving ones in inference or when the layer is not trainable. Keeps
/// the shape. Weights: gamma, beta, moving_mean, moving_variance, each of x's extent along `axis`.
LayerPtr BatchNormalization(BatchNormalizationOptions options = {});

struct LayerNormalizationOptions {
  /// The axes that are normalised together, and along which gamma and beta lie.
  std::vector<std::int64_t> axis = {-1};
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  /// Keras's older form of root-mean-square normalisation: gamma x / sqrt(variance + epsilon).
  bool rms_scaling = false;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// gamma (x - mean) / sqrt(variance + epsilon) + beta (Ba et al. 2016) with mean and biased
/// variance of each sample over `axis`. Keeps the shape. Weights: gamma, beta, of x's extents along
/// `axis`. Fastest over the last axes.
LayerPtr LayerNormalization(LayerNormalizationOptions options = {});

struct MultiHeadAttentionOptions {
  /// Width of a head's values; default: key_dim.
  std::optional<std::int64_t> value_dim = {};
  /// Share of attention weights dropped in training, where the weights must then be kept in memory.
  double dropout = 0.0;
  bool use_bias = true;
  /// Extents of the result's last axes; default: the query's features.
  std::vector<std::int64_t> output_shape = {};
  /// Over the steps, axis 1, only.
  std::vector<std::int64_t> attention_axes = {};
  /// Attention never writes its scores to memory unless dropout needs them; true asks for the error
  /// that Keras gives then.
  std::optional<bool> flash_attention = {};
  /// Step t attends to steps up to t only. In Keras an argument of the call.
  bool use_causal_mask = false;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  std::optional<std::int64_t> seed = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// Multi-head attention (Vaswani et al. 2017, section 3.2.2): query (N, T, F), value (N, S, G),
/// optional key (N, S, E; default: value) and, last, an optional Bool mask (N, T, S), false where
/// step t must not attend to step s -> (N, T, output_shape). Weights: query/kernel (F, heads,
/// key_dim), query/bias (heads, key_dim), key/…, value/…, attention_output/kernel (heads,
/// value_dim, output_shape), attention_output/bias (output_shape).
LayerPtr MultiHeadAttention(std::int64_t num_heads, std::int64_t key_dim,
                            MultiHeadAttentionOptions options = {});

struct GlobalPooling1DOptions {
  bool keepdims = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Mean over the steps: (N, T, features) -> (N, features), or (N, 1, features) with keepdims.
LayerPtr GlobalAveragePooling1D(GlobalPooling1DOptions options = {});

struct EmbeddingOptions {
  Initializer embeddings_initializer = "uniform";
  Regularizer embeddings_regularizer = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// Rows of a table by integer: (N, …) in [0, input_dim) -> (N, …, output_dim). Weights: embeddings
/// (input_dim, output_dim). Floating inputs are truncated to integers, as Keras casts them; one
/// outside the table throws ValueError when the step runs.
LayerPtr Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingOptions options = {});

struct SimpleRNNOptions {
  ActivationFunction activation = "tanh";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  /// Keras's key of dropout masks: kept for files; without dropout nothing is drawn.
  std::optional<std::int64_t> seed = {};
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// h_t = activation(x_t W + h_(t-1) U + b), h_0 = 0: (N, T, features) -> (N, units), or (N, T,
/// units) with return_sequences; with return_state the last state (N, units) follows as a second
/// output. A second input (N, units) is the initial state. Weights: kernel (features, units),
/// recurrent_kernel (units, units), bias (units,).
LayerPtr SimpleRNN(std::int64_t units, SimpleRNNOptions options = {});

struct LSTMOptions {
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  /// The forget gate's bias begins at 1 (Jozefowicz et al. 2015).
  bool unit_forget_bias = true;
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  /// Keras's key of dropout masks: kept for files; without dropout nothing is drawn.
  std::optional<std::int64_t> seed = {};
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// Long short-term memory (Hochreiter and Schmidhuber 1997), gates in Keras's order i, f, c, o.
/// Shapes as SimpleRNN; with return_state the hidden and the cell state follow as second and third
/// output, and initial states are a second and third input. Weights: kernel (features, 4 units),
/// recurrent_kernel (units, 4 units), bias (4 units,). Activations other than tanh and sigmoid are
/// computed step by step, more slowly.
LayerPtr LSTM(std::int64_t units, LSTMOptions options = {});

struct FullHistoryRNNOptions {
  /// sigma of the formula.
  ActivationFunction activation = "sigmoid";
  /// One W_h for all earlier states, instead of a W_hi for each of them.
  bool shared_recurrent_kernel = false;
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  bool return_sequences = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// A recurrent layer that sees all its earlier states, not only the last one:
/// h_t = activation(sum over i < t of h_i W_hi + x_t W_xh + b_h), t = 1 … T. Each source step i has
/// a matrix W_hi of its own (so T is fixed when the layer is built), or all share one. (N, T,
/// features) -> (N, units), or (N, T, units) with return_sequences. Weights: kernel (features,
/// units), recurrent_kernel (T - 1, units, units), or (units, units) when shared, bias (units,).
LayerPtr FullHistoryRNN(std::int64_t units, FullHistoryRNNOptions options = {});

/// Any function of Values as a layer. It has no weights and no name that a file could keep: saving
/// a model that holds one throws.
LayerPtr Lambda(std::function<Value(Value)> function, LayerOptions options = {});
LayerPtr Lambda(std::function<std::vector<Value>(const std::vector<Value>&)> function,
                LayerOptions options = {});

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
