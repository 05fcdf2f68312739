#pragma once

#include <string>
#include <vector>

#include "sinew/nn/layer.h"

namespace sinew::model {

/// The layers of a model and how their calls are wired: what Model(inputs, outputs) reads off its
/// KerasTensors. Calls are in an order in which inputs come before their users; a shared layer has
/// several.
class Network {
 public:
  /// An output of a call.
  struct Source {
    int call = 0;
    int output = 0;
  };
  struct Call {
    std::shared_ptr<Layer> layer;
    /// Which of the layer's calls in this network this is, from 0: Keras's node index.
    int node = 0;
    std::vector<Source> inputs = {};
    std::vector<TensorType> types = {};
  };

  Network() = default;
  /// Follows `outputs` back to `inputs`. Throws ValueError when the way ends at an input that is
  /// not among them, an input is not an Input(), or two layers have one name.
  Network(const std::vector<KerasTensor>& inputs, const std::vector<KerasTensor>& outputs);

  const std::vector<Call>& calls() const { return calls_; }
  const std::vector<Source>& inputs() const { return inputs_; }
  const std::vector<Source>& outputs() const { return outputs_; }
  /// Each layer once, in Keras's order: by distance from the outputs, the farthest first.
  const std::vector<std::shared_ptr<Layer>>& layers() const { return layers_; }
  const TensorType& type(Source source) const;
  const std::string& name(Source source) const;
  /// Keras's names of the outputs: of the layers that make them, numbered where one makes several.
  std::vector<std::string> output_names() const;
  std::vector<KerasTensor> input_tensors() const { return input_tensors_; }
  std::vector<KerasTensor> output_tensors() const { return output_tensors_; }

  /// Appends the network's computation to a graph: one Value an input gives one Value an output.
  std::vector<Value> apply(CallContext& context, const std::vector<Value>& inputs) const;

 private:
  int visit(const KerasTensor& tensor);
  void order_layers();
  void check_names() const;

  std::vector<Call> calls_;
  std::vector<Source> inputs_;
  std::vector<Source> outputs_;
  std::vector<std::shared_ptr<Layer>> layers_;
  std::vector<KerasTensor> input_tensors_;
  std::vector<KerasTensor> output_tensors_;
  std::vector<const KerasTensor::Call*> seen_;
};

}  // namespace sinew::model
