#pragma once

#include <spdlog/spdlog.h>

namespace sinew {

/// Where Sinew reports what it does: standard error, since standard output belongs to the program.
/// It is spdlog's logger "sinew", which a program may register first to have it otherwise.
spdlog::logger& logger();

}  // namespace sinew
