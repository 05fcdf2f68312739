// Graph -> steps. Inputs, constants, variables and views cost no step; every other node becomes one
// kernel call. A new value of a variable is written into the variable itself when nothing reads the
// old value afterwards, and copied at the end otherwise.

#include <algorithm>
#include <map>
#include <set>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/graph/variable.h"

namespace sinew::compiler {
namespace {

using runtime::Operand;
using runtime::Place;

/// Each buffer read counts once, however many operands see it.
double bytes_moved(const runtime::Step& step) {
  double sum = 0;
  std::set<std::pair<Place, std::int64_t>> seen;
  for (const Operand& operand : step.inputs) {
    if (seen.emplace(operand.place, operand.position).second)
      sum += static_cast<double>(operand.bytes);
  }
  for (const Operand& operand : step.outputs) sum += static_cast<double>(operand.bytes);
  return sum;
}

class Lowering {
 public:
  Lowering(const Graph& graph, const KernelChooser& choose)
      : graph_(graph),
        backend_(runtime::default_backend()),
        choose_(choose),
        readers_(readers_of(graph)) {}

  Lowered run() {
    result_.program.variables = graph_.variables();
    place_leaves();
    place_updates();
    for (const Node& node : graph_.nodes()) lower_node(node);
    for (const Graph::NamedValue& output : graph_.outputs()) bind_output(output);
    copy_updates();
    return std::move(result_);
  }

 private:
  /// Through views to the value that owns the buffer.
  ValueId root(ValueId id) const { return behind_views(graph_, id); }

  Operand make(const TensorType& type, Place place, std::int64_t position) const {
    return {type, place, position, static_cast<std::int64_t>(backend_.bytes(type))};
  }

  Operand variable_operand(int index) const {
    return make(graph_.variables()[static_cast<std::size_t>(index)]->type(), Place::Variable,
                index);
  }

  void place_leaves() {
    for (const Node& node : graph_.nodes()) {
      const ValueId id{node.id, 0};
      if (node.op->name == "input") {
        const auto index = static_cast<std::int64_t>(result_.program.inputs.size());
        places_[id] = make(node.outputs[0], Place::Input, index);
        result_.program.inputs.push_back({node.attributes.get<std::string>("name"), places_[id]});
      } else if (node.op->name == "constant") {
        places_[id] = make(node.outputs[0], Place::Constant,
                           static_cast<std::int64_t>(result_.program.constants.size()));
        result_.program.constants.push_back(node.attributes.get<Tensor>("value"));
      } else if (node.op->name == "variable") {
        places_[id] = variable_operand(static_cast<int>(node.attributes.integer("variable")));
      }
    }
  }

  /// The last node that reads each variable's old value, through views too; outputs and other
  /// variables' updates read at the very end.
  std::map<int, int> last_readers() const {
    std::map<int, int> last;
    const auto note = [&](ValueId id, int reader) {
      const Node& node = graph_.node(root(id).node);
      if (node.op->name != "variable") return;
      int& at =
          last.try_emplace(static_cast<int>(node.attributes.integer("variable")), -1).first->second;
      at = std::max(at, reader);
    };
    for (const Node& node : graph_.nodes()) {
      for (ValueId id : node.inputs) note(id, node.id);
    }
    for (const Graph::NamedValue& output : graph_.outputs())
      note(output.value, static_cast<int>(graph_.nodes().size()));
    for (const Graph::Update& update : graph_.updates())
      note(update.value, static_cast<int>(graph_.nodes().size()));
    return last;
  }

  void place_updates() {
    const std::map<int, int> last = last_readers();
    for (const Graph::Update& update : graph_.updates()) {
      const ValueId value = root(update.value);
      const Node& maker = graph_.node(value.node);
      const auto reader = last.find(update.variable);
      const bool leaf = !maker.op->infer;
      // The maker itself may read the old value only where its kernel works in place; asked when it
      // is lowered.
      if (leaf || places_.count(value) || (reader != last.end() && reader->second > value.node)) {
        late_copies_.push_back({update.variable, value});
      } else {
        places_[value] = variable_operand(update.variable);
        makers_.emplace(value, update.variable);
      }
    }
  }

  Operand operand(ValueId id) const {
    const auto at = places_.find(root(id));
    if (at == places_.end()) throw InternalError("a step reads a value that no step has made");
    Operand result = at->second;
    result.type.shape = graph_.type(id).shape;
    return result;
  }

