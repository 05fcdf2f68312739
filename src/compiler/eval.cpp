#include "sinew/compiler/eval.h"

#include <fmt/format.h>

#include "compiler/compile.h"
#include "compiler/rewrite.h"
#include "sinew/base/error.h"
#include "sinew/compiler/evaluator.h"
#include "sinew/graph/op.h"

namespace sinew {

namespace {

/// What the values need of their graph, compiled.
std::unique_ptr<runtime::Executable> compiled(const std::vector<Value>& values,
                                              const compiler::CompileOptions& options) {
  const Graph& from = values[0].graph();
  compiler::Rewriter rewrite(from);
  for (const Node& node : from.nodes()) rewrite.copy(node);
  std::vector<Graph::NamedValue> outputs;
  for (const Value& value : values) {
    outputs.push_back({fmt::format("value{}", outputs.size()), rewrite(value.id())});
  }
  rewrite.graph().set_outputs(std::move(outputs));
  return compiler::compile(std::move(rewrite.graph()), options);
}

std::vector<Tensor> run(runtime::Executable& executable,
                        const std::map<std::string, Tensor>& inputs) {
  std::vector<Tensor> given;
  for (const auto& input : executable.program().inputs) {
    const auto at = inputs.find(input.name);
    if (at == inputs.end())
      throw ValueError(fmt::format("eval: no tensor was given for input '{}'", input.name));
    given.push_back(at->second);
  }
  executable.run(given);
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < executable.program().outputs.size(); ++i)
    results.push_back(executable.output(i));
  return results;
}

std::vector<Tensor> copies(std::vector<Tensor> views) {
  for (Tensor& view : views) view = view.clone();
  return views;
}

}  // namespace

std::vector<Tensor> compiler::eval(const std::vector<Value>& values,
                                   const std::map<std::string, Tensor>& inputs,
                                   const CompileOptions& options) {
  if (values.empty()) return {};
  return copies(run(*compiled(values, options), inputs));
}

Evaluator::Evaluator(const std::vector<Value>& values) {
  if (!values.empty()) executable_ = compiled(values, {});
}

std::vector<Tensor> Evaluator::operator()(const std::map<std::string, Tensor>& inputs) const {
  return copies(views(inputs));
}

std::vector<Tensor> Evaluator::views(const std::map<std::string, Tensor>& inputs) const {
  if (!executable_) return {};
  return run(*executable_, inputs);
}

std::vector<Tensor> eval(const std::vector<Value>& values,
                         const std::map<std::string, Tensor>& inputs) {
  return compiler::eval(values, inputs, {});
}

Tensor eval(Value value, const std::map<std::string, Tensor>& inputs) {
  return eval(std::vector<Value>{value}, inputs)[0];
}

}  // namespace sinew
