#include "applications/options.h"

#include <fmt/format.h>

#include "sinew/base/error.h"

namespace sinew::applications {

void expect_at_least(const char* network, const char* option, std::int64_t value,
                     std::int64_t least) {
  if (value < least) {
    throw ValueError(
        fmt::format("{}: {} is {}; it must be at least {}", network, option, value, least));
  }
}

void expect_entries(const char* network, const char* option,
                    const std::vector<std::int64_t>& entries, std::size_t count) {
  if (entries.size() != count) {
    throw ValueError(fmt::format("{}: {} has {} entries; the network has {} such parts", network,
                                 option, entries.size(), count));
  }
  for (std::int64_t entry : entries) expect_at_least(network, option, entry);
}

void expect_rate(const char* network, const char* option, double value) {
  if (!(value >= 0.0 && value < 1.0)) {
    throw ValueError(
        fmt::format("{}: {} is {}; it must be at least 0 and below 1", network, option, value));
  }
}

void expect_images(const char* network, const Shape& input_shape, std::int64_t least) {
  if (input_shape.rank() != 3) {
    throw ValueError(fmt::format("{}: input_shape is {}; it must be (rows, columns, channels)",
                                 network, input_shape.str()));
  }
  if (input_shape[0] < least || input_shape[1] < least || input_shape[2] < 1) {
    throw ValueError(
        fmt::format("{}: input_shape is {}; the network needs images of at least {} x {} cells",
                    network, input_shape.str(), least, least));
  }
}

void expect_heads(const char* network, std::int64_t width, std::int64_t heads) {
  expect_at_least(network, "heads", heads);
  expect_at_least(network, "width", width);
  if (width % heads != 0) {
    throw ValueError(
        fmt::format("{}: width is {}; it must be a multiple of heads, {}", network, width, heads));
  }
}

void expect_steps(const char* network, std::int64_t steps, std::int64_t context) {
  expect_at_least(network, "steps", steps);
  if (steps > context) {
    throw ValueError(
        fmt::format("{}: steps is {}; it must be at most context, {}", network, steps, context));
  }
}

}  // namespace sinew::applications
