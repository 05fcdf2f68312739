#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/profile.h"

namespace sinew::cli {

/// Steps of a program that belong together, summed.
struct ProfileGroup {
  std::string name;
  int calls = 0;
  double seconds = 0;
  double flops = 0;
  double bytes = 0;
  double floor_seconds = 0;
  /// Of the floors, those that memory bounds.
  double memory_seconds = 0;

  double share() const { return seconds > 0 ? floor_seconds / seconds : 0; }
  runtime::Floor::Bound bound() const {
    return 2 * memory_seconds > floor_seconds ? runtime::Floor::Bound::Memory
                                              : runtime::Floor::Bound::Compute;
  }
};

/// Steps by what `key` says of them, the slowest group first.
std::vector<ProfileGroup> group_steps(const runtime::Program& program,
                                      const runtime::Profile& profile,
                                      const std::function<std::string(const runtime::Step&)>& key);

/// Keys: the kernel, the layer (or "-"), the kernel with its operands.
std::string kernel_of(const runtime::Step& step);
std::string layer_of(const runtime::Step& step);
std::string call_of(const runtime::Step& step);

}  // namespace sinew::cli
