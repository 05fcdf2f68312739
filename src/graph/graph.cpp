#include "sinew/graph/graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/graph/variable.h"

namespace sinew {

std::string TensorType::str() const {
  return fmt::format("{}{}{}{}", name_of(dtype), shape.str(), layout.empty() ? "" : "@", layout);
}

Graph& Value::graph() const {
  if (!graph_) throw InternalError("an undefined Value was used");
  return *graph_;
}

const TensorType& Value::type() const { return graph().type(id_); }

std::string Node::where() const {
  return scope.empty() ? "op " + op->name : fmt::format("{}, op {}", scope, op->name);
}

Value Graph::input(std::string name, DType dtype, Shape shape) {
  for (const Node& node : nodes_) {
    if (node.op->name == "input" && node.attributes.get<std::string>("name") == name) {
      throw ValueError(fmt::format("the graph already has an input named '{}'", name));
    }
  }
  Node node{.op = &find_op("input"), .attributes = {{"name", std::move(name)}}, .scope = scope_};
  node.outputs = {{dtype, std::move(shape)}};
  return {*this, {append(node, {}), 0}};
}

Value Graph::constant(Tensor tensor) {
  Node node{.op = &find_op("constant"), .scope = scope_};
  node.outputs = {{tensor.dtype(), tensor.shape()}};
  node.attributes.set("value", std::move(tensor));
  return {*this, {append(node, {}), 0}};
}

int Graph::index_of(const std::shared_ptr<Variable>& variable) {
  const auto at = std::find(variables_.begin(), variables_.end(), variable);
  if (at != variables_.end()) return static_cast<int>(at - variables_.begin());
  variables_.push_back(variable);
  return static_cast<int>(variables_.size()) - 1;
}

Value Graph::variable(const std::shared_ptr<Variable>& variable) {
  const std::int64_t index = index_of(variable);
  for (const Node& node : nodes_) {
    if (node.op->name == "variable" && node.attributes.integer("variable") == index) {
      return {*this, {node.id, 0}};
    }
  }
  Node node{.op = &find_op("variable"),
            .attributes = {{"name", variable->name()}, {"variable", index}},
            .scope = scope_};
  node.outputs = {variable->type()};
  return {*this, {append(node, {}), 0}};
}

std::vector<Value> Graph::add(std::string_view op, std::span<const Value> inputs,
                              Attributes attributes) {
  Node node{.op = &find_op(op), .attributes = std::move(attributes), .scope = scope_};
  std::vector<TensorType> types;
  std::vector<ValueId> ids;
  for (const Value& value : inputs) {
    if (&value.graph() != this) {
      throw InternalError(fmt::format("{}: an input belongs to another graph", node.where()));
    }
    types.push_back(value.type());
    ids.push_back(value.id());
  }
  node.outputs = node.op->infer(node, types);
  const int id = append(node, std::move(ids));
  std::vector<Value> outputs;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    outputs.push_back({*this, {id, static_cast<int>(i)}});
  }
  return outputs;
}

int Graph::append(const Node& node, std::vector<ValueId> inputs) {
  const int id = static_cast<int>(nodes_.size());
  nodes_.push_back(node);
  nodes_.back().id = id;
  nodes_.back().inputs = std::move(inputs);
  return id;
}

void Graph::output(std::string name, Value value) {
  outputs_.push_back({std::move(name), value.id()});
}

void Graph::update(const std::shared_ptr<Variable>& variable, Value value) {
  if (variable->dtype() != value.dtype() || variable->shape() != value.shape()) {
    throw ShapeError(fmt::format("variable '{}' of type {} cannot take a value of type {}",
                                 variable->name(), variable->type().str(), value.type().str()));
  }
  const int index = index_of(variable);
  for (const Update& update : updates_) {
    if (update.variable == index) {
      throw InternalError(
          fmt::format("variable '{}' is updated twice in one step", variable->name()));
    }
  }
  updates_.push_back({index, value.id()});
}

std::string Graph::str() const {
  std::string text;
  const auto name = [this](ValueId id) {
    const std::string base = fmt::format("%{}", id.node);
    return node(id.node).outputs.size() == 1 ? base : fmt::format("{}.{}", base, id.output);
  };
  for (const Node& node : nodes_) {
    std::string line = fmt::format("%{} = {}(", node.id, node.op->name);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      line += (i ? ", " : "") + name(node.inputs[i]);
    }
    line += ") ";
    if (const std::string attributes = node.attributes.str(); !attributes.empty()) {
      line += attributes + " ";
    }
    line += ": ";
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      line += (i ? ", " : "") + node.outputs[i].str();
    }
    if (!node.scope.empty()) line += "  // " + node.scope;
    text += line + "\n";
  }
  for (const NamedValue& output : outputs_) {
    text += fmt::format("output {} = {}\n", output.name, name(output.value));
  }
  for (const Update& update : updates_) {
    text += fmt::format("update {} = {}\n",
                        variables_[static_cast<std::size_t>(update.variable)]->name(),
                        name(update.value));
  }
  return text;
}

void Graph::verify() const {
  for (const Node& node : nodes_) {
    std::vector<TensorType> types;
    for (ValueId id : node.inputs) {
      if (id.node < 0 || id.node >= node.id ||
          id.output >= static_cast<int>(this->node(id.node).outputs.size())) {
        throw InternalError(fmt::format("%{} ({}) uses a value that does not come before it",
                                        node.id, node.where()));
      }
      types.push_back(type(id));
    }
    if (!node.op->infer) continue;
    const std::vector<TensorType> inferred = node.op->infer(node, types);
    bool same = inferred.size() == node.outputs.size();
    for (std::size_t i = 0; same && i < inferred.size(); ++i) {
      same =
          inferred[i].dtype == node.outputs[i].dtype && inferred[i].shape == node.outputs[i].shape;
    }
    if (!same) {
      throw InternalError(
          fmt::format("%{} ({}) has other types than its op infers", node.id, node.where()));
    }
  }
}

Graph::Scope::Scope(Graph& graph, const std::string& name)
    : graph_(graph), previous_(graph.scope_) {
  graph.scope_ = previous_.empty() ? name : previous_ + "/" + name;
}

Graph::Scope::~Scope() { graph_.scope_ = previous_; }

namespace {

const RegisterOp input_op({.name = "input"});
const RegisterOp constant_op({.name = "constant"});
const RegisterOp variable_op({.name = "variable"});

}  // namespace
}  // namespace sinew
