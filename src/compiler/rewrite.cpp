#include "compiler/rewrite.h"

#include <algorithm>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {

Rewriter::Rewriter(const Graph& from) : from_(from) {
  to_.set_variables(from.variables());
  for (const Node& node : from.nodes()) map_.emplace_back(node.outputs.size());
}

bool Rewriter::mapped(ValueId old) const {
  return map_[static_cast<std::size_t>(old.node)][static_cast<std::size_t>(old.output)].node >= 0;
}

ValueId Rewriter::operator()(ValueId old) const {
  if (!mapped(old)) throw InternalError("a pass used a value before rewriting it");
  return map_[static_cast<std::size_t>(old.node)][static_cast<std::size_t>(old.output)];
}

void Rewriter::map(ValueId old, ValueId replacement) {
  map_[static_cast<std::size_t>(old.node)][static_cast<std::size_t>(old.output)] = replacement;
}

int Rewriter::copy(const Node& node) {
  std::vector<ValueId> inputs;
  for (ValueId id : node.inputs) inputs.push_back((*this)(id));
  const int id = to_.append(node, std::move(inputs));
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const int output = static_cast<int>(i);
    map({node.id, output}, {id, output});
  }
  return id;
}

Graph Rewriter::finish() {
  std::vector<Graph::NamedValue> outputs = from_.outputs();
  for (Graph::NamedValue& output : outputs) output.value = (*this)(output.value);
  std::vector<Graph::Update> updates = from_.updates();
  for (Graph::Update& update : updates) update.value = (*this)(update.value);
  to_.set_outputs(std::move(outputs));
  to_.set_updates(std::move(updates));
  return std::move(to_);
}

ValueId behind_views(const Graph& graph, ValueId id) {
  while (graph.node(id.node).op->view) id = graph.node(id.node).inputs[0];
  return id;
}

runtime::KernelRequest request_of(const Graph& graph, const Node& node) {
  runtime::KernelRequest request{node.op->name, node.attributes, {}, node.outputs, node.where()};
  for (ValueId id : node.inputs) request.inputs.push_back(graph.type(id));
  return request;
}

std::map<ValueId, std::vector<int>> readers_of(const Graph& graph) {
  std::map<ValueId, std::vector<int>> readers;
  for (const Node& node : graph.nodes()) {
    for (ValueId id : node.inputs) readers[id].push_back(node.id);
  }
  for (const Graph::NamedValue& output : graph.outputs()) readers[output.value].push_back(-1);
  for (const Graph::Update& update : graph.updates()) readers[update.value].push_back(-1);
  return readers;
}

std::vector<int> count_uses(const Graph& graph) {
  std::vector<int> uses(graph.nodes().size(), 0);
  for (const auto& [id, readers] : readers_of(graph))
    uses[static_cast<std::size_t>(id.node)] += static_cast<int>(readers.size());
  return uses;
}

std::vector<bool> live_nodes(const Graph& graph) {
  std::vector<bool> live(graph.nodes().size(), false);
  for (const Graph::NamedValue& output : graph.outputs())
    live[static_cast<std::size_t>(output.value.node)] = true;
  for (const Graph::Update& update : graph.updates())
    live[static_cast<std::size_t>(update.value.node)] = true;
  for (std::size_t i = live.size(); i-- > 0;) {
    const Node& node = graph.node(static_cast<int>(i));
    // A program's inputs stay even when nothing reads them: callers give them by position.
    if (node.op->name == "input") live[i] = true;
    if (!live[i]) continue;
    for (ValueId id : node.inputs) live[static_cast<std::size_t>(id.node)] = true;
  }
  return live;
}

Graph drop_dead(const Graph& graph) {
  const std::vector<bool> live = live_nodes(graph);
  Rewriter rewrite(graph);
  for (const Node& node : graph.nodes()) {
    if (live[static_cast<std::size_t>(node.id)]) rewrite.copy(node);
  }
  return rewrite.finish();
}

Uniform uniform_constant(const Node& node) {
  if (node.op->name != "constant") return {};
  const Tensor& tensor = node.attributes.get<Tensor>("value");
  if (tensor.numel() == 0) return {};
  return dispatch(tensor.dtype(), [&](auto zero) -> Uniform {
    const auto values = tensor.data<decltype(zero)>();
    const bool uniform =
        std::all_of(values.begin(), values.end(), [&](auto value) { return value == values[0]; });
    return {uniform, static_cast<double>(values[0])};
  });
}

}  // namespace sinew::compiler
