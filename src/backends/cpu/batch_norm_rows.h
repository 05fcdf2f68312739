#pragma once

#include <cstdint>

namespace sinew::cpu {

/// Loops over `rows` rows of `channels` elements; every vector has an element a channel. T is float
/// or double. Pointers marked "or null" are of what is left out.

/// sums += x, added up over the rows.
template <typename T>
void sum_rows(const T* x, std::int64_t rows, std::int64_t channels, T* sums);
/// squares += (x - mean)^2.
template <typename T>
void sum_square_rows(const T* x, std::int64_t rows, std::int64_t channels, const T* mean,
                     T* squares);

template <typename T>
struct NormalRows {
  const T* x;
  const T* mean;
  const T* scale;
  const T* shift;
  const T* residual;  // or null
  bool relu;
  T* y;
};
/// y = (x - mean) scale + shift + residual, and relu of that.
template <typename T>
void normalize_rows(const NormalRows<T>& r, std::int64_t rows, std::int64_t channels);

template <typename T>
struct CotangentRows {
  const T* x;
  const T* mean;
  const T* dy;
  const T* more;      // or null: added to dy
  const T* positive;  // or null: dy counts where it is > 0
};
/// g is the dy that counts: sums += g, products += g (x - mean); and g to `masked`, or null.
template <typename T>
void sum_cotangent_rows(const CotangentRows<T>& r, std::int64_t rows, std::int64_t channels,
                        T* sums, T* products, T* masked);
/// dx = a g + b (x - mean) + c.
template <typename T>
void cotangent_rows(const CotangentRows<T>& r, std::int64_t rows, std::int64_t channels, const T* a,
                    const T* b, const T* c, T* dx);

}  // namespace sinew::cpu
