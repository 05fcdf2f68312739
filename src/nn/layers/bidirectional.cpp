#include <fmt/format.h>

#include "nn/layers/recurrent_layer.h"
#include "sinew/nn/layers/wrappers.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

std::string with_prefix(const std::string& prefix, const std::string& name) {
  return name.starts_with(prefix) ? name : prefix + name;
}

class BidirectionalLayer final : public ConfiguredLayer<BidirectionalLayer> {
 public:
  LayerPtr layer;
  BidirectionalOptions options;

  std::string class_name() const override { return "Bidirectional"; }
  static void fields(auto& self, auto& visit) {
    visit.required("layer", self.layer);
    visit("backward_layer", self.options.backward_layer);
    visit("merge_mode", self.options.merge_mode);
  }

  void check_arguments() override {
    expect_one_of(*this, "merge_mode", options.merge_mode, {"concat", "sum", "mul", "ave", "none"});
    recurrent(layer);
    Attributes config = layer->config();
    config.set("name", with_prefix("forward_", layer->name()));
    forward_ = recurrent(layer = make_layer(layer->class_name(), config));
    if (options.backward_layer) {
      backward_ = recurrent(options.backward_layer);
    } else {
      config.set("go_backwards", true);
      const std::string name = layer->name();
      config.set("name", with_prefix("backward_", name.substr(std::string("forward_").size())));
      backward_ = recurrent(make_layer(layer->class_name(), config));
    }
    const RecurrentLayer::Returns there = forward_->returns(), back = backward_->returns();
    if (there.go_backwards == back.go_backwards) {
      throw ValueError(fmt::format("{}: {} and {} go the same way: one needs go_backwards", where(),
                                   forward_->where(), backward_->where()));
    }
    if (there.sequences != back.sequences || there.state != back.state ||
        there.stateful != back.stateful) {
      throw ValueError(
          fmt::format("{}: {} and {} must have the same return_sequences, return_state and "
                      "stateful",
                      where(), forward_->where(), backward_->where()));
    }
    for (const auto& direction : {forward_, backward_}) {
      if (there.sequences) direction->zero_hidden_outputs();
      add_sublayer(direction);
    }
  }

  bool stateful() const override { return forward_->stateful(); }
  bool supports_masking() const override { return true; }
  std::vector<Value> compute_mask(CallContext& context, const std::vector<Value>& inputs,
                                  const std::vector<Value>& outputs) const override {
    std::vector<Value> masks(outputs.size());
    const std::size_t sequences = options.merge_mode == "none" ? 2 : 1;
    for (std::size_t i = 0; forward_->returns().sequences && i < sequences; ++i)
      masks[i] = context.mask(inputs[0]);
    return masks;
  }

  std::vector<CallArgument> call_arguments(const std::vector<TensorType>& inputs) const override {
    return forward_->call_arguments(inputs);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    if (inputs.size() % 2 == 0) {
      throw ShapeError(fmt::format(
          "{}: takes a sequence, or a sequence and initial states of both directions, but {} "
          "inputs were given",
          where(), inputs.size()));
    }
    forward_->check_inputs(half(inputs, 0));
    backward_->check_inputs(half(inputs, 1));
  }

  void build_for(const std::vector<TensorType>& inputs) override {
    forward_->ensure_built(half(inputs, 0));
    backward_->ensure_built(half(inputs, 1));
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    std::vector<Value> there = (*forward_)(context, half(inputs, 0));
    std::vector<Value> back = (*backward_)(context, half(inputs, 1));
    if (forward_->returns().sequences) back[0] = ops::reverse(back[0], {1});
    std::vector<Value> outputs = join(there[0], back[0]);
    outputs.insert(outputs.end(), there.begin() + 1, there.end());
    outputs.insert(outputs.end(), back.begin() + 1, back.end());
    return outputs;
  }

 private:
  /// The layer as a recurrent one.
  std::shared_ptr<RecurrentLayer> recurrent(const LayerPtr& given) const {
    auto found = std::dynamic_pointer_cast<RecurrentLayer>(
        static_cast<const std::shared_ptr<Layer>&>(given));
    if (found) return found;
    throw ValueError(
        fmt::format("{}: {} is not a recurrent layer (SimpleRNN, LSTM, GRU, RNN, "
                    "ConvLSTM)",
                    where(), given ? given->where() : "a null pointer"));
  }

  /// The sequence and the initial states of one direction.
  template <typename T>
  static std::vector<T> half(const std::vector<T>& inputs, std::size_t direction) {
    const std::size_t states = (inputs.size() - 1) / 2;
    std::vector<T> result{inputs[0]};
    for (std::size_t i = 0; i < states; ++i) result.push_back(inputs[1 + direction * states + i]);
    return result;
  }

  std::vector<Value> join(Value there, Value back) const {
    if (options.merge_mode == "concat") return {ops::concatenate({there, back}, -1)};
    if (options.merge_mode == "sum") return {there + back};
    if (options.merge_mode == "mul") return {there * back};
    if (options.merge_mode == "ave") return {(there + back) / 2.0};
    return {there, back};
  }

  std::shared_ptr<RecurrentLayer> forward_;
  std::shared_ptr<RecurrentLayer> backward_;
};

const RegisterConfigured<BidirectionalLayer> registered("Bidirectional");

}  // namespace

LayerPtr Bidirectional(const LayerPtr& layer, BidirectionalOptions options) {
  const auto made = std::make_shared<BidirectionalLayer>();
  made->layer = layer;
  made->options = options;
  return finish(made, options);
}

}  // namespace sinew::layers
