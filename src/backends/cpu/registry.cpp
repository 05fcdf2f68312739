// Which kernel computes a request: by name, by the tuning table, by the cost models, in this order.

#include "backends/cpu/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "runtime/tuning.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"

namespace sinew::cpu {
namespace {

/// The kernels of each op, by name.
std::map<std::string, std::vector<KernelEntry>, std::less<>>& registry() {
  static std::map<std::string, std::vector<KernelEntry>, std::less<>> entries;
  return entries;
}

const std::vector<KernelEntry>& kernels_of(const KernelRequest& request) {
  const auto at = registry().find(request.op);
  if (at == registry().end()) {
    throw InternalError(
        fmt::format("{}: the CPU backend has no kernel '{}'", request.where, request.op));
  }
  return at->second;
}

const KernelEntry* find(const std::vector<const KernelEntry*>& entries, const std::string& name) {
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const KernelEntry* entry) {
    return entry->implementation == name;
  });
  return at == entries.end() ? nullptr : *at;
}

/// Null when the table says nothing of such requests, or names a kernel that fits others of their
/// kind but not this one.
const KernelEntry* tuned(const KernelRequest& request,
                         const std::vector<const KernelEntry*>& entries) {
  const runtime::TuningTable& table = runtime::tuning_table();
  const std::string kind = runtime::request_kind(request);
  const auto* choice = table.find(runtime::default_backend().machine(), kind);
  if (!choice) return nullptr;
  std::vector<std::string> known;
  for (const KernelEntry& entry : kernels_of(request)) known.push_back(entry.implementation);
  if (std::find(known.begin(), known.end(), choice->implementation) == known.end()) {
    throw ValueError(fmt::format(
        "tuning table {}, \"{}\": {}. Run `sinew bench --tune` again, or set SINEW_TUNING=none",
        runtime::tuning_path(), kind,
        unknown_name_message("kernel", choice->implementation, known)));
  }
  return find(entries, choice->implementation);
}

bool has_bfloat16(const KernelRequest& request) {
  const auto is_one = [](const TensorType& type) { return type.dtype == DType::BFloat16; };
  return std::any_of(request.inputs.begin(), request.inputs.end(), is_one) ||
         std::any_of(request.outputs.begin(), request.outputs.end(), is_one);
}

double cost_of(const KernelEntry& entry, const KernelRequest& request) {
  return entry.cost ? entry.cost(request) : std::numeric_limits<double>::infinity();
}

}  // namespace

std::vector<const KernelEntry*> able_kernels(const KernelRequest& request) {
  const bool laid_out = std::any_of(request.inputs.begin(), request.inputs.end(),
                                    [](const TensorType& input) { return !input.layout.empty(); });
  std::vector<const KernelEntry*> able;
  const bool narrow = has_bfloat16(request);
  for (const KernelEntry& entry : kernels_of(request)) {
    if (narrow && !(entry.bfloat16 && entry.bfloat16(request))) continue;
    if (laid_out && !entry.layouts) continue;
    if (!entry.applies || entry.applies(request)) able.push_back(&entry);
  }
  return able;
}

const KernelEntry& choose_kernel(const KernelRequest& request) {
  const std::vector<const KernelEntry*> able = able_kernels(request);
  if (!request.implementation.empty()) {
    if (const KernelEntry* entry = find(able, request.implementation)) return *entry;
    throw InternalError(fmt::format("{}: kernel '{}' of '{}' cannot compute {}", request.where,
                                    request.implementation, request.op,
                                    runtime::request_kind(request)));
  }
  if (able.empty()) {
    throw InternalError(fmt::format("{}: the CPU backend has no kernel for {}", request.where,
                                    runtime::request_kind(request)));
  }
  if (able.size() == 1) return *able[0];
  if (const KernelEntry* entry = tuned(request, able)) return *entry;
  return **std::min_element(able.begin(), able.end(),
                            [&](const KernelEntry* a, const KernelEntry* b) {
                              return cost_of(*a, request) < cost_of(*b, request);
                            });
}

RegisterKernel::RegisterKernel(KernelEntry entry) {
  std::vector<KernelEntry>& entries = registry()[entry.op];
  const auto place = std::lower_bound(entries.begin(), entries.end(), entry.implementation,
                                      [](const KernelEntry& other, const std::string& name) {
                                        return other.implementation < name;
                                      });
  entries.insert(place, std::move(entry));
}

}  // namespace sinew::cpu
