#include "compiler/clusters.h"

#include <algorithm>
#include <numeric>

#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

using ops::FusedCode;

FusedCode::Fold fold_named(const std::string& op) {
  if (op == "reduce_sum") return FusedCode::Fold::Sum;
  if (op == "reduce_max") return FusedCode::Fold::Max;
  if (op == "reduce_min") return FusedCode::Fold::Min;
  return FusedCode::Fold::None;
}

bool foldable(const Graph& graph, const Node& node) {
  if (fold_named(node.op->name) == FusedCode::Fold::None || node.attributes.flag("keepdims"))
    return false;
  return !uniform_constant(graph.node(node.inputs[0].node)).found &&
         ops::loop_folds(graph.type(node.inputs[0]), node.attributes.integers("axes"));
}

/// Whether a cast changes numbers in a way that a loop's registers, which are floating, would not
/// show: only the stored result has it. (That a value is not rounded to bfloat16 on its way is
/// fine.)
bool rounds(const Graph& graph, const Node& node) {
  if (node.op->name != "cast") return false;
  const DType from = graph.type(node.inputs[0]).dtype, to = node.outputs[0].dtype;
  if (from == to || to == DType::Float64 || to == DType::BFloat16) return false;
  if (to == DType::Float32) return from == DType::Float64;
  return from != DType::Bool;
}

DType compute_dtype_of(const Graph& graph, const Node& node) {
  DType compute = ops::compute_dtype(node.outputs[0].dtype);
  for (ValueId id : node.inputs) {
    if (ops::compute_dtype(graph.type(id).dtype) == DType::Float64) compute = DType::Float64;
  }
  return compute;
}

}  // namespace

Clusters::Clusters(const Graph& graph)
    : graph_(graph), users_(graph.nodes().size()), visited_(graph.nodes().size(), 0) {
  for (const Node& node : graph.nodes()) {
    cluster_.push_back(node.id);
    members_.push_back({node.id});
    reach_.push_back(node.id);
    fusable_.push_back(node.op->elementwise || foldable(graph, node));
    stored_.push_back(rounds(graph, node) || (fusable_.back() && !node.op->elementwise));
    compute_.push_back(fusable_.back() ? compute_dtype_of(graph, node) : DType::Float32);
    uniform_.push_back(uniform_constant(node));
    for (ValueId id : node.inputs) users_[static_cast<std::size_t>(id.node)].push_back(node.id);
  }
  for (const Graph::NamedValue& output : graph.outputs()) leaving_.insert(output.value.node);
  for (const Graph::Update& update : graph.updates()) {
    leaving_.insert(update.value.node);
    updating_.insert(update.value.node);
  }
}

bool Clusters::is_fold(int node) const {
  return fusable(node) && !graph_.node(node).op->elementwise;
}

const Shape& Clusters::domain(int node) const {
  const Node& of = graph_.node(node);
  return is_fold(node) ? graph_.type(of.inputs[0]).shape : of.outputs[0].shape;
}

std::set<ValueId> Clusters::operands(const std::vector<int>& nodes) const {
  std::set<ValueId> result;
  for (int node : nodes) {
    for (ValueId id : graph_.node(node).inputs) {
      if (!std::binary_search(nodes.begin(), nodes.end(), id.node) && !uniform(id).found)
        result.insert(id);
    }
  }
  return result;
}

FusedCode::Result Clusters::fold_of(const Node& node) const {
  const auto& axes = node.attributes.integers("axes");
  FusedCode::Result result;
  result.dtype = node.outputs[0].dtype;
  result.fold = fold_named(node.op->name);
  result.first = axes.front();
  result.last = axes.back() + 1;
  // All axes are said without their number, so that loops over weights of other ranks read the
  // same.
  if (result.first == 0 && result.last == domain(node.id).rank()) result.last = -1;
  return result;
}

std::vector<int> Clusters::together(int a, int b) const {
  std::vector<int> joined;
  std::merge(members(a).begin(), members(a).end(), members(b).begin(), members(b).end(),
             std::back_inserter(joined));
  return joined;
}

