#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/executable.h"
#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// A graph as text before and after a pass; what `sinew inspect` prints.
struct Trace {
  std::string pass;
  std::string text;
};

/// Picks one of the kernels that can compute a request, by name, for `sinew bench --tune`.
using KernelChooser = std::function<std::string(const runtime::KernelRequest& request,
                                                const std::vector<std::string>& names)>;

struct CompileOptions {
  /// Filled with the graph after each pass, when given.
  std::vector<Trace>* trace = nullptr;
  /// Instead of the backend's own choice, when given.
  KernelChooser choose = {};
};

/// Graph -> simplify -> fuse -> layout -> schedule -> plan_memory -> Executable; each pass's result
/// is verified (Graph::verify). Inputs and outputs keep the graph's names and order.
std::unique_ptr<runtime::Executable> compile(Graph graph, const CompileOptions& options = {});

/// sinew::eval (see sinew/compiler/eval.h) with options.
std::vector<Tensor> eval(const std::vector<Value>& values,
                         const std::map<std::string, Tensor>& inputs,
                         const CompileOptions& options);

}  // namespace sinew::compiler
