// Vectors at the end of a run, of which only the first lanes are there. Included once for each
// instruction set, after highway.h.

#if defined(SINEW_CPU_PARTIAL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SINEW_CPU_PARTIAL_INL_H
#undef SINEW_CPU_PARTIAL_INL_H
#else
#define SINEW_CPU_PARTIAL_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

/// All lanes are there.
template <class D>
struct Whole {
  using V = hwy::HWY_NAMESPACE::Vec<D>;
  using T = hwy::HWY_NAMESPACE::TFromD<D>;
  HWY_INLINE V load(const T* from) const { return hwy::HWY_NAMESPACE::LoadU(D(), from); }
  HWY_INLINE void store(V value, T* to) const { hwy::HWY_NAMESPACE::StoreU(value, D(), to); }
};

/// The first `count` lanes are; the others read as 0 and are not written.
template <class D>
struct Partial {
  using V = hwy::HWY_NAMESPACE::Vec<D>;
  using T = hwy::HWY_NAMESPACE::TFromD<D>;
  explicit Partial(int64_t present) : count(present) {}
  HWY_INLINE V load(const T* from) const {
#if HWY_TARGET != HWY_AVX2 && HWY_TARGET != HWY_AVX3  // masked-out lanes might fault
    HWY_ALIGN T lanes[HWY_MAX_BYTES / sizeof(T)] = {};
    for (int64_t i = 0; i < count; ++i) lanes[i] = from[i];
    return hwy::HWY_NAMESPACE::Load(D(), lanes);
#else
    return hwy::HWY_NAMESPACE::MaskedLoad(
        hwy::HWY_NAMESPACE::FirstN(D(), static_cast<size_t>(count)), D(), from);
#endif
  }
  HWY_INLINE void store(V value, T* to) const {
#if HWY_TARGET != HWY_AVX2 && HWY_TARGET != HWY_AVX3  // masked-out lanes might fault
    HWY_ALIGN T lanes[HWY_MAX_BYTES / sizeof(T)];
    hwy::HWY_NAMESPACE::Store(value, D(), lanes);
    for (int64_t i = 0; i < count; ++i) to[i] = lanes[i];
#else
    hwy::HWY_NAMESPACE::BlendedStore(
        value, hwy::HWY_NAMESPACE::FirstN(D(), static_cast<size_t>(count)), D(), to);
#endif
  }
  int64_t count;
};

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#endif
