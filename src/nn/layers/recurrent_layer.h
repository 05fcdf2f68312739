#pragma once

#include <memory>

#include "nn/layers/layer_support.h"
#include "sinew/nn/layers/rnn.h"

namespace sinew::layers {

/// A cell along a sequence, with Keras's ways to begin, to go and to return: what RNN, SimpleRNN,
/// LSTM, GRU and ConvLSTM share.
class RecurrentLayer : public Layer {
 public:
  struct Returns {
    bool sequences = false;
    bool state = false;
    bool go_backwards = false;
    bool zero_output_for_mask = false;
    bool stateful = false;
  };
  virtual Returns returns() const = 0;
  /// What options of these names say.
  static Returns returns_of(const auto& options) {
    return {options.return_sequences, options.return_state, options.go_backwards,
            options.zero_output_for_mask, options.stateful};
  }
  /// For `fields`: those options.
  static void return_fields(auto& self, auto& visit) {
    visit("return_sequences", self.options.return_sequences);
    visit("return_state", self.options.return_state);
    visit("go_backwards", self.options.go_backwards);
    visit("stateful", self.options.stateful);
    // Either way the steps are one program.
    visit("unroll", self.options.unroll);
    visit("zero_output_for_mask", self.options.zero_output_for_mask);
  }
  /// Of a result and, with Returns::state, of each state.
  virtual Regularizer activity() const { return {}; }
  /// From now on hidden steps of a sequence give zeros, whatever the options say.
  void zero_hidden_outputs() { zero_hidden_outputs_ = true; }

  bool stateful() const override { return returns().stateful; }
  std::vector<VariablePtr> states() const override { return states_; }
  bool supports_masking() const override { return true; }
  std::vector<Value> compute_mask(CallContext& context, const std::vector<Value>& inputs,
                                  const std::vector<Value>& outputs) const override;
  void check_inputs(const std::vector<TensorType>& inputs) const override;
  std::vector<CallArgument> call_arguments(const std::vector<TensorType>& inputs) const override;
  void build_for(const std::vector<TensorType>& inputs) override;
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override;

 protected:
  /// To be called when the layer is made.
  void set_cell(std::shared_ptr<RNNCell> cell);
  /// The same of a cell that is no other layer's: it has this one's name and dtype policy.
  void set_own_cell(std::shared_ptr<RNNCell> cell);

 private:
  void check_batch(const TensorType& sequence) const;
  void make_states(const TensorType& sequence);

  std::shared_ptr<RNNCell> cell_;
  /// Of the sequences of one batch, where the layer is stateful.
  std::vector<VariablePtr> states_;
  bool zero_hidden_outputs_ = false;
};

}  // namespace sinew::layers
