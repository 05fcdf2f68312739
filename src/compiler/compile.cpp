#include "compiler/compile.h"

#include "compiler/passes.h"

namespace sinew::compiler {

std::unique_ptr<runtime::Executable> compile(Graph graph, const CompileOptions& options) {
  const auto record = [&](const char* pass, auto text) {
    if (options.trace) options.trace->push_back({pass, text()});
  };
  const auto apply = [&](const char* name, auto pass) {
    graph = pass(graph);
    graph.verify();
    record(name, [&] { return graph.str(); });
  };
  record("declared", [&] { return graph.str(); });
  graph.verify();
  apply("simplify", simplify);
  if (stores_bfloat16(graph)) {
    apply("widen", widen);
    apply("narrow", narrow);
  }
  apply("fuse", fuse);
  apply("layout", [&](const Graph& before) { return layout(before, options.choose); });
  apply("schedule", schedule);
  Lowered lowered = lower(graph, options.choose);
  plan_memory(lowered);
  record("plan_memory", [&] { return lowered.program.str(); });
  return std::make_unique<runtime::Executable>(std::move(lowered.program),
                                               std::move(lowered.kernels));
}

}  // namespace sinew::compiler
