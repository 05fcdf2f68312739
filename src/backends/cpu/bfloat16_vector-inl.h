// Vectors of floats loaded from and stored to memory of their own type or of bfloat16. Included
// once for each instruction set, after <hwy/foreach_target.h>.

#include <hwy/highway.h>

#include "sinew/base/bfloat16.h"

#if defined(SINEW_BFLOAT16_VECTOR_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SINEW_BFLOAT16_VECTOR_INL_H
#undef SINEW_BFLOAT16_VECTOR_INL_H
#else
#define SINEW_BFLOAT16_VECTOR_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const hn::TFromD<D>* from) {
  return hn::LoadU(d, from);
}

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const BFloat16* from) {
  const hn::RebindToUnsigned<D> bits;
  const hn::Rebind<uint16_t, D> halves;
  const auto half = hn::LoadU(halves, reinterpret_cast<const uint16_t*>(from));
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, half)));
}

template <class D>
HWY_INLINE void store(hn::Vec<D> value, D d, hn::TFromD<D>* to) {
  hn::StoreU(value, d, to);
}

/// BFloat16's constructor, step by step.
template <class D>
HWY_INLINE void store(hn::Vec<D> value, D /*d*/, BFloat16* to) {
  const hn::RebindToUnsigned<D> unsigned_bits;
  const hn::RebindToSigned<D> signed_bits;
  const hn::Rebind<uint16_t, D> halves;
  const auto bits = hn::BitCast(unsigned_bits, value);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(unsigned_bits, 1));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(unsigned_bits, 0x7fff)));
  const auto quiet = hn::Or(bits, hn::Set(unsigned_bits, 0x400000));
  const auto is_number = hn::RebindMask(unsigned_bits, hn::Eq(value, value));
  const auto high = hn::ShiftRight<16>(hn::IfThenElse(is_number, rounded, quiet));
  // The upper half is 0: what DemoteTo would saturate does not occur.
  hn::StoreU(hn::DemoteTo(halves, hn::BitCast(signed_bits, high)), halves,
             reinterpret_cast<uint16_t*>(to));
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#endif
