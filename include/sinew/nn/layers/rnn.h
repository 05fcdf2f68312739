#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "sinew/nn/activations.h"
#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew {

/// One step of a recurrent network: a layer that takes what comes in at this step (N, …) and its
/// states (N, …), and returns an output followed by the new states. Derive from it for a recurrence
/// of one's own, and give it to layers::RNN.
class RNNCell : public Layer {
 public:
  /// Extents of each state, without the batch's; asked once the cell is built.
  virtual std::vector<Shape> state_shapes() const = 0;

  /// Which steps of which samples count: Bool (N, T). Where one does not, states stay as they were
  /// and the output is the step's before it, or zeros.
  struct Steps {
    Value mask = {};
    bool zero_output = false;
  };
  struct Sequence {
    /// (N, T, …) of all steps.
    Value outputs;
    /// (N, …) of the last step.
    Value last;
    std::vector<Value> states;
  };
  /// The cell along a whole sequence (N, T, …); no states stand for zeros. The default calls the
  /// cell step by step.
  virtual Sequence run(CallContext& context, Value x, std::vector<Value> states,
                       const Steps& steps);

 protected:
  /// One step: (x_t, states) -> an output followed by new states.
  using Step = std::function<std::vector<Value>(Value x, const std::vector<Value>& states)>;
  /// Such a function along a sequence, from zeros where there are no states.
  Sequence unroll(Value x, std::vector<Value> states, const Steps& steps, const Step& step) const;
};

namespace layers {

struct SimpleRNNCellOptions {
  ActivationFunction activation = "tanh";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0.0;
  double recurrent_dropout = 0.0;
  std::optional<std::int64_t> seed = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// SimpleRNN's step: (N, features) and a state (N, units) -> the new state, twice.
LayerPtr SimpleRNNCell(std::int64_t units, SimpleRNNCellOptions options = {});

struct LSTMCellOptions {
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0.0;
  double recurrent_dropout = 0.0;
  std::optional<std::int64_t> seed = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// LSTM's step: (N, features), hidden and cell state (N, units) -> hidden, hidden, cell.
LayerPtr LSTMCell(std::int64_t units, LSTMCellOptions options = {});

struct GRUCellOptions {
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0.0;
  double recurrent_dropout = 0.0;
  bool reset_after = true;
  std::optional<std::int64_t> seed = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// GRU's step: (N, features) and a state (N, units) -> the new state, twice.
LayerPtr GRUCell(std::int64_t units, GRUCellOptions options = {});

/// Cells one after the other as one cell: each takes the output of the one before it. Its states
/// are the first cell's, then the second's, and so on.
LayerPtr StackedRNNCells(const std::vector<LayerPtr>& cells, LayerOptions options = {});

struct RNNOptions {
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  /// Initial states are those after the batch before, row by row: the batch size is fixed.
  bool stateful = false;
  /// Keras's choice of a loop or its steps; the same here.
  bool unroll = false;
  /// Where a mask hides a step its output is zeros instead of the step's before it.
  bool zero_output_for_mask = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// A cell along a sequence: (N, T, …) -> the last output (N, …), or all of them (N, T, …) with
/// return_sequences; with return_state the last states follow. Further inputs are initial states;
/// zeros where there are none. Throws ValueError when `cell` is no RNNCell.
LayerPtr RNN(const LayerPtr& cell, RNNOptions options = {});
/// The same of StackedRNNCells.
LayerPtr RNN(const std::vector<LayerPtr>& cells, RNNOptions options = {});

}  // namespace layers
}  // namespace sinew
