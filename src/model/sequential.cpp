#include <fmt/format.h>

#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/model/model.h"
#include "sinew/nn/session.h"

namespace sinew {
namespace {

/// A model that is a layer of another has given it its weights, and stays as it is.
void expect_alone(const model::State& state, const char* what) {
  if (state.layer.expired()) return;
  throw ValueError(
      fmt::format("{}: {} comes too late: the model is a layer of another model, or of itself",
                  state.where(), what));
}

}  // namespace

Sequential::Sequential(std::vector<LayerPtr> layers, std::string name)
    : Model(std::make_shared<model::State>()) {
  state_->sequential = true;
  state_->name = name.empty() ? unique_name("sequential") : std::move(name);
  for (const LayerPtr& layer : layers) add(layer);
}

void Sequential::add(const LayerPtr& layer) {
  if (!layer) throw ValueError(state_->where() + ": add() was given no layer");
  expect_alone(*state_, "add()");
  for (const auto& other : state_->stack) {
    if (other->name() == layer->name()) {
      throw ValueError(
          fmt::format("{} has a layer named \"{}\" already: give the new one another name",
                      state_->where(), layer->name()));
    }
  }
  state_->stack.push_back(layer);
  if (state_->input.defined()) {
    state_->extend(layer);
  } else if (state_->stack.size() == 1 && layer->has_input_shape()) {
    build(layer->input_shape().prepend(layer->batch_size()));
  }
}

void Sequential::add(const KerasTensor& input) {
  if (!state_->stack.empty() || state_->input.defined()) {
    throw ValueError(state_->where() + ": an Input() must come before all layers");
  }
  state_->input = input;
}

void Sequential::pop() {
  if (state_->stack.empty()) throw ValueError(state_->where() + " has no layer to pop()");
  expect_alone(*state_, "pop()");
  state_->stack.pop_back();
  state_->network.reset();
  state_->output = {};
  if (state_->input.defined() && !state_->stack.empty()) state_->build_stack({});
}

void Sequential::build(const Shape& input_shape) {
  if (built()) return;
  state_->build_stack(input_shape);
}

}  // namespace sinew
