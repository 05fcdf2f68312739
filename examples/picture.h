#pragma once

#include <sinew/base/tensor.h>

#include <algorithm>
#include <cstdio>
#include <string>

/// Grey images (N, rows, columns, …) of numbers in [0, 1] side by side, two rows of cells a line.
inline void print_images(const sinew::Tensor& images) {
  const std::string shades = " .:-=+*#%@";
  const auto count = images.shape()[0], rows = images.shape()[1], columns = images.shape()[2];
  for (std::int64_t row = 0; row + 1 < rows; row += 2) {
    for (std::int64_t image = 0; image < count; ++image) {
      for (std::int64_t column = 0; column < columns; ++column) {
        const auto cell = (image * rows + row) * columns + column;
        const double grey = (images.at(cell) + images.at(cell + columns)) / 2;
        std::putchar(shades[static_cast<std::size_t>(std::clamp(grey, 0.0, 1.0) * 9.99)]);
      }
      std::putchar(' ');
    }
    std::putchar('\n');
  }
}
