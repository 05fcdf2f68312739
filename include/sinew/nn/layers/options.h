#pragma once

#include <cstdint>
#include <string>

#include "sinew/base/shape.h"
#include "sinew/nn/dtype_policy.h"

namespace sinew::layers {

/// Steps of a sequence.
struct Size1D {
  std::int64_t steps = 0;

  constexpr Size1D() = default;
  constexpr Size1D(std::int64_t steps) : steps(steps) {}
  bool operator==(const Size1D&) const = default;
};

/// Rows and columns: `{3, 3}`, or one number for both.
struct Size2D {
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  constexpr Size2D() = default;
  constexpr Size2D(std::int64_t both) : rows(both), columns(both) {}
  constexpr Size2D(std::int64_t rows, std::int64_t columns) : rows(rows), columns(columns) {}
  bool operator==(const Size2D&) const = default;
};

/// Depth, rows and columns: `{3, 3, 3}`, or one number for all.
struct Size3D {
  std::int64_t depth = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  constexpr Size3D() = default;
  constexpr Size3D(std::int64_t all) : depth(all), rows(all), columns(all) {}
  constexpr Size3D(std::int64_t depth, std::int64_t rows, std::int64_t columns)
      : depth(depth), rows(rows), columns(columns) {}
  bool operator==(const Size3D&) const = default;
};

/// Cells before and after the others along one axis; one number is for both sides.
struct Border {
  std::int64_t before = 0;
  std::int64_t after = 0;

  constexpr Border() = default;
  constexpr Border(std::int64_t both) : before(both), after(both) {}
  constexpr Border(std::int64_t before, std::int64_t after) : before(before), after(after) {}
  bool operator==(const Border&) const = default;
};
/// Cells around an image: `1`, `{rows, columns}`, or `{{top, bottom}, {left, right}}`.
struct Border2D {
  Border rows;
  Border columns;

  constexpr Border2D() = default;
  constexpr Border2D(std::int64_t all) : rows(all), columns(all) {}
  constexpr Border2D(Border rows, Border columns) : rows(rows), columns(columns) {}
  bool operator==(const Border2D&) const = default;
};

/// Cells around a volume: `1`, `{depth, rows, columns}`, or a pair for each.
struct Border3D {
  Border depth;
  Border rows;
  Border columns;

  constexpr Border3D() = default;
  constexpr Border3D(std::int64_t all) : depth(all), rows(all), columns(all) {}
  constexpr Border3D(Border depth, Border rows, Border columns)
      : depth(depth), rows(rows), columns(columns) {}
  bool operator==(const Border3D&) const = default;
};

/// Options of layers without parameters of their own.
struct LayerOptions {
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};

}  // namespace sinew::layers
