// Max-pooling over channels-last cells, a vector of channels at a time: compares and selects, no
// branches. Bound by memory: 4 bytes read an input element, 5 written an output.

#include "backends/cpu/pool_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/pool_rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void forward(const PoolWindow& window, int64_t channels, float* largest, uint8_t* index) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) {
    auto best = hn::LoadU(d, window.cells[0] + c);
    auto at = hn::Set(di, window.numbers[0]);
    for (int64_t k = 1; k < window.count; ++k) {
      const auto value = hn::LoadU(d, window.cells[k] + c);
      const auto larger = hn::Gt(value, best);
      best = hn::IfThenElse(larger, value, best);
      at = hn::IfThenElse(hn::RebindMask(di, larger), hn::Set(di, window.numbers[k]), at);
    }
    hn::StoreU(best, d, largest + c);
    hn::StoreU(hn::DemoteTo(d8, at), d8, index + c);
  }
  for (; c < channels; ++c) {
    largest[c] = window.cells[0][c];
    index[c] = static_cast<uint8_t>(window.numbers[0]);
    for (int64_t k = 1; k < window.count; ++k) {
      if (window.cells[k][c] > largest[c]) {
        largest[c] = window.cells[k][c];
        index[c] = static_cast<uint8_t>(window.numbers[k]);
      }
    }
  }
}

void backward(float* const* cells, const int32_t* numbers, int64_t count, int64_t channels,
              const float* dy, const uint8_t* index, bool accumulate) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) {
    const auto gradient = hn::LoadU(d, dy + c);
    const auto at = hn::PromoteTo(di, hn::LoadU(d8, index + c));
    for (int64_t k = 0; k < count; ++k) {
      const auto here = hn::RebindMask(d, hn::Eq(at, hn::Set(di, numbers[k])));
      auto value = hn::IfThenElseZero(here, gradient);
      if (accumulate) value = hn::Add(value, hn::LoadU(d, cells[k] + c));
      hn::StoreU(value, d, cells[k] + c);
    }
  }
  for (; c < channels; ++c) {
    for (int64_t k = 0; k < count; ++k) {
      const float value = index[c] == numbers[k] ? dy[c] : 0.0f;
      cells[k][c] = accumulate ? cells[k][c] + value : value;
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(forward);
HWY_EXPORT(backward);

void max_pool_cell(const PoolWindow& window, std::int64_t channels, float* largest,
                   std::uint8_t* index) {
  HWY_DYNAMIC_DISPATCH(forward)(window, channels, largest, index);
}

void max_pool_cell_backward(float* const* cells, const std::int32_t* numbers, std::int64_t count,
                            std::int64_t channels, const float* dy, const std::uint8_t* index,
                            bool accumulate) {
  HWY_DYNAMIC_DISPATCH(backward)(cells, numbers, count, channels, dy, index, accumulate);
}

}  // namespace sinew::cpu
#endif
