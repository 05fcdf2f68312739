#include "backends/cpu/conv_direct.h"

#include <algorithm>

#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

/// Calls body(ih, iw) for the input cell under kernel cell (u, v) at output (i, j), unless it lies
/// in the padding.
template <typename Body>
void at_input(const ConvShape& s, std::int64_t i, std::int64_t j, std::int64_t u, std::int64_t v,
              const Body& body) {
  const std::int64_t ih = i * s.stride_h + u * s.dilation_h - s.top;
  const std::int64_t iw = j * s.stride_w + v * s.dilation_w - s.left;
  if (ih >= 0 && ih < s.h && iw >= 0 && iw < s.w) body(ih, iw);
}

}  // namespace

template <typename T>
void conv_direct_forward(const ConvShape& s, const T* x, const T* w, const T* bias, T* y) {
  parallel_for(s.n * s.oh, [&](std::int64_t row) {
    const std::int64_t n = row / s.oh;
    const std::int64_t i = row % s.oh;
    for (std::int64_t j = 0; j < s.ow; ++j) {
      T* out = y + ((n * s.oh + i) * s.ow + j) * s.o;
      for (std::int64_t o = 0; o < s.o; ++o) out[o] = bias ? bias[o] : T{0};
      for (std::int64_t u = 0; u < s.kh; ++u) {
        for (std::int64_t v = 0; v < s.kw; ++v) {
          at_input(s, i, j, u, v, [&](std::int64_t ih, std::int64_t iw) {
            const T* in = x + ((n * s.h + ih) * s.w + iw) * s.c;
            for (std::int64_t g = 0; g < s.groups; ++g) {
              for (std::int64_t c = 0; c < s.c_group(); ++c) {
                const T value = in[g * s.c_group() + c];
                const T* row_w = w + ((u * s.kw + v) * s.c_group() + c) * s.o + g * s.o_group();
                T* to = out + g * s.o_group();
                for (std::int64_t o = 0; o < s.o_group(); ++o) to[o] += value * row_w[o];
              }
            }
          });
        }
      }
    }
  });
}

template <typename T>
void conv_direct_backward_input(const ConvShape& s, const T* w, const T* dy, T* dx) {
  parallel_for(s.n, [&](std::int64_t n) {
    std::fill_n(dx + n * s.h * s.w * s.c, s.h * s.w * s.c, T{0});
    for (std::int64_t i = 0; i < s.oh; ++i) {
      for (std::int64_t j = 0; j < s.ow; ++j) {
        const T* from = dy + ((n * s.oh + i) * s.ow + j) * s.o;
        for (std::int64_t u = 0; u < s.kh; ++u) {
          for (std::int64_t v = 0; v < s.kw; ++v) {
            at_input(s, i, j, u, v, [&](std::int64_t ih, std::int64_t iw) {
              T* to = dx + ((n * s.h + ih) * s.w + iw) * s.c;
              for (std::int64_t g = 0; g < s.groups; ++g) {
                for (std::int64_t c = 0; c < s.c_group(); ++c) {
                  const T* row_w = w + ((u * s.kw + v) * s.c_group() + c) * s.o + g * s.o_group();
                  T sum = 0;
                  for (std::int64_t o = 0; o < s.o_group(); ++o)
                    sum += from[g * s.o_group() + o] * row_w[o];
                  to[g * s.c_group() + c] += sum;
                }
              }
            });
          }
        }
      }
    }
  });
}

template <typename T>
void conv_direct_backward_filter(const ConvShape& s, const T* x, const T* dy, T* dw, T* db) {
  const std::int64_t per_cell = s.c_group() * s.o;
  // One task a kernel cell, so that no two tasks add to the same weight.
  parallel_for(s.kh * s.kw, [&](std::int64_t cell) {
    const std::int64_t u = cell / s.kw;
    const std::int64_t v = cell % s.kw;
    T* to_cell = dw + cell * per_cell;
    std::fill_n(to_cell, per_cell, T{0});
    for (std::int64_t n = 0; n < s.n; ++n) {
      for (std::int64_t i = 0; i < s.oh; ++i) {
        for (std::int64_t j = 0; j < s.ow; ++j) {
          at_input(s, i, j, u, v, [&](std::int64_t ih, std::int64_t iw) {
            const T* in = x + ((n * s.h + ih) * s.w + iw) * s.c;
            const T* from = dy + ((n * s.oh + i) * s.ow + j) * s.o;
            for (std::int64_t g = 0; g < s.groups; ++g) {
              for (std::int64_t c = 0; c < s.c_group(); ++c) {
                const T value = in[g * s.c_group() + c];
                T* to = to_cell + c * s.o + g * s.o_group();
                for (std::int64_t o = 0; o < s.o_group(); ++o)
                  to[o] += value * from[g * s.o_group() + o];
              }
            }
          });
        }
      }
    }
  });
  if (!db) return;
  std::fill_n(db, s.o, T{0});
  for (std::int64_t pixel = 0; pixel < s.n * s.oh * s.ow; ++pixel) {
    for (std::int64_t o = 0; o < s.o; ++o) db[o] += dy[pixel * s.o + o];
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
