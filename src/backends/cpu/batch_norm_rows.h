#pragma once

#include <cstdint>

namespace sinew::cpu {

/// Loops over `rows` rows of `channels` elements; every vector has an element a channel. They
/// compute in T, float or double, on data that lie in memory as S: T itself, or bfloat16 for float.
/// Pointers marked "or null" are of what is left out.

/// sums += x, added up over the rows.
template <typename T, typename S>
void sum_rows(const S* x, std::int64_t rows, std::int64_t channels, T* sums);
/// squares += (x - mean)^2.
template <typename T, typename S>
void sum_square_rows(const S* x, std::int64_t rows, std::int64_t channels, const T* mean,
                     T* squares);

template <typename T, typename S>
struct NormalRows {
  const S* x;
  const T* mean;
  const T* scale;
  const T* shift;
  const S* residual;  // or null
  bool relu;
  S* y;
};
/// y = (x - mean) scale + shift + residual, and relu of that.
template <typename T, typename S>
void normalize_rows(const NormalRows<T, S>& r, std::int64_t rows, std::int64_t channels);

template <typename T, typename S>
struct CotangentRows {
  const S* x;
  const T* mean;
  const S* dy;
  const S* more;      // or null: added to dy
  const S* positive;  // or null: dy counts where it is > 0
};
/// g is the dy that counts: sums += g, products += g (x - mean); and g to `masked`, or null.
template <typename T, typename S>
void sum_cotangent_rows(const CotangentRows<T, S>& r, std::int64_t rows, std::int64_t channels,
                        T* sums, T* products, S* masked);
/// dx = a g + b (x - mean) + c.
template <typename T, typename S>
void cotangent_rows(const CotangentRows<T, S>& r, std::int64_t rows, std::int64_t channels,
                    const T* a, const T* b, const T* c, S* dx);

}  // namespace sinew::cpu
