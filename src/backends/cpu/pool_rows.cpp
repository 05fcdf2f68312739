// Pooling over channels-last cells, a vector of channels at a time: largest elements by compares
// and selects, no branches; means in a register. Bound by memory: 4 bytes read an input element, 5
// written an output, 4 of a mean (2 and 3 in bfloat16).

#include "backends/cpu/pool_rows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/pool_rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "backends/cpu/bfloat16_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

/// The part of a window that lies inside the input.
struct Window {
  int64_t first_row, end_row, first_column, end_column;
  /// Of the window's upper left cell, in the image; may lie outside.
  int64_t row, column;

  Window(const PoolShape& s, int64_t i, int64_t j)
      : row(i * s.stride_h - s.top), column(j * s.stride_w - s.left) {
    first_row = std::max<int64_t>(0, -row);
    end_row = std::min(s.size_h, s.h - row);
    first_column = std::max<int64_t>(0, -column);
    end_column = std::min(s.size_w, s.w - column);
  }

  float count() const {
    return static_cast<float>((end_row - first_row) * (end_column - first_column));
  }

  /// Calls body(offset of the cell's channels in the image, number of the cell in the window).
  template <class Body>
  HWY_INLINE void cells(const PoolShape& s, const Body& body) const {
    for (int64_t u = first_row; u < end_row; ++u) {
      for (int64_t v = first_column; v < end_column; ++v) {
        body(((row + u) * s.w + column + v) * s.c, static_cast<int32_t>(u * s.size_w + v));
      }
    }
  }
};

template <typename T>
void forward(const PoolShape& s, int64_t i, const T* x, T* largest, uint8_t* index) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < s.ow; ++j, largest += s.c, index += s.c) {
    const Window window(s, i, j);
    const int64_t first =
        ((window.row + window.first_row) * s.w + window.column + window.first_column) * s.c;
    const int32_t first_number =
        static_cast<int32_t>(window.first_row * s.size_w + window.first_column);
    int64_t c = 0;
    for (; c + lanes <= s.c; c += lanes) {
      auto best = load(d, x + first + c);
      auto at = hn::Set(di, first_number);
      window.cells(s, [&](int64_t cell, int32_t number) {
        const auto value = load(d, x + cell + c);
        const auto larger = hn::Gt(value, best);
        best = hn::IfThenElse(larger, value, best);
        at = hn::IfThenElse(hn::RebindMask(di, larger), hn::Set(di, number), at);
      });
      store(best, d, largest + c);
      hn::StoreU(hn::DemoteTo(d8, at), d8, index + c);
    }
    for (; c < s.c; ++c) {
      T best = x[first + c];
      int32_t at = first_number;
      window.cells(s, [&](int64_t cell, int32_t number) {
        if (!(x[cell + c] > best)) return;
        best = x[cell + c];
        at = number;
      });
      largest[c] = best;
      index[c] = static_cast<uint8_t>(at);
    }
  }
}

template <typename T>
void backward(const PoolShape& s, int64_t i, const T* dy, const uint8_t* index, bool accumulate,
              T* dx) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < s.ow; ++j, dy += s.c, index += s.c) {
    const Window window(s, i, j);
    int64_t c = 0;
    for (; c + lanes <= s.c; c += lanes) {
      const auto gradient = load(d, dy + c);
      const auto at = hn::PromoteTo(di, hn::LoadU(d8, index + c));
      window.cells(s, [&](int64_t cell, int32_t number) {
        const auto here = hn::RebindMask(d, hn::Eq(at, hn::Set(di, number)));
        auto value = hn::IfThenElseZero(here, gradient);
        if (accumulate) value = hn::Add(value, load(d, dx + cell + c));
        store(value, d, dx + cell + c);
      });
    }
    for (; c < s.c; ++c) {
      window.cells(s, [&](int64_t cell, int32_t number) {
        const float value = index[c] == number ? static_cast<float>(dy[c]) : 0.0f;
        dx[cell + c] = static_cast<T>(accumulate ? dx[cell + c] + value : value);
      });
    }
  }
}

void average(const PoolShape& s, int64_t i, const float* x, float* mean) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < s.ow; ++j, mean += s.c) {
    const Window window(s, i, j);
    const float count = window.count();
    const auto divisor = hn::Set(d, count);
    int64_t c = 0;
    for (; c + lanes <= s.c; c += lanes) {
      auto sum = hn::Zero(d);
      window.cells(s,
                   [&](int64_t cell, int32_t) { sum = hn::Add(sum, hn::LoadU(d, x + cell + c)); });
      hn::StoreU(hn::Div(sum, divisor), d, mean + c);
    }
    for (; c < s.c; ++c) {
      float sum = 0;
      window.cells(s, [&](int64_t cell, int32_t) { sum += x[cell + c]; });
      mean[c] = sum / count;
    }
  }
}

void average_backward(const PoolShape& s, int64_t i, const float* dy, bool accumulate, float* dx) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < s.ow; ++j, dy += s.c) {
    const Window window(s, i, j);
    const float count = window.count();
    const auto divisor = hn::Set(d, count);
    int64_t c = 0;
    for (; c + lanes <= s.c; c += lanes) {
      const auto share = hn::Div(hn::LoadU(d, dy + c), divisor);
      window.cells(s, [&](int64_t cell, int32_t) {
        float* to = dx + cell + c;
        hn::StoreU(accumulate ? hn::Add(share, hn::LoadU(d, to)) : share, d, to);
      });
    }
    for (; c < s.c; ++c) {
      const float share = dy[c] / count;
      window.cells(s, [&](int64_t cell, int32_t) {
        dx[cell + c] = accumulate ? dx[cell + c] + share : share;
      });
    }
  }
}

#define SINEW_EACH_TYPE(M) M(float) M(BFloat16)
#define SINEW_DEFINE(T)                                                                         \
  void forward_##T(const PoolShape& s, int64_t i, const T* x, T* largest, uint8_t* index) {     \
    forward(s, i, x, largest, index);                                                           \
  }                                                                                             \
  void backward_##T(const PoolShape& s, int64_t i, const T* dy, const uint8_t* index, bool add, \
                    T* dx) {                                                                    \
    backward(s, i, dy, index, add, dx);                                                         \
  }
SINEW_EACH_TYPE(SINEW_DEFINE)

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

#define SINEW_EXPORT(T)                                                                  \
  HWY_EXPORT(forward_##T);                                                               \
  HWY_EXPORT(backward_##T);                                                              \
  void max_pool_row(const PoolShape& s, std::int64_t window_row, const T* x, T* largest, \
                    std::uint8_t* index) {                                               \
    HWY_DYNAMIC_DISPATCH(forward_##T)(s, window_row, x, largest, index);                 \
  }                                                                                      \
  void max_pool_row_backward(const PoolShape& s, std::int64_t window_row, const T* dy,   \
                             const std::uint8_t* index, bool accumulate, T* dx) {        \
    HWY_DYNAMIC_DISPATCH(backward_##T)(s, window_row, dy, index, accumulate, dx);        \
  }
SINEW_EACH_TYPE(SINEW_EXPORT)

HWY_EXPORT(average);
HWY_EXPORT(average_backward);
void average_pool_row(const PoolShape& s, std::int64_t window_row, const float* x, float* mean) {
  HWY_DYNAMIC_DISPATCH(average)(s, window_row, x, mean);
}
void average_pool_row_backward(const PoolShape& s, std::int64_t window_row, const float* dy,
                               bool accumulate, float* dx) {
  HWY_DYNAMIC_DISPATCH(average_backward)(s, window_row, dy, accumulate, dx);
}

}  // namespace sinew::cpu
#endif
