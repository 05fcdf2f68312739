#pragma once

#include <memory>
#include <string>

#include "bind.h"
#include "sinew/graph/graph.h"
#include "sinew/nn/layer.h"

namespace sinew::python {

/// A time in which Python code appends to a graph: from the beginning of a call of a layer, loss or
/// metric written in Python to its end. Values seen in it are of no use later.
struct Trace {
  Graph* graph = nullptr;
  /// Of a layer's or metric's call; null for plain functions of Values.
  CallContext* context = nullptr;
  /// The type that floating weights are read in; none keeps their own.
  std::optional<DType> compute = {};
  bool ended = false;

  /// What a variable holds at this point of the program.
  Value read(const VariablePtr& variable) const;
};

/// Opens a trace of the graph for as long as it lives; within another of the same graph, values are
/// good until that one ends.
class TraceScope {
 public:
  explicit TraceScope(Graph& graph, CallContext* context = nullptr,
                      std::optional<DType> compute = {});
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;
};

/// The innermost one of this thread, or null.
std::shared_ptr<Trace> current_trace();
/// The same; throws ValueError naming what needs it.
Trace& trace_for(const std::string& what);

/// A Value as Python holds it, which knows when it has become of no use.
class TracedValue {
 public:
  TracedValue(Value value, std::shared_ptr<Trace> trace)
      : value_(value), trace_(std::move(trace)) {}
  /// In the present trace.
  explicit TracedValue(Value value) : TracedValue(value, current_trace()) {}

  /// Throws ValueError when its trace has ended.
  Value get() const;
  TracedValue with(Value value) const { return {value, trace_}; }
  Graph& graph() const { return get().graph(); }

 private:
  Value value_;
  std::shared_ptr<Trace> trace_;
};

/// An optional argument; undefined for None.
Value value_or_none(const std::optional<TracedValue>& value);

}  // namespace sinew::python
