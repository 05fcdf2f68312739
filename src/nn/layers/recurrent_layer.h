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
  };
  virtual Returns returns() const = 0;
  /// Of a result and, with Returns::state, of each state.
  virtual Regularizer activity() const { return {}; }
  /// From now on hidden steps of a sequence give zeros, whatever the options say.
  void zero_hidden_outputs() { zero_hidden_outputs_ = true; }

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
  RNNCell& cell() const { return *cell_; }

 private:
  std::shared_ptr<RNNCell> cell_;
  bool zero_hidden_outputs_ = false;
};

}  // namespace sinew::layers
