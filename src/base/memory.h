#pragma once

#include <cstddef>

namespace sinew {

/// Throws MemoryError for more bytes than the machine has. Asking the system is not enough: it may
/// promise memory that it does not have, and end the process once the memory is used.
void check_memory(std::size_t bytes);

}  // namespace sinew
