#include "sinew/base/dtype.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "sinew/base/error.h"

namespace sinew {
namespace {

struct DTypeInfo {
  std::string_view name;
  std::size_t size;
};

constexpr std::array<DTypeInfo, 7> kInfo = {{{"float32", 4},
                                             {"float64", 8},
                                             {"int32", 4},
                                             {"int64", 8},
                                             {"uint8", 1},
                                             {"bool", 1},
                                             {"bfloat16", 2}}};

}  // namespace

std::size_t size_of(DType dtype) { return kInfo[static_cast<std::size_t>(dtype)].size; }
std::string_view name_of(DType dtype) { return kInfo[static_cast<std::size_t>(dtype)].name; }

DType dtype_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kInfo.size(); ++i) {
    if (kInfo[i].name == name) return static_cast<DType>(i);
  }
  throw ValueError(fmt::format(
      "unknown dtype '{}'; known are float32, float64, int32, int64, uint8, bool, bfloat16", name));
}

bool is_floating(DType dtype) {
  return dtype == DType::Float32 || dtype == DType::Float64 || dtype == DType::BFloat16;
}

}  // namespace sinew
