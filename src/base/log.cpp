#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>

namespace sinew {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> held = [] {
    const auto registered = spdlog::get("sinew");
    return registered ? registered : spdlog::stderr_color_mt("sinew");
  }();
  return *held;
}

}  // namespace sinew
