#pragma once

#include <string>

/// Where this build's sources and outputs are. In a source of its own, so that no other test's
/// object depends on the folder the project lies in, and a compiler cache serves every checkout.
namespace sinew::paths {

std::string source();
std::string build();

}  // namespace sinew::paths
