#include <fmt/format.h>

#include "nn/layers/recurrent_layer.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

std::shared_ptr<RNNCell> as_cell(const LayerPtr& layer, const Layer& owner) {
  auto cell = std::dynamic_pointer_cast<RNNCell>(static_cast<const std::shared_ptr<Layer>&>(layer));
  if (cell) return cell;
  throw ValueError(
      fmt::format("{}: {} is no cell: give it SimpleRNNCell, LSTMCell, GRUCell, "
                  "StackedRNNCells, or a class derived from RNNCell",
                  owner.where(), layer ? layer->where() : "a null pointer"));
}

/// A sequence goes through the first cell as a whole, then through the second: a cell's step needs
/// no later step of the one before it.
class StackedRNNCellsLayer final : public ConfiguredLayer<StackedRNNCellsLayer, RNNCell> {
 public:
  std::vector<LayerPtr> cells;

  std::string class_name() const override { return "StackedRNNCells"; }
  static void fields(auto& self, auto& visit) { visit.required("cells", self.cells); }

  void check_arguments() override {
    if (cells.empty()) throw ValueError(where() + ": needs at least one cell");
    for (const LayerPtr& layer : cells) {
      stack_.push_back(as_cell(layer, *this));
      add_sublayer(layer);
    }
  }

  std::vector<Shape> state_shapes() const override {
    std::vector<Shape> shapes;
    for (const auto& cell : stack_) {
      const std::vector<Shape> own = cell->state_shapes();
      shapes.insert(shapes.end(), own.begin(), own.end());
    }
    return shapes;
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    if (inputs.size() != 1) expect_inputs(1 + state_shapes().size(), inputs);
    stack_[0]->check_inputs({inputs[0]});
  }

  void build_for(const std::vector<TensorType>& inputs) override {
    TensorType x = inputs[0];
    for (const auto& cell : stack_) {
      std::vector<TensorType> types{x};
      cell->ensure_built(types);
      for (const Shape& shape : cell->state_shapes())
        types.push_back({cell->compute_dtype(), shape.prepend(Shape::kUnknown)});
      x = cell->output_types(types)[0];
    }
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    expect_inputs(1 + state_shapes().size(), std::vector<TensorType>(inputs.size()));
    Value x = inputs[0];
    std::vector<Value> states;
    auto given = inputs.begin() + 1;
    for (const auto& cell : stack_) {
      std::vector<Value> step{x};
      for (std::size_t i = 0; i < cell->state_shapes().size(); ++i) step.push_back(*given++);
      const std::vector<Value> next = (*cell)(context, step);
      x = next[0];
      states.insert(states.end(), next.begin() + 1, next.end());
    }
    states.insert(states.begin(), x);
    return states;
  }

  Sequence run(CallContext& context, Value x, std::vector<Value> states,
               const Steps& steps) override {
    Sequence all{.outputs = x, .last = {}, .states = {}};
    auto given = states.begin();
    for (const auto& cell : stack_) {
      std::vector<Value> own;
      if (!states.empty()) {
        for (std::size_t i = 0; i < cell->state_shapes().size(); ++i) own.push_back(*given++);
      }
      const Graph::Scope scope(context.graph, cell->where());
      Sequence next = cell->run(context, all.outputs, std::move(own), steps);
      all.outputs = next.outputs;
      all.last = next.last;
      all.states.insert(all.states.end(), next.states.begin(), next.states.end());
    }
    return all;
  }

 private:
  std::vector<std::shared_ptr<RNNCell>> stack_;
};

class RNNLayer final : public ConfiguredLayer<RNNLayer, RecurrentLayer> {
 public:
  LayerPtr given;
  RNNOptions options;

  std::string class_name() const override { return "RNN"; }
  static void fields(auto& self, auto& visit) {
    visit.required("cell", self.given);
    return_fields(self, visit);
  }
  void check_arguments() override { set_cell(as_cell(given, *this)); }
  Returns returns() const override { return returns_of(options); }
};

const RegisterConfigured<RNNLayer> registered("RNN");
const RegisterConfigured<StackedRNNCellsLayer> registered_stacked("StackedRNNCells");

}  // namespace

LayerPtr StackedRNNCells(const std::vector<LayerPtr>& cells, LayerOptions options) {
  const auto layer = std::make_shared<StackedRNNCellsLayer>();
  layer->cells = cells;
  return finish(layer, options);
}

LayerPtr RNN(const LayerPtr& cell, RNNOptions options) {
  const auto layer = std::make_shared<RNNLayer>();
  layer->given = cell;
  layer->options = options;
  return finish(layer, options);
}

LayerPtr RNN(const std::vector<LayerPtr>& cells, RNNOptions options) {
  return RNN(StackedRNNCells(cells), options);
}

}  // namespace sinew::layers
