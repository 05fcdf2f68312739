#include "sinew/autodiff/gradients.h"

#include <fmt/format.h>

#include <map>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"

namespace sinew {
namespace {

/// Which nodes lie on a way from one of `inputs` to `output`: only these need a rule.
std::vector<bool> on_the_way(const Graph& graph, ValueId output, std::span<const Value> inputs) {
  const auto count = static_cast<std::size_t>(output.node) + 1;
  std::vector<bool> depends(count, false);
  for (const Value& input : inputs) {
    if (input.id().node <= output.node) depends[static_cast<std::size_t>(input.id().node)] = true;
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (ValueId id : graph.node(static_cast<int>(i)).inputs) {
      if (depends[static_cast<std::size_t>(id.node)]) depends[i] = true;
    }
  }
  return depends;
}

std::vector<Value> existing_gradients(Value output, std::span<const Value> inputs, Value cotangent);

/// The gradients of several outputs, each with its cotangent, added up. Outputs that are not
/// floating do not count.
std::vector<Value> sum_of_gradients(std::span<const Value> outputs, std::span<const Value> inputs,
                                    std::span<const Value> cotangents) {
  std::vector<Value> sums(inputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i] || !cotangents[i] || !is_floating(outputs[i].dtype())) continue;
    const std::vector<Value> parts = existing_gradients(outputs[i], inputs, cotangents[i]);
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (parts[k]) sums[k] = sums[k] ? sums[k] + parts[k] : parts[k];
    }
  }
  return sums;
}

/// Differentiates a node through its op's decomposition into simpler ops.
std::vector<Value> through_decomposition(const GradientRequest& request) {
  // Aliases cut the walk off at the node's own inputs, one of which may be computed from another.
  std::vector<Value> aliases;
  std::vector<Value> wanted;
  for (const Value& input : request.inputs) {
    aliases.push_back(ops::reshape(input, input.shape()));
    if (is_floating(input.dtype())) wanted.push_back(aliases.back());
  }
  std::vector<Value> simple;
  if (request.node.op->decompose) {
    simple = request.node.op->decompose(aliases, request.attributes());
  } else {
    const VectorJacobian of = request.node.op->backward_of(aliases, request.attributes());
    simple = sum_of_gradients(of.outputs, of.inputs, of.cotangents);
  }
  const std::vector<Value> sums = sum_of_gradients(simple, wanted, request.cotangents);
  std::vector<Value> result(request.inputs.size());
  for (std::size_t i = 0, k = 0; i < result.size(); ++i) {
    if (is_floating(request.inputs[i].dtype())) result[i] = sums[k++];
  }
  return result;
}

std::vector<Value> vector_jacobian(Graph& graph, const Node& node, std::vector<Value> cotangents) {
  GradientRequest request{graph, node, {}, {}, std::move(cotangents)};
  for (ValueId id : node.inputs) request.inputs.push_back(graph.value(id));
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    request.outputs.push_back(graph.value({node.id, static_cast<int>(i)}));
  }
  if (node.op->gradient) return node.op->gradient(request);
  if (node.op->decompose || node.op->backward_of) return through_decomposition(request);
  throw InternalError(
      fmt::format("{}: the op has neither a gradient rule nor a decomposition", node.where()));
}

}  // namespace

namespace {

/// gradients(), with undefined Values where the output does not depend on an input.
std::vector<Value> existing_gradients(Value output, std::span<const Value> inputs,
                                      Value cotangent) {
  Graph& graph = output.graph();
  if (!is_floating(output.dtype())) {
    throw DTypeError(fmt::format("gradients: the output is {}; only floating values have gradients",
                                 name_of(output.dtype())));
  }
  for (const Value& input : inputs) {
    if (!is_floating(input.dtype())) {
      throw DTypeError(fmt::format("gradients: an input is {}; only floating values have gradients",
                                   name_of(input.dtype())));
    }
  }
  const std::vector<bool> depends = on_the_way(graph, output.id(), inputs);
  std::map<ValueId, Value> cotangents;
  cotangents[output.id()] = cotangent ? cotangent : ops::ones_like(output);

  // Nodes are stored inputs first, so walking backwards meets a node after all of its users. The
  // rules append to the same graph, behind `output`, hence the index.
  for (int id = output.id().node; id >= 0; --id) {
    const Node& node = graph.node(id);
    if (!depends[static_cast<std::size_t>(id)] || node.inputs.empty()) continue;
    std::vector<Value> upstream(node.outputs.size());
    bool any = false;
    for (std::size_t i = 0; i < upstream.size(); ++i) {
      const auto at = cotangents.find({id, static_cast<int>(i)});
      if (at != cotangents.end()) upstream[i] = at->second, any = true;
    }
    if (!any) continue;
    Graph::Scope scope(graph, node.scope);
    const std::vector<Value> downstream = vector_jacobian(graph, node, std::move(upstream));
    for (std::size_t i = 0; i < downstream.size(); ++i) {
      const ValueId to = node.inputs[i];
      if (!downstream[i] || !depends[static_cast<std::size_t>(to.node)]) continue;
      auto [at, inserted] = cotangents.try_emplace(to, downstream[i]);
      if (!inserted) at->second = at->second + downstream[i];
    }
  }
  std::vector<Value> result;
  for (const Value& input : inputs) {
    const auto at = cotangents.find(input.id());
    result.push_back(at != cotangents.end() ? at->second : Value());
  }
  return result;
}

}  // namespace

std::vector<Value> gradients(Value output, std::span<const Value> inputs, Value cotangent) {
  std::vector<Value> result = existing_gradients(output, inputs, cotangent);
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (!result[i]) result[i] = ops::zeros_like(inputs[i]);
  }
  return result;
}

}  // namespace sinew