  void lower_node(const Node& node) {
    const std::string& name = node.op->name;
    if (name == "input" || name == "constant" || name == "variable" || node.op->view) return;
    runtime::KernelRequest request{name, node.attributes, {}, node.outputs, node.where()};
    runtime::Step step{.kernel = name, .attributes = node.attributes, .scope = node.scope};
    std::vector<TensorType> types;
    for (ValueId id : node.inputs) {
      step.inputs.push_back(operand(id));
      types.push_back(graph_.type(id));
      types.back().layout = step.inputs.back().type.layout;
      request.inputs.push_back(types.back());
    }
    request.implementation =
        choose_ ? choose_(request, backend_.implementations(request)) : backend_.choose(request);
    step.implementation = request.implementation;
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
      request.read.push_back(readers_.count({node.id, static_cast<int>(i)}) > 0);
    auto kernel = backend_.create(request);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId id{node.id, static_cast<int>(i)};
      if (!can_write_variable(node, id, *kernel)) {
        late_copies_.push_back({makers_.at(id), id});
        places_.erase(id);
      }
      const auto at = places_.find(id);
      if (at == places_.end())
        places_[id] = make(node.outputs[i], Place::Arena, -1 - next_buffer_++);
      step.outputs.push_back(places_[id]);
    }
    step.scratch_bytes = static_cast<std::int64_t>(kernel->scratch_bytes());
    step.packed_bytes = static_cast<std::int64_t>(kernel->packed_bytes());
    if (node.op->flops) step.flops = node.op->flops(node, types);
    step.bytes = node.op->bytes ? node.op->bytes(node, types) : bytes_moved(step);
    result_.program.steps.push_back(std::move(step));
    result_.kernels.push_back(std::move(kernel));
  }

  bool can_write_variable(const Node& node, ValueId id, const runtime::Kernel& kernel) const {
    const auto maker = makers_.find(id);
    if (maker == makers_.end()) return true;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Operand read = operand(node.inputs[i]);
      if (read.place == Place::Variable && read.position == maker->second &&
          !kernel.may_share(static_cast<int>(i), id.output)) {
        return false;
      }
    }
    return true;
  }

  void bind_output(const Graph::NamedValue& output) {
    Operand from = operand(output.value);
    if (from.place == Place::Variable || from.place == Place::Input ||
        from.place == Place::Constant) {
      Operand to = make({from.type.dtype, from.type.shape}, Place::Arena, -1 - next_buffer_++);
      add_step("copy", from, to);
      from = to;
    }
    result_.program.outputs.push_back({output.name, from});
  }

  /// The updates that were not written in place. Variables that take each other's old values are
  /// all read before any of them is written; the layouts of variables are made anew last.
  void copy_updates() {
    std::vector<std::pair<Operand, Operand>> writes;
    std::vector<int> layouts;
    for (const auto& [variable, value] : late_copies_) {
      if (graph_.variables()[static_cast<std::size_t>(variable)]->source()) {
        layouts.push_back(variable);
        continue;
      }
      Operand from = operand(value);
      if (from.place == Place::Variable) {
        if (from.position == variable) continue;
        const Operand old = make(from.type, Place::Arena, -1 - next_buffer_++);
        add_step("copy", from, old);
        from = old;
      }
      writes.emplace_back(from, variable_operand(variable));
    }
    for (const auto& [from, to] : writes) add_step("copy", from, to);
    for (int variable : layouts)
      add_step("reorder", variable_operand(index_of_source(variable)), variable_operand(variable));
  }

  int index_of_source(int variable) const {
    const auto& all = graph_.variables();
    const Variable* source = all[static_cast<std::size_t>(variable)]->source();
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const auto& other) { return other.get() == source; });
    if (at == all.end()) throw InternalError("a variable's layout is in a program without it");
    return static_cast<int>(at - all.begin());
  }

  void add_step(const std::string& kernel, const Operand& from, const Operand& to) {
    runtime::KernelRequest request{kernel, {}, {from.type}, {to.type}, kernel};
    result_.kernels.push_back(backend_.create(request));
    runtime::Step step{.kernel = kernel, .inputs = {from}, .outputs = {to}};
    step.bytes = bytes_moved(step);
    result_.program.steps.push_back(std::move(step));
  }

  const Graph& graph_;
  runtime::Backend& backend_;
  const KernelChooser& choose_;
  std::map<ValueId, std::vector<int>> readers_;
  Lowered result_;
  std::map<ValueId, Operand> places_;
  /// Values that are written straight into a variable.
  std::map<ValueId, int> makers_;
  std::vector<std::pair<int, ValueId>> late_copies_;
  /// Arena operands carry -1 - buffer number as their position until plan_memory gives them
  /// offsets.
  std::int64_t next_buffer_ = 0;
};

}  // namespace

Lowered lower(const Graph& graph, const KernelChooser& choose) {
  return Lowering(graph, choose).run();
}

}  // namespace sinew::compiler
