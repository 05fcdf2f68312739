#include <fmt/format.h>

#include <map>
#include <set>

#include "model/architecture.h"
#include "model/call_references.h"
#include "model/model_layer.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/model/model.h"
#include "sinew/nn/registry.h"

namespace sinew::model {
namespace {

/// A layer of the list: how its calls refer to it, and what it is.
struct Entry {
  std::string name = {};
  std::string class_name = {};
  std::string where = {};
  Json config = {};
  Json inbound_nodes = Json::array();
};

Entry read_entry(const Json& json, std::size_t index, const std::string& where) {
  const std::string here = fmt::format("{}: layer {}", where, index);
  Entry entry{.class_name = class_of(json, here),
              .config = member(json, "config", Json::value_t::object, here)};
  if (entry.config.contains("name")) entry.name = text_member(entry.config, "name", here);
  entry.where = fmt::format("{}: {} \"{}\"", where, entry.class_name, entry.name);
  if (json.contains("inbound_nodes")) {
    entry.inbound_nodes = member(json, "inbound_nodes", Json::value_t::array, entry.where);
  }
  return entry;
}

KerasTensor make_input(const Entry& entry) {
  const char* key = entry.config.contains("batch_shape") ? "batch_shape" : "batch_input_shape";
  const Json& list = member(entry.config, key, Json::value_t::array, entry.where);
  std::vector<std::int64_t> dims;
  for (const Json& dim : list) {
    if (!dim.is_null() && !(dim.is_number_integer() && dim.get<std::int64_t>() > 0)) {
      throw ValueError(fmt::format("{}: {} is {}; its entries are positive integers or null",
                                   entry.where, key, list.dump()));
    }
    dims.push_back(dim.is_null() ? Shape::kUnknown : dim.get<std::int64_t>());
  }
  if (dims.empty())
    throw ValueError(fmt::format("{}: {} has no axis of samples", entry.where, key));
  DType dtype = DType::Float32;
  if (entry.config.contains("dtype") && entry.config["dtype"].is_string()) {
    dtype = dtype_from_name(entry.config["dtype"].get<std::string>());
  }
  InputOptions options{.dtype = dtype, .name = entry.name};
  if (dims[0] != Shape::kUnknown) options.batch_size = dims[0];
  return Input(Shape(dims).drop_front(), options);
}

std::shared_ptr<State> read_model(const std::string& class_name, const Json& config,
                                  const std::string& where, int depth);

LayerPtr make(const Entry& entry, int depth) {
  for (const char* model : {"Sequential", "Functional", "Model"}) {
    if (entry.class_name != model) continue;
    const auto state = read_model(model, entry.config, entry.where, depth + 1);
    const auto layer = std::make_shared<ModelLayer>(state);
    state->layer = layer;
    if (entry.config.contains("trainable") && entry.config["trainable"] == false)
      layer->set_trainable(false);
    return std::shared_ptr<Layer>(layer);
  }
  try {
    return make_layer(entry.class_name, to_attributes(entry.config, entry.where));
  } catch (const ValueError& error) {
    const std::string what = error.what();
    throw ValueError(what.starts_with(entry.where) ? what : entry.where + ": " + what);
  }
}

const Json& layer_list(const Json& config, const std::string& where) {
  const Json& layers = member(config, "layers", Json::value_t::array, where);
  if (layers.empty()) throw ValueError(where + " has no layers");
  return layers;
}

std::shared_ptr<State> read_sequential(const Json& config, const std::string& where,
                                       const std::string& name, int depth) {
  std::size_t index = 0;
  Sequential model({}, name);
  for (const Json& json : layer_list(config, where)) {
    const Entry entry = read_entry(json, index++, where);
    if (entry.class_name == "InputLayer") {
      if (index > 1) throw ValueError(entry.where + ": an Input() must come before all layers");
      model.add(make_input(entry));
    } else {
      model.add(make(entry, depth));
    }
  }
  return model.state();
}

/// A layer's entry with what Keras switches on at the call, such as use_causal_mask, among the
/// options: all its calls must agree.
Entry with_call_options(Entry entry) {
  std::vector<Json> calls;
  for (const Json& node : entry.inbound_nodes) {
    Json options = Json::object();
    const Json keywords = keywords_of(node);
    for (const auto& keyword : keywords.items()) {
      // Follows from the input's type (ReversibleEmbedding).
      if (keyword.key() == "reverse") continue;
      if (keyword.value().is_boolean() && keyword.value().get<bool>())
        options[keyword.key()] = true;
    }
    calls.push_back(std::move(options));
    if (calls.back() != calls.front()) {
      throw ValueError(fmt::format("{}: its calls have different options, {} and {}", entry.where,
                                   calls.front().dump(), calls.back().dump()));
    }
  }
  if (!calls.empty()) entry.config.update(calls.front());
  return entry;
}

/// Calls layers as soon as the tensors they take exist.
class FunctionalReader {
 public:
  FunctionalReader(const Json& config, std::string where, int depth)
      : where_(std::move(where)), depth_(depth) {
    std::size_t index = 0;
    std::vector<Entry> entries;
    for (const Json& json : layer_list(config, where_))
      entries.push_back(read_entry(json, index++, where_));
    const std::set<std::string> used = used_layers(config, entries);
    for (const Entry& entry : entries) {
      if (!names_.insert(entry.name).second) {
        throw ValueError(fmt::format("{}: two layers have the name \"{}\"", where_, entry.name));
      }
      if (entry.class_name == "InputLayer" || used.contains(entry.name)) add(entry);
    }
    connect();
    inputs_ = endpoints(config, "input_layers");
    outputs_ = endpoints(config, "output_layers");
  }

