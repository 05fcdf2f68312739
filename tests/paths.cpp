#include "paths.h"

namespace sinew::paths {

std::string source() { return SINEW_SOURCE_DIR; }
std::string build() { return SINEW_BINARY_DIR; }

}  // namespace sinew::paths
