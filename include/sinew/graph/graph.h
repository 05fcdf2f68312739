#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sinew/graph/attributes.h"

namespace sinew {

struct Op;
class Graph;
class Variable;

/// Element type, extents and memory layout of a value. The layout is empty for row-major; the
/// compiler's layout pass may give a value the name of a layout that only the backend understands.
struct TensorType {
  DType dtype = DType::Float32;
  Shape shape;
  std::string layout = {};

  bool operator==(const TensorType&) const = default;
  /// "float32(32, 10)", with "@layout" appended where it is not row-major.
  std::string str() const;
};

/// One output of one node of a graph.
struct ValueId {
  int node = -1;
  int output = 0;

  auto operator<=>(const ValueId&) const = default;
};

/// A symbolic tensor: a handle to an output of a node, with arithmetic (see sinew/ops/). Layers,
/// losses and optimizers are functions of Values; gradients follow from the ops' rules. Valid as
/// long as its graph lives.
class Value {
 public:
  Value() = default;
  Value(Graph& graph, ValueId id) : graph_(&graph), id_(id) {}

  bool defined() const { return graph_ != nullptr; }
  explicit operator bool() const { return defined(); }
  Graph& graph() const;
  ValueId id() const { return id_; }
  const TensorType& type() const;
  const Shape& shape() const { return type().shape; }
  DType dtype() const { return type().dtype; }
  int rank() const { return shape().rank(); }
  /// Extent of an axis; negative axes count from the end.
  std::int64_t dim(int axis) const { return shape()[axis]; }

 private:
  Graph* graph_ = nullptr;
  ValueId id_;
};

/// An application of an op. Nodes are stored in an order in which inputs come before their users.
struct Node {
  int id = -1;
  const Op* op = nullptr;
  std::vector<ValueId> inputs = {};
  Attributes attributes = {};
  std::vector<TensorType> outputs = {};
  /// The layer, loss or optimizer that made the node, such as `Dense "dense_1"`; for messages,
  /// printing and profiles.
  std::string scope = {};

  /// `Dense "dense_1", op matmul`, or `op matmul` outside any scope: how an error begins.
  std::string where() const;
};

/// The program of a step before it is compiled: pure ops from inputs, constants and variables to
/// named outputs, and new values that variables take, all at once, when the step ends. Reading a
/// variable always gives its old value.
class Graph {
 public:
  struct NamedValue {
    std::string name;
    ValueId value;
  };
  struct Update {
    /// Index into variables().
    int variable;
    ValueId value;
  };

  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  /// Values of a moved-from graph must not be used.
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  /// A tensor given anew at each run. Names are unique; throws ValueError otherwise.
  Value input(std::string name, DType dtype, Shape shape);
  Value constant(Tensor tensor);
  /// The value a variable has when the step begins; the same Value however often it is asked for.
  Value variable(const std::shared_ptr<Variable>& variable);
  /// Appends a node: looks the op up, infers its outputs' types (throwing ShapeError or DTypeError
  /// that names the scope and the op) and returns its outputs. All inputs must belong to this
  /// graph.
  std::vector<Value> add(std::string_view op, std::span<const Value> inputs,
                         Attributes attributes = {});
  /// Appends a copy of another graph's node with its types as they are and inputs in this graph
  /// (for passes).
  int append(const Node& node, std::vector<ValueId> inputs);

  void output(std::string name, Value value);
  /// The variable takes this value when the step ends; dtype and shape must be the variable's.
  void update(const std::shared_ptr<Variable>& variable, Value value);
  /// The same from a pass, which has checked them.
  void set_outputs(std::vector<NamedValue> outputs) { outputs_ = std::move(outputs); }
  void set_updates(std::vector<Update> updates) { updates_ = std::move(updates); }

  void set_variables(std::vector<std::shared_ptr<Variable>> variables) {
    variables_ = std::move(variables);
  }

  const std::deque<Node>& nodes() const { return nodes_; }
  const Node& node(int id) const { return nodes_[static_cast<std::size_t>(id)]; }
  Node& node(int id) { return nodes_[static_cast<std::size_t>(id)]; }
  const TensorType& type(ValueId id) const {
    return node(id.node).outputs[static_cast<std::size_t>(id.output)];
  }
  Value value(ValueId id) { return {*this, id}; }
  const std::vector<NamedValue>& outputs() const { return outputs_; }
  const std::vector<Update>& updates() const { return updates_; }
  /// The variables that nodes "variable" and updates refer to by index.
  const std::vector<std::shared_ptr<Variable>>& variables() const { return variables_; }

  /// One line a node: `%3 = matmul(%1, %2) {transpose_b=true} : float32(32, 10)  // Dense
  /// "dense_1"`.
  std::string str() const;
  /// Checks what passes must keep: inputs come before users, types are what the ops infer. Throws
  /// InternalError.
  void verify() const;

  /// While alive, nodes appended to the graph carry this scope (nested scopes are joined by "/").
  class Scope {
   public:
    Scope(Graph& graph, const std::string& name);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Graph& graph_;
    std::string previous_;
  };

 private:
  int index_of(const std::shared_ptr<Variable>& variable);

  std::deque<Node> nodes_;
  std::vector<NamedValue> outputs_;
  std::vector<Update> updates_;
  std::vector<std::shared_ptr<Variable>> variables_;
  std::string scope_;
};

}  // namespace sinew
