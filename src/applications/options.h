#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sinew/base/shape.h"

/// Checks of the networks' options. All throw ValueError that begins with the network's name.
namespace sinew::applications {

void expect_at_least(const char* network, const char* option, std::int64_t value,
                     std::int64_t least = 1);
/// As many entries as the network has such parts, each at least 1.
void expect_entries(const char* network, const char* option,
                    const std::vector<std::int64_t>& entries, std::size_t count);
/// At least 0 and below 1.
void expect_rate(const char* network, const char* option, double value);
/// (rows, columns, channels), the images of at least `least` cells in each direction.
void expect_images(const char* network, const Shape& input_shape, std::int64_t least);
/// Attention gives each head an equal part of the width.
void expect_heads(const char* network, std::int64_t width, std::int64_t heads);
/// As many steps as there are positions, or fewer.
void expect_steps(const char* network, std::int64_t steps, std::int64_t context);

}  // namespace sinew::applications
