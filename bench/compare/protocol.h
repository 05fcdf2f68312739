#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// The workers' side of the protocol (bench/compare/README.md): one JSON object a line in, one out.
namespace compare {

using Json = nlohmann::json;
using Handler = std::function<Json(const Json& request)>;

/// Answers requests by the handler that their member "do" names, until standard input ends. What a
/// handler throws becomes the answer's "error".
inline void serve(const std::map<std::string, Handler>& handlers) {
  for (std::string line; std::getline(std::cin, line);) {
    Json reply;
    try {
      const Json request = Json::parse(line);
      const std::string what = request.at("do");
      const auto at = handlers.find(what);
      reply = at == handlers.end() ? Json{{"error", "this worker cannot do '" + what + "'"}}
                                   : at->second(request);
    } catch (const std::exception& error) {
      reply = {{"error", error.what()}};
    }
    std::cout << reply.dump() << std::endl;
  }
}

/// Runs `step` request["warm"] times for nothing, then request["steps"] times by the clock:
/// {"seconds": [...]}.
inline Json timed(const Json& request, const std::function<void()>& step) {
  using Clock = std::chrono::steady_clock;
  for (int i = request.at("warm"); i > 0; --i) step();
  std::vector<double> seconds(request.at("steps").get<std::size_t>());
  for (double& elapsed : seconds) {
    const auto begin = Clock::now();
    step();
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return {{"seconds", seconds}};
}

}  // namespace compare