/// Whether the two could be one loop, dependencies aside.
bool Clusters::may_join(int a, int b) const {
  if (a == b || members(a).empty() || members(b).empty()) return false;
  const int first = members(a)[0], second = members(b)[0];
  if (!fusable(first) || !fusable(second) || domain(first) != domain(second)) return false;
  const std::vector<int> joined = together(a, b);
  if (joined.size() > ops::kMaxFusedInstructions ||
      operands(joined).size() > ops::kMaxFusedInputs) {
    return false;
  }
  std::vector<FusedCode::Result> folds;
  for (int node : joined) {
    if (is_fold(node)) folds.push_back(fold_of(graph_.node(node)));
  }
  return folds.size() <= ops::kMaxFusedFolds &&
         (folds.empty() || ops::fused_grid(domain(first), folds).has_value());
}

/// Whether `to` needs something of `from` that one loop could not give it: a result that is only
/// there when it is stored, or what other clusters make of a result.
bool Clusters::needs(int from, int to) const {
  // No cluster reaches across this node, so that no path that is behind it leads back to `to`.
  int bound = members(to).back();
  while (reach_[static_cast<std::size_t>(bound)] > bound)
    bound = reach_[static_cast<std::size_t>(bound)];
  std::vector<int> stack;
  ++round_;
  const auto push_users = [&](int node) {
    for (int user : users(node)) {
      const int next = of(user);
      int& visited = visited_[static_cast<std::size_t>(next)];
      if (next == from || visited == round_ || members(next).front() > bound) continue;
      visited = round_;
      stack.push_back(next);
    }
  };
  for (int node : members(from)) {
    if (!stored_[static_cast<std::size_t>(node)]) push_users(node);
  }
  // Other direct edges are what joining removes.
  visited_[static_cast<std::size_t>(to)] = 0;
  stack.erase(std::remove(stack.begin(), stack.end(), to), stack.end());
  for (int node : members(from)) {
    if (stored_[static_cast<std::size_t>(node)]) push_users(node);
  }
  while (!stack.empty()) {
    const int cluster = stack.back();
    stack.pop_back();
    if (cluster == to) return true;
    for (int node : members(cluster)) push_users(node);
  }
  return false;
}

bool Clusters::blocked(int a, int b) const { return needs(a, b) || needs(b, a); }

void Clusters::join(int a, int b) {
  if (compute(b) == DType::Float64) compute_[static_cast<std::size_t>(a)] = DType::Float64;
  std::vector<int> joined = together(a, b);
  for (int node : members(b)) cluster_[static_cast<std::size_t>(node)] = a;
  const int last = joined.back();
  for (auto i = static_cast<std::size_t>(joined.front()); reach_[i] < last; ++i) reach_[i] = last;
  members_[static_cast<std::size_t>(b)].clear();
  members_[static_cast<std::size_t>(a)] = std::move(joined);
}

void Clusters::join_along_edge(int producer, int consumer) {
  if (may_join(producer, consumer) && compute(producer) == compute(consumer) &&
      !needs(producer, consumer)) {
    join(producer, consumer);
  }
}

/// The operands that make a loop's traffic: those as large as the domain.
std::set<ValueId> Clusters::large_operands(int cluster) const {
  std::set<ValueId> result;
  const Shape& shape = domain(members(cluster)[0]);
  for (ValueId id : operands(members(cluster))) {
    if (graph_.type(id).shape.numel() == shape.numel()) result.insert(id);
  }
  return result;
}

/// Whether the loop makes a variable's new value, which waits for all readers of the old one.
bool Clusters::updates(int cluster) const {
  return std::any_of(members(cluster).begin(), members(cluster).end(),
                     [&](int node) { return updating_.count(node) != 0; });
}

/// Two readers of one value read it once; but no operand that only one of them needs shall wait for
/// the other.
void Clusters::join_siblings(int a, int b) {
  if (!may_join(a, b) || compute(a) != compute(b) || updates(a) != updates(b)) return;
  const std::set<ValueId> first = large_operands(a), second = large_operands(b);
  const auto covers = [](const std::set<ValueId>& all, const std::set<ValueId>& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
  };
  if ((covers(first, second) || covers(second, first)) && !blocked(a, b)) join(a, b);
}

/// Folds of few numbers cost their kernel calls: a loss and the metrics beside it become one. A
/// fold of a value as it is may also move to a loop that computes in float64.
void Clusters::join_small(int a, int b) {
  constexpr std::int64_t kSmall = 4096;
  if (!may_join(a, b) || domain(members(a)[0]).numel() > kSmall) return;
  const int narrow = compute(a) == DType::Float32 ? a : b;
  const bool alone = members(narrow).size() == 1;
  if ((compute(a) == compute(b) || alone) && !blocked(a, b)) join(a, b);
}

}  // namespace sinew::compiler
