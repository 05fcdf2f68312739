#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

namespace sinew::io {

using Json = nlohmann::ordered_json;

/// Objects within objects that a reader may walk without running out of stack.
constexpr int kMaxJsonDepth = 100;
constexpr std::size_t kMaxJsonBytes = 100'000'000;

/// Parses JSON; every reader goes through here. Throws ValueError for text that is too long, nested
/// too deeply, malformed (with line and column), or that gives a name twice in one object, of which
/// only one would be kept.
Json parse_json(std::string_view text);

}  // namespace sinew::io
