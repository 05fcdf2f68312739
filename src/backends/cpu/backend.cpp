#include <fmt/format.h>

#include <cstring>
#include <map>

#include "backends/cpu/registry.h"
#include "sinew/base/error.h"

namespace sinew::cpu {
namespace {

std::map<std::string, KernelEntry, std::less<>>& registry() {
  static std::map<std::string, KernelEntry, std::less<>> entries;
  return entries;
}

const KernelEntry& find(const KernelRequest& request) {
  const auto at = registry().find(request.op);
  if (at == registry().end()) {
    throw InternalError(fmt::format("{}: the CPU backend has no kernel '{}'", request.where, request.op));
  }
  return at->second;
}

class CpuBackend : public runtime::Backend {
 public:
  std::string name() const override { return "cpu"; }
  std::unique_ptr<Kernel> create(const KernelRequest& request) override {
    return find(request).create(request);
  }
  std::vector<std::string> preferred_layouts(const KernelRequest& request) override {
    const KernelEntry& entry = find(request);
    if (!entry.preferred_layouts) return std::vector<std::string>(request.inputs.size() + request.outputs.size());
    return entry.preferred_layouts(request);
  }
  std::size_t bytes(const TensorType& type) override {
    return static_cast<std::size_t>(type.shape.numel()) * size_of(type.dtype);
  }
  void to_layout(const TensorType& type, const void* row_major, void* laid_out) override {
    std::memcpy(laid_out, row_major, bytes(type));
  }
  void from_layout(const TensorType& type, const void* laid_out, void* row_major) override {
    std::memcpy(row_major, laid_out, bytes(type));
  }
  bool dense(const TensorType&) override { return true; }
};

CpuBackend instance;
[[maybe_unused]] const bool registered = (runtime::set_default_backend(instance), true);

}  // namespace

RegisterKernel::RegisterKernel(KernelEntry entry) {
  std::string op = entry.op;
  registry().emplace(std::move(op), std::move(entry));
}

}  // namespace sinew::cpu
