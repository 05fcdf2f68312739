#pragma once

#include <string>

#include "cli/command.h"
#include "runtime/profile.h"

namespace sinew::cli {

/// A profile with what it is of.
struct ProfileReport {
  std::string name;
  /// "training step" or "prediction".
  std::string mode;
  int threads = 0;
  MachinePeak peak;
  const runtime::Program* program = nullptr;
  runtime::Profile profile;
};

enum class ProfileOrder { Program, Time };

/// A line a step, sums a kernel and a layer, and the whole.
std::string profile_text(const ProfileReport& report, ProfileOrder order);
/// A table in Markdown: a row a kind of call (the same kernel on the same shapes), slowest first,
/// then the whole.
std::string profile_markdown(const ProfileReport& report);
Json profile_json(const ProfileReport& report);

}  // namespace sinew::cli
