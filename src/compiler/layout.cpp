// Needs: a graph of kernels' ops. Guarantees: every kernel reads a variable in the layout that it
// wants, from a variable of its own beside the first, and whatever gives the first a new value
// gives it to that one too. So no step of the program reorders a weight.
//
//   %1 = variable "w"                          %1 = variable "w"; %2 = variable "w" @L
//   %4 = conv_backward_input(%1, %3)    ->   %4 = conv_backward_input(%2, %3)
//   %6 = fused(%1, %5)                         %6.0, %6.1@L = fused(%1, %5) {laid_out=[0]}
//   w takes %6                                 w takes %6.0, w@L takes %6.1
//
// A kernel that reads a variable through views wants a layout of the shape that it sees.

#include <algorithm>
#include <map>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "ops/fused.h"
#include "sinew/graph/op.h"
#include "sinew/graph/variable.h"

namespace sinew::compiler {
namespace {

/// A node's input by number.
struct Read {
  int node;
  std::size_t input;
  auto operator<=>(const Read&) const = default;
};

class LayoutPass {
 public:
  LayoutPass(const Graph& from, const KernelChooser& choose)
      : from_(from), choose_(choose), rewrite_(from) {}

  Graph run() {
    find_reads();
    for (const Node& node : from_.nodes()) copy(node);
    Graph graph = rewrite_.finish();
    std::vector<Graph::Update> updates = graph.updates();
    updates.insert(updates.end(), updates_.begin(), updates_.end());
    graph.set_updates(std::move(updates));
    return graph;
  }

 private:
  const std::shared_ptr<Variable>& variable_of(const Node& node) const {
    return from_.variables()[static_cast<std::size_t>(node.attributes.integer("variable"))];
  }

  /// The node behind the views through which a value is seen.
  const Node& seen(ValueId id) const { return from_.node(behind_views(from_, id).node); }

  /// Asks the kernel of each node that reads a variable for the layouts it wants.
  void find_reads() {
    const auto readers = readers_of(from_);
    for (const Node& node : from_.nodes()) {
      const bool reads_variable =
          std::any_of(node.inputs.begin(), node.inputs.end(),
                      [&](ValueId id) { return seen(id).op->name == "variable"; });
      if (!reads_variable || node.op->view) continue;
      const std::vector<std::string> layouts = layouts_of(node, readers);
      for (std::size_t i = 0; i < layouts.size(); ++i) {
        const Node& source = seen(node.inputs[i]);
        if (layouts[i].empty() || source.op->name != "variable") continue;
        const std::shared_ptr<Variable> other =
            variable_of(source)->laid_out(layouts[i], from_.type(node.inputs[i]).shape);
        reads_[{node.id, i}] = other;
        std::vector<std::shared_ptr<Variable>>& all =
            others_[source.attributes.integer("variable")];
        if (std::find(all.begin(), all.end(), other) == all.end()) all.push_back(other);
      }
    }
  }

  std::vector<std::string> layouts_of(const Node& node,
                                      const std::map<ValueId, std::vector<int>>& readers) const {
    runtime::Backend& backend = runtime::default_backend();
    runtime::KernelRequest request = request_of(from_, node);
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
      request.read.push_back(readers.count({node.id, static_cast<int>(i)}) > 0);
    request.implementation =
        choose_ ? choose_(request, backend.implementations(request)) : backend.choose(request);
    return backend.layouts(request);
  }

  void copy(const Node& node) {
    std::vector<ValueId> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto read = reads_.find({node.id, i});
      inputs.push_back(read == reads_.end() ? rewrite_(node.inputs[i])
                                            : rewrite_.graph().variable(read->second).id());
    }
    Node changed = node;
    const std::vector<Wanted> wanted = wanted_of(node);
    if (node.op->name == "fused") lay_out(changed, wanted);
    const int id = rewrite_.graph().append(changed, std::move(inputs));
    for (int i = 0; i < static_cast<int>(node.outputs.size()); ++i)
      rewrite_.map({node.id, i}, {id, i});
    int next = static_cast<int>(node.outputs.size());
    const int laid_out = static_cast<int>(changed.outputs.size());
    for (const Wanted& w : wanted)
      take(w, next < laid_out ? ValueId{id, next++} : reorder({id, w.output}, w));
  }

  /// A layout of a variable that takes one of a node's outputs.
  struct Wanted {
    int output;
    std::shared_ptr<Variable> other;
  };

  std::vector<Wanted> wanted_of(const Node& node) const {
    std::vector<Wanted> wanted;
    for (const Graph::Update& update : from_.updates()) {
      const auto others = others_.find(update.variable);
      if (update.value.node != node.id || others == others_.end()) continue;
      for (const auto& other : others->second) wanted.push_back({update.value.output, other});
    }
    return wanted;
  }

  /// Gives a loop the outputs, if it can write them all.
  static void lay_out(Node& loop, const std::vector<Wanted>& wanted) {
    ops::FusedCode code = ops::FusedCode::from(loop.attributes);
    const bool able = std::all_of(wanted.begin(), wanted.end(), [&](const Wanted& w) {
      const auto& result = code.results[static_cast<std::size_t>(w.output) % code.results.size()];
      return result.fold == ops::FusedCode::Fold::None &&
             (result.dtype == code.compute || result.dtype == DType::BFloat16);
    });
    if (!able) return;
    for (const Wanted& w : wanted) {
      code.laid_out.push_back(w.output);
      loop.outputs.push_back(w.other->type());
    }
    loop.attributes = code.to_attributes();
  }

  ValueId reorder(ValueId value, const Wanted& wanted) {
    const TensorType& type = wanted.other->type();
    Graph& graph = rewrite_.graph();
    if (graph.type(value).shape != type.shape) {
      Node view{.op = &find_op("reshape"), .outputs = {{type.dtype, type.shape}}};
      view.attributes.set("shape", type.shape.dims());
      value = {graph.append(view, {value}), 0};
    }
    Node node{.op = &find_op("reorder"), .outputs = {type}};
    return {graph.append(node, {value}), 0};
  }

  void take(const Wanted& wanted, ValueId value) {
    const int variable =
        static_cast<int>(rewrite_.graph()
                             .node(rewrite_.graph().variable(wanted.other).id().node)
                             .attributes.integer("variable"));
    updates_.push_back({variable, value});
  }

  const Graph& from_;
  const KernelChooser& choose_;
  Rewriter rewrite_;
  std::map<Read, std::shared_ptr<Variable>> reads_;
  /// The layouts in use of each variable.
  std::map<std::int64_t, std::vector<std::shared_ptr<Variable>>> others_;
  std::vector<Graph::Update> updates_;
};

}  // namespace

Graph layout(const Graph& graph, const KernelChooser& choose) {
  return LayoutPass(graph, choose).run();
}

}  // namespace sinew::compiler
