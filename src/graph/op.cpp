#include "sinew/graph/op.h"

#include <fmt/format.h>

#include <map>

#include "sinew/base/error.h"

namespace sinew {
namespace {

std::map<std::string, Op, std::less<>>& registry() {
  static std::map<std::string, Op, std::less<>> ops;
  return ops;
}

}  // namespace

const Op& find_op(std::string_view name) {
  const auto at = registry().find(name);
  if (at == registry().end()) throw InternalError(fmt::format("no op '{}' is registered", name));
  return at->second;
}

std::vector<const Op*> all_ops() {
  std::vector<const Op*> list;
  for (const auto& [name, op] : registry()) list.push_back(&op);
  return list;
}

RegisterOp::RegisterOp(Op op) {
  std::string name = op.name;
  registry().emplace(std::move(name), std::move(op));
}

}  // namespace sinew
