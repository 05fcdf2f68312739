#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>

#include "backends/cpu/layout_runs.h"
#include "backends/cpu/registry.h"
#include "sinew/runtime/machine.h"

namespace sinew::cpu {
namespace {

class CpuBackend : public runtime::Backend {
 public:
  std::string name() const override { return "cpu"; }
  std::string machine() const override {
    static const std::string text = [] {
      const MachineInfo info = machine_info();
      return fmt::format("{}, {}", info.target, fmt::join(info.libraries, ", "));
    }();
    return text;
  }
  std::vector<std::string> implementations(const KernelRequest& request) override {
    std::vector<std::string> names;
    for (const KernelEntry* entry : able_kernels(request)) names.push_back(entry->implementation);
    return names;
  }
  std::string choose(const KernelRequest& request) override {
    return choose_kernel(request).implementation;
  }
  std::unique_ptr<Kernel> create(const KernelRequest& request) override {
    return choose_kernel(request).create(request);
  }
  bool takes_bfloat16(const KernelRequest& request) override {
    return !able_kernels(request).empty();
  }
  std::vector<std::string> layouts(const KernelRequest& request) override {
    const KernelEntry& entry = choose_kernel(request);
    return entry.layouts ? entry.layouts(request) : std::vector<std::string>(request.inputs.size());
  }
  std::size_t bytes(const TensorType& type) override {
    if (!type.layout.empty()) return BlockedLayout::parse(type.layout).bytes();
    return static_cast<std::size_t>(type.shape.numel()) * size_of(type.dtype);
  }
  void to_layout(const TensorType& type, const void* row_major, void* laid_out) override {
    if (type.layout.empty()) {
      std::memcpy(laid_out, row_major, bytes(type));
      return;
    }
    const BlockedLayout layout = BlockedLayout::parse(type.layout);
    std::memset(laid_out, 0, layout.bytes());
    LayoutRuns(layout, type.shape)
        .scatter(type.dtype, row_major, 0, type.shape.numel(), layout.stored(), laid_out);
  }
  void from_layout(const TensorType& type, const void* laid_out, void* row_major) override {
    if (type.layout.empty()) {
      std::memcpy(row_major, laid_out, bytes(type));
      return;
    }
    const BlockedLayout layout = BlockedLayout::parse(type.layout);
    LayoutRuns(layout, type.shape).gather(layout.stored(), laid_out, type.dtype, row_major);
  }
};

CpuBackend instance;
[[maybe_unused]] const bool registered = (runtime::set_default_backend(instance), true);

}  // namespace

}  // namespace sinew::cpu
