#include "backends/cpu/conv_direct.h"

#include <algorithm>

#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

/// Where an output cell, or a kernel's, lies.
struct Cell {
  std::int64_t depth, row, column;
};

/// Calls body(x cell) for the input cell under a kernel's cell at an output, unless it lies in the
/// padding.
template <typename Body>
void at_input(const ConvShape& s, const Cell& y, const Cell& w, const Body& body) {
  const std::int64_t id = y.depth * s.stride_d + w.depth * s.dilation_d - s.front;
  const std::int64_t ih = y.row * s.stride_h + w.row * s.dilation_h - s.top;
  const std::int64_t iw = y.column * s.stride_w + w.column * s.dilation_w - s.left;
  const bool inside = id >= 0 && id < s.d && ih >= 0 && ih < s.h && iw >= 0 && iw < s.w;
  if (inside) body((id * s.h + ih) * s.w + iw);
}

/// Calls body(number, cell) for the cells of a volume in order.
template <typename Body>
void each_cell(std::int64_t depths, std::int64_t rows, std::int64_t columns, const Body& body) {
  std::int64_t number = 0;
  for (std::int64_t depth = 0; depth < depths; ++depth) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column)
        body(number++, Cell{depth, row, column});
    }
  }
}

/// Calls body(x cell, w cell) for the products of an output cell.
template <typename Body>
void each_product(const ConvShape& s, const Cell& y, const Body& body) {
  each_cell(s.kd, s.kh, s.kw, [&](std::int64_t number, const Cell& w) {
    at_input(s, y, w, [&](std::int64_t at) { body(at, number); });
  });
}

}  // namespace

template <typename T>
void conv_direct_forward(const ConvShape& s, const T* x, const T* w, const T* bias, T* y) {
  parallel_for(s.n * s.od * s.oh, [&](std::int64_t row) {
    const T* sample = x + row / (s.od * s.oh) * s.x_size();
    for (std::int64_t j = 0; j < s.ow; ++j) {
      T* out = y + (row * s.ow + j) * s.o;
      for (std::int64_t o = 0; o < s.o; ++o) out[o] = bias ? bias[o] : T{0};
      each_product(s, {row / s.oh % s.od, row % s.oh, j}, [&](std::int64_t at, std::int64_t cell) {
        const T* in = sample + at * s.c;
        for (std::int64_t g = 0; g < s.groups; ++g) {
          for (std::int64_t c = 0; c < s.c_group(); ++c) {
            const T value = in[g * s.c_group() + c];
            const T* row_w = w + (cell * s.c_group() + c) * s.o + g * s.o_group();
            T* to = out + g * s.o_group();
            for (std::int64_t o = 0; o < s.o_group(); ++o) to[o] += value * row_w[o];
          }
        }
      });
    }
  });
}

template <typename T>
void conv_direct_backward_input(const ConvShape& s, const T* w, const T* dy, T* dx) {
  parallel_for(s.n, [&](std::int64_t n) {
    std::fill_n(dx + n * s.x_size(), s.x_size(), T{0});
    each_cell(s.od, s.oh, s.ow, [&](std::int64_t y_cell, const Cell& y) {
      const T* from = dy + n * s.y_size() + y_cell * s.o;
      each_product(s, y, [&](std::int64_t at, std::int64_t cell) {
        T* to = dx + n * s.x_size() + at * s.c;
        for (std::int64_t g = 0; g < s.groups; ++g) {
          for (std::int64_t c = 0; c < s.c_group(); ++c) {
            const T* row_w = w + (cell * s.c_group() + c) * s.o + g * s.o_group();
            T sum = 0;
            for (std::int64_t o = 0; o < s.o_group(); ++o)
              sum += from[g * s.o_group() + o] * row_w[o];
            to[g * s.c_group() + c] += sum;
          }
        }
      });
    });
  });
}

template <typename T>
void conv_direct_backward_filter(const ConvShape& s, const T* x, const T* dy, T* dw, T* db) {
  const std::int64_t per_cell = s.c_group() * s.o;
  // One task a kernel cell, so that no two tasks add to the same weight.
  parallel_for(s.kd * s.kh * s.kw, [&](std::int64_t task) {
    const Cell w{task / (s.kh * s.kw), task / s.kw % s.kh, task % s.kw};
    T* to_cell = dw + task * per_cell;
    std::fill_n(to_cell, per_cell, T{0});
    for (std::int64_t n = 0; n < s.n; ++n) {
      each_cell(s.od, s.oh, s.ow, [&](std::int64_t y_cell, const Cell& y) {
        at_input(s, y, w, [&](std::int64_t at) {
          const T* in = x + n * s.x_size() + at * s.c;
          const T* from = dy + n * s.y_size() + y_cell * s.o;
          for (std::int64_t g = 0; g < s.groups; ++g) {
            for (std::int64_t c = 0; c < s.c_group(); ++c) {
              const T value = in[g * s.c_group() + c];
              T* to = to_cell + c * s.o + g * s.o_group();
              for (std::int64_t o = 0; o < s.o_group(); ++o)
                to[o] += value * from[g * s.o_group() + o];
            }
          }
        });
      });
    }
  });
  if (!db) return;
  std::fill_n(db, s.o, T{0});
  for (std::int64_t cell = 0; cell < s.n * s.od * s.oh * s.ow; ++cell) {
    for (std::int64_t o = 0; o < s.o; ++o) db[o] += dy[cell * s.o + o];
  }
}

template void conv_direct_forward(const ConvShape&, const float*, const float*, const float*,
                                  float*);
template void conv_direct_forward(const ConvShape&, const double*, const double*, const double*,
                                  double*);
template void conv_direct_backward_input(const ConvShape&, const float*, const float*, float*);
template void conv_direct_backward_input(const ConvShape&, const double*, const double*, double*);
template void conv_direct_backward_filter(const ConvShape&, const float*, const float*, float*,
                                          float*);
template void conv_direct_backward_filter(const ConvShape&, const double*, const double*, double*,
                                          double*);

}  // namespace sinew::cpu
