#include "cli/profile_groups.h"

#include <algorithm>
#include <map>

namespace sinew::cli {

std::vector<ProfileGroup> group_steps(const runtime::Program& program,
                                      const runtime::Profile& profile,
                                      const std::function<std::string(const runtime::Step&)>& key) {
  std::map<std::string, ProfileGroup> groups;
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const runtime::Step& step = program.steps[i];
    const runtime::Profile::Entry& entry = profile.steps[i];
    ProfileGroup& group = groups[key(step)];
    group.name = key(step);
    ++group.calls;
    group.seconds += entry.seconds;
    group.flops += step.flops;
    group.bytes += step.bytes;
    group.floor_seconds += entry.floor.seconds;
    if (entry.floor.bound == runtime::Floor::Bound::Memory)
      group.memory_seconds += entry.floor.seconds;
  }
  std::vector<ProfileGroup> list;
  for (auto& [name, group] : groups) list.push_back(std::move(group));
  std::stable_sort(list.begin(), list.end(), [](const ProfileGroup& a, const ProfileGroup& b) {
    return a.seconds > b.seconds;
  });
  return list;
}

std::string kernel_of(const runtime::Step& step) { return step.name(); }

std::string layer_of(const runtime::Step& step) { return step.scope.empty() ? "-" : step.scope; }

std::string call_of(const runtime::Step& step) {
  return step.name() + " " + runtime::describe_operands(step);
}

}  // namespace sinew::cli
