#include "io/json.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

#include "sinew/base/error.h"
#include "sinew/base/text.h"

namespace sinew::io {
namespace {

/// What the parser asks of each value as it goes.
class Limits {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kMaxJsonDepth)
      throw ValueError(fmt::format("is nested more than {} levels deep", kMaxJsonDepth));
    if (event == Json::parse_event_t::object_start) names_.emplace_back();
    if (event == Json::parse_event_t::object_end) names_.pop_back();
    if (event == Json::parse_event_t::key &&
        !names_.back().insert(parsed.get<std::string>()).second) {
      throw ValueError(fmt::format("holds '{}' twice", parsed.get<std::string>()));
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> names_;
};

}  // namespace

Json parse_json(std::string_view text) {
  if (text.size() > kMaxJsonBytes) {
    throw ValueError(fmt::format("has {} bytes; at most {} are accepted",
                                 grouped(static_cast<std::int64_t>(text.size())),
                                 grouped(std::int64_t{kMaxJsonBytes})));
  }
  try {
    return Json::parse(text.begin(), text.end(), Limits());
  } catch (const nlohmann::json::exception& error) {
    // The library's text ends with the line, column and what was expected.
    const std::string what = error.what();
    const auto at = what.find("] ");
    throw ValueError(
        fmt::format("malformed JSON: {}", at == std::string::npos ? what : what.substr(at + 2)));
  }
}

}  // namespace sinew::io
