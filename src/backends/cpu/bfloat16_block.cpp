#include "backends/cpu/bfloat16_block.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/bfloat16_block.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "backends/cpu/bfloat16_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

void narrow_floats(const float* from, int64_t count, BFloat16* to) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) store(hn::LoadU(d, from + i), d, to + i);
  for (; i < count; ++i) to[i] = BFloat16(from[i]);
}

void widen_bfloat16(const BFloat16* from, int64_t count, float* to) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(load(d, from + i), d, to + i);
  for (; i < count; ++i) to[i] = from[i];
}

void store_every_second(const BFloat16* from, int64_t count, BFloat16* to) {
  int64_t i = 0;
  // Masked stores leave the other lanes' memory alone; emulated ones would write it back.
#if HWY_TARGET <= HWY_AVX3
  const hn::ScalableTag<uint32_t> words;
  const hn::Repartition<uint16_t, decltype(words)> halves;
  const hn::Rebind<uint16_t, decltype(words)> half;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(words));
  const auto even = hn::MaskFromVec(hn::BitCast(halves, hn::Set(words, 0xffffu)));
  for (; i + lanes <= count; i += lanes) {
    const auto wide =
        hn::PromoteTo(words, hn::LoadU(half, reinterpret_cast<const uint16_t*>(from + i)));
    hn::BlendedStore(hn::BitCast(halves, wide), even, halves,
                     reinterpret_cast<uint16_t*>(to + 2 * i));
  }
#endif
  for (; i < count; ++i) to[2 * i] = from[i];
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(narrow_floats);
HWY_EXPORT(widen_bfloat16);
HWY_EXPORT(store_every_second);

void narrow(const float* from, std::int64_t count, BFloat16* to) {
  HWY_DYNAMIC_DISPATCH(narrow_floats)(from, count, to);
}
void widen(const BFloat16* from, std::int64_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(widen_bfloat16)(from, count, to);
}
void store_apart(const BFloat16* from, std::int64_t count, BFloat16* to) {
  HWY_DYNAMIC_DISPATCH(store_every_second)(from, count, to);
}

}  // namespace sinew::cpu
#endif
