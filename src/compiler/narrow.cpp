// Example, before and after:
//   %2 = cast(%1) : float32; %3.0, … = batch_norm(%2, …) : float32, …; %4 = cast(%3.0) : bfloat16
//     ->  %3.0, … = batch_norm(%1, …) {storage="bfloat16"} : bfloat16, …, and %3.0 is read for %4
//
// Ops that compute in float32 on data that lie in bfloat16 (Op::data) take the place of themselves
// between casts, where the backend has such a kernel. Views are no obstacle: casts first move to
// where they can meet their op, and those of variables to the products that round weights
// themselves. Needs what widen leaves.

#include <algorithm>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

bool casts(const Graph& graph, const Node& node, DType from, DType to) {
  return node.op->name == "cast" && node.outputs[0].dtype == to &&
         graph.type(node.inputs[0]).dtype == from;
}
bool widens(const Graph& graph, const Node& node) {
  return casts(graph, node, DType::BFloat16, DType::Float32);
}
bool rounds(const Graph& graph, const Node& node) {
  return casts(graph, node, DType::Float32, DType::BFloat16);
}

/// Casts behind the views that follow them, and rounding before those that it follows.
class CastMover {
 public:
  explicit CastMover(const Graph& from) : from_(from), rewrite_(from) {}

  Graph run() {
    for (const Node& node : from_.nodes()) {
      if (!move_behind(node) && !move_before(node)) rewrite_.copy(node);
    }
    return rewrite_.finish();
  }

 private:
  ValueId append(Node node, ValueId input, DType dtype, const Shape& shape) {
    node.outputs = {{dtype, shape}};
    return {rewrite_.graph().append(node, {input}), 0};
  }

  bool move_behind(const Node& view) {
    if (!view.op->view) return false;
    Graph& graph = rewrite_.graph();
    const Node cast = graph.node(rewrite_(view.inputs[0]).node);
    if (!widens(graph, cast) && !(rounds(graph, cast) && is_variable(cast.inputs[0]))) return false;
    const Shape& shape = view.outputs[0].shape;
    const ValueId seen = append(view, cast.inputs[0], graph.type(cast.inputs[0]).dtype, shape);
    rewrite_.map({view.id, 0}, append(cast, seen, cast.outputs[0].dtype, shape));
    return true;
  }

  bool move_before(const Node& cast) {
    if (!rounds(from_, cast)) return false;
    Graph& graph = rewrite_.graph();
    ValueId root = rewrite_(cast.inputs[0]);
    std::vector<Node> views;
    for (; graph.node(root.node).op->view; root = graph.node(root.node).inputs[0])
      views.push_back(graph.node(root.node));
    if (views.empty() || is_variable(root)) return false;
    const Shape shape = graph.type(root).shape;
    ValueId value = append(cast, root, DType::BFloat16, shape);
    for (auto view = views.rbegin(); view != views.rend(); ++view)
      value = append(*view, value, DType::BFloat16, view->outputs[0].shape);
    rewrite_.map({cast.id, 0}, value);
    return true;
  }

  bool is_variable(ValueId id) const {
    const Graph& graph = const_cast<CastMover*>(this)->rewrite_.graph();
    while (graph.node(id.node).op->view) id = graph.node(id.node).inputs[0];
    return graph.node(id.node).op->name == "variable";
  }

  const Graph& from_;
  Rewriter rewrite_;
};

class Narrower {
 public:
  explicit Narrower(const Graph& from) : from_(from), rewrite_(from), readers_(readers_of(from)) {}

  Graph run() {
    for (const Node& node : from_.nodes()) {
      if (narrow_node(node)) continue;
      // The op before has rounded.
      if (rounds(from_, node) && is_narrow(node.inputs[0])) {
        rewrite_.map({node.id, 0}, rewrite_(node.inputs[0]));
        continue;
      }
      rewrite_.copy(node);
    }
    return rewrite_.finish();
  }

 private:
  bool is_narrow(ValueId old) {
    return from_.type(old).dtype == DType::Float32 &&
           rewrite_.graph().type(rewrite_(old)).dtype == DType::BFloat16;
  }

  /// Whether nothing reads a value but casts to bfloat16.
  bool only_rounded(ValueId id) const {
    const auto at = readers_.find(id);
    if (at == readers_.end()) return true;
    return std::all_of(at->second.begin(), at->second.end(), [&](int reader) {
      return reader >= 0 && rounds(from_, from_.node(reader));
    });
  }

  bool narrow_node(const Node& node) {
    if (!node.op->data || node.outputs[0].dtype != DType::Float32) return false;
    Node narrow = node;
    narrow.attributes.set("storage", std::string(name_of(DType::BFloat16)));
    runtime::KernelRequest request{node.op->name, narrow.attributes, {}, {}, node.where()};
    std::vector<ValueId> inputs;
    for (ValueId id : node.inputs) {
      inputs.push_back(rewrite_(id));
      request.inputs.push_back(from_.type(id));
    }
    for (std::size_t i : node.op->data(node)) {
      const Node& cast = from_.node(node.inputs[i].node);
      if (!widens(from_, cast)) return false;
      inputs[i] = rewrite_(cast.inputs[0]);
      request.inputs[i].dtype = DType::BFloat16;
    }
    request.outputs = node.op->infer(narrow, request.inputs);
    for (std::size_t i = 0; i < request.outputs.size(); ++i) {
      if (request.outputs[i].dtype != node.outputs[i].dtype &&
          !only_rounded({node.id, static_cast<int>(i)})) {
        return false;
      }
    }
    if (!runtime::default_backend().takes_bfloat16(request)) return false;
    narrow.outputs = request.outputs;
    const int made = rewrite_.graph().append(narrow, std::move(inputs));
    for (std::size_t i = 0; i < narrow.outputs.size(); ++i) {
      const int output = static_cast<int>(i);
      rewrite_.map({node.id, output}, {made, output});
    }
    return true;
  }

  const Graph& from_;
  Rewriter rewrite_;
  std::map<ValueId, std::vector<int>> readers_;
};

}  // namespace

Graph narrow(const Graph& graph) {
  return simplify(Narrower(simplify(CastMover(graph).run())).run());
}

}  // namespace sinew::compiler
