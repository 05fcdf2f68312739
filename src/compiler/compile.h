#pragma once

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

struct CompileOptions {
  /// Filled with the graph after each pass, when given.
  std::vector<Trace>* trace = nullptr;
};

/// Graph -> simplify -> fuse -> layout -> schedule -> plan_memory -> Executable. Inputs and outputs keep the graph's
/// names and order. Variables may be moved into the layout the kernels want, unless an earlier program has bound them.
std::unique_ptr<runtime::Executable> compile(Graph graph, const CompileOptions& options = {});

}  // namespace sinew::compiler
