#pragma once

#include <cstdint>
#include <vector>

#include "sinew/nn/initializers.h"

namespace sinew::initializers {

/// A row-major (frame length, frequencies) matrix whose columns are the waves of a discrete Fourier
/// transform of length 2 (frequencies - 1), under the window.
std::vector<double> stft_kernel(const STFTOptions& options, std::int64_t frame_length,
                                std::int64_t frequencies);

}  // namespace sinew::initializers
