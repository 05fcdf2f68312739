#include "model/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sinew/base/error.h"

namespace sinew::model {
namespace {

bool is_input(const Layer& layer) { return layer.class_name() == "InputLayer"; }

template <typename Range, typename Item>
int index_in(const Range& range, const Item& item) {
  const auto at = std::find(range.begin(), range.end(), item);
  return at == range.end() ? -1 : static_cast<int>(at - range.begin());
}

}  // namespace

Network::Network(const std::vector<KerasTensor>& inputs, const std::vector<KerasTensor>& outputs)
    : input_tensors_(inputs), output_tensors_(outputs) {
  if (inputs.empty() || outputs.empty()) throw ValueError("a Model needs inputs and outputs");
  for (const KerasTensor& input : inputs) {
    if (!input.call() || !is_input(*input.call()->layer)) {
      throw ValueError(fmt::format("an input of a Model is not an Input(): {}",
                                   input.call() ? input.call()->layer->where() : "undefined"));
    }
    if (index_in(seen_, input.call().get()) >= 0) {
      throw ValueError(fmt::format("the input {} is given twice", input.call()->layer->where()));
    }
    seen_.push_back(input.call().get());
    inputs_.push_back({static_cast<int>(calls_.size()), 0});
    calls_.push_back({input.call()->layer, 0, {}, {input.type()}});
  }
  for (const KerasTensor& output : outputs) outputs_.push_back({visit(output), output.output()});
  order_layers();
  check_names();
}

void Network::order_layers() {
  // Keras orders a model's layers, and with them its weights, by their distance from the outputs,
  // the farthest first, and then in the order in which a walk from the outputs meets them.
  std::vector<int> depth(calls_.size(), 0);
  std::map<const Layer*, int> layer_depth;
  for (std::size_t i = calls_.size(); i-- > 0;) {
    int& deepest = layer_depth[calls_[i].layer.get()];
    deepest = depth[i] = std::max(depth[i], deepest);
    for (const Source& source : calls_[i].inputs) {
      int& parent = depth[static_cast<std::size_t>(source.call)];
      parent = std::max(parent, depth[i] + 1);
    }
  }
  std::vector<bool> met(calls_.size(), false);
  std::vector<int> pending;
  for (auto output = outputs_.rbegin(); output != outputs_.rend(); ++output)
    pending.push_back(output->call);
  const auto append = [&](int index) {
    met[static_cast<std::size_t>(index)] = true;
    const auto& layer = calls_[static_cast<std::size_t>(index)].layer;
    if (index_in(layers_, layer) < 0) layers_.push_back(layer);
  };
  while (!pending.empty()) {
    const int index = pending.back();
    pending.pop_back();
    if (met[static_cast<std::size_t>(index)]) continue;
    append(index);
    const auto& inputs = calls_[static_cast<std::size_t>(index)].inputs;
    for (auto source = inputs.rbegin(); source != inputs.rend(); ++source)
      pending.push_back(source->call);
  }
  for (const Source& input : inputs_) append(input.call);
  std::stable_sort(layers_.begin(), layers_.end(), [&](const auto& a, const auto& b) {
    return layer_depth[a.get()] > layer_depth[b.get()];
  });
}

int Network::visit(const KerasTensor& tensor) {
  // A worklist instead of recursion: networks may be thousands of calls deep. A call is finished
  // when all of its inputs are.
  if (!tensor.call()) throw ValueError("an output of a Model is an undefined KerasTensor");
  std::vector<KerasTensor> pending = {tensor};
  while (!pending.empty()) {
    const KerasTensor current = pending.back();
    if (index_in(seen_, current.call().get()) >= 0) {
      pending.pop_back();
      continue;
    }
    const std::shared_ptr<Layer>& layer = current.call()->layer;
    if (is_input(*layer)) {
      throw ValueError(fmt::format(
          "the outputs depend on {}, which is not among the inputs of the Model", layer->where()));
    }
    bool ready = true;
    const std::vector<KerasTensor>& wanted = current.call()->inputs;
    for (auto input = wanted.rbegin(); input != wanted.rend(); ++input) {
      if (index_in(seen_, input->call().get()) >= 0) continue;
      pending.push_back(*input);
      ready = false;
    }
    if (!ready) continue;
    pending.pop_back();
    Call call{.layer = layer};
    std::vector<TensorType> types;
    for (const KerasTensor& input : current.call()->inputs) {
      call.inputs.push_back({index_in(seen_, input.call().get()), input.output()});
      types.push_back(type(call.inputs.back()));
    }
    call.types = layer->output_types(types);
    call.node = static_cast<int>(std::count_if(
        calls_.begin(), calls_.end(), [&](const Call& other) { return other.layer == layer; }));
    calls_.push_back(std::move(call));
    seen_.push_back(current.call().get());
  }
  return index_in(seen_, tensor.call().get());
}

void Network::check_names() const {
  std::set<std::string> names;
  for (const auto& layer : layers_) {
    if (names.insert(layer->name()).second) continue;
    throw ValueError(fmt::format(
        "two layers of the model have the name \"{}\": give one another name", layer->name()));
  }
}

const TensorType& Network::type(Source source) const {
  return calls_[static_cast<std::size_t>(source.call)]
      .types[static_cast<std::size_t>(source.output)];
}

const std::string& Network::name(Source source) const {
  return calls_[static_cast<std::size_t>(source.call)].layer->name();
}

std::vector<std::string> Network::output_names() const {
  std::vector<std::string> names;
  for (const Source& source : outputs_) {
    const std::string& base = name(source);
    std::string unique = base;
    for (int count = 1; index_in(names, unique) >= 0; ++count)
      unique = fmt::format("{}_{}", base, count);
    names.push_back(unique);
  }
  return names;
}

std::vector<Value> Network::apply(CallContext& context, const std::vector<Value>& inputs) const {
  std::vector<std::vector<Value>> values(calls_.size());
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    values[static_cast<std::size_t>(inputs_[i].call)] = {inputs[i]};
  }
  const auto value = [&](Source source) {
    return values[static_cast<std::size_t>(source.call)][static_cast<std::size_t>(source.output)];
  };
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (!values[i].empty()) continue;
    std::vector<Value> arguments;
    for (const Source& source : calls_[i].inputs) arguments.push_back(value(source));
    values[i] = (*calls_[i].layer)(context, arguments);
  }
  std::vector<Value> results;
  for (const Source& source : outputs_) results.push_back(value(source));
  return results;
}

}  // namespace sinew::model