  std::vector<KerasTensor> inputs() const { return inputs_; }
  std::vector<KerasTensor> outputs() const { return outputs_; }

 private:
  struct PendingCall {
    Entry entry = {};
    LayerPtr layer = {};
    std::vector<Reference> inputs = {};
  };

  /// Those that the outputs need. What only makes masks is not: Keras lists its operations as
  /// layers.
  std::set<std::string> used_layers(const Json& config, const std::vector<Entry>& entries) const {
    std::set<std::string> used;
    std::vector<std::string> pending;
    for (const Reference& output : references(config, "output_layers"))
      pending.push_back(output.layer);
    while (!pending.empty()) {
      const std::string name = pending.back();
      pending.pop_back();
      if (!used.insert(name).second) continue;
      for (const Entry& entry : entries) {
        if (entry.name != name) continue;
        for (const Json& node : entry.inbound_nodes) {
          for (const Reference& input : inputs_of(node, entry.where))
            pending.push_back(input.layer);
        }
      }
    }
    return used;
  }

  void add(const Entry& entry) {
    if (entry.class_name == "InputLayer") {
      made_[entry.name] = {{make_input(entry)}};
      return;
    }
    const LayerPtr layer = make(with_call_options(entry), depth_);
    for (const Json& node : entry.inbound_nodes) {
      PendingCall call{.entry = entry, .layer = layer, .inputs = inputs_of(node, entry.where)};
      if (call.inputs.empty()) throw ValueError(entry.where + ": a call of it has no input tensor");
      pending_.push_back(std::move(call));
    }
  }

  const KerasTensor* find(const Reference& reference) const {
    const auto at = made_.find(reference.layer);
    if (at == made_.end() || reference.node < 0 || reference.output < 0) return nullptr;
    if (reference.node >= static_cast<std::int64_t>(at->second.size())) return nullptr;
    const auto& outputs = at->second[static_cast<std::size_t>(reference.node)];
    if (reference.output >= static_cast<std::int64_t>(outputs.size())) return nullptr;
    return &outputs[static_cast<std::size_t>(reference.output)];
  }

  void connect() {
    // A layer's calls are made in their own order; a pass over the rest that makes none means that
    // they wait for each other or for something that is not there.
    while (!pending_.empty()) {
      std::vector<PendingCall> rest;
      std::set<std::string> waiting;
      for (PendingCall& call : pending_) {
        std::vector<KerasTensor> inputs;
        for (const Reference& reference : call.inputs) {
          if (const KerasTensor* tensor = find(reference)) inputs.push_back(*tensor);
        }
        if (inputs.size() == call.inputs.size() && !waiting.contains(call.entry.name)) {
          made_[call.entry.name].push_back(call.layer.call_all(inputs));
        } else {
          waiting.insert(call.entry.name);
          rest.push_back(std::move(call));
        }
      }
      if (rest.size() == pending_.size()) fail_unconnected(rest[0]);
      pending_ = std::move(rest);
    }
  }

  [[noreturn]] void fail_unconnected(const PendingCall& call) const {
    for (const Reference& reference : call.inputs) {
      if (find(reference)) continue;
      throw ValueError(fmt::format("{}: its input [{}, {}, {}] is made by no layer of the model",
                                   call.entry.where, reference.layer, reference.node,
                                   reference.output));
    }
    throw ValueError(call.entry.where + ": the calls of the model's layers wait for each other");
  }

  std::vector<Reference> references(const Json& config, const char* key) const {
    const Json& list = member(config, key, Json::value_t::array, where_);
    std::vector<Reference> result;
    // A model with one input or output may give it without the outer list.
    const bool single = !list.empty() && list[0].is_string();
    for (const Json& item : single ? Json::array({list}) : list)
      result.push_back(read_reference(item, where_));
    return result;
  }

  std::vector<KerasTensor> endpoints(const Json& config, const char* key) const {
    std::vector<KerasTensor> result;
    for (const Reference& reference : references(config, key)) {
      const KerasTensor* tensor = find(reference);
      if (!tensor) {
        throw ValueError(fmt::format("{}: {} names [{}, {}, {}], which is made by no layer", where_,
                                     key, reference.layer, reference.node, reference.output));
      }
      result.push_back(*tensor);
    }
    return result;
  }

  std::string where_;
  int depth_;
  std::set<std::string> names_;
  std::map<std::string, std::vector<std::vector<KerasTensor>>> made_;
  std::vector<PendingCall> pending_;
  std::vector<KerasTensor> inputs_;
  std::vector<KerasTensor> outputs_;
};

std::shared_ptr<State> read_model(const std::string& class_name, const Json& config,
                                  const std::string& where, int depth) {
  constexpr int kDeepest = 16;
  if (depth > kDeepest)
    throw ValueError(fmt::format("{}: models are nested more than {} deep", where, kDeepest));
  const std::string name =
      config.contains("name") ? text_member(config, "name", where) : std::string();
  if (class_name == "Sequential") return read_sequential(config, where, name, depth);
  if (class_name == "Functional" || class_name == "Model") {
    const FunctionalReader reader(config, where, depth);
    return Model(reader.inputs(), reader.outputs(), name).state();
  }
  throw ValueError(
      fmt::format("{}: a model of class '{}' is unknown; it must be Sequential or Functional",
                  where, class_name));
}

}  // namespace

std::shared_ptr<State> architecture_from_json(const Json& json, const std::string& where) {
  return read_model(class_of(json, where), member(json, "config", Json::value_t::object, where),
                    where, 0);
}

}  // namespace sinew::model
