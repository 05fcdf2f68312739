#pragma once

#include "backends/cpu/conv_shape.h"

namespace sinew::cpu {

/// Convolution by plain loops with the filters innermost: float64's kernel, and float32's where
/// oneDNN has only reference code. `bias` may be null. Results do not depend on the number of
/// threads.
template <typename T>
void conv_direct_forward(const ConvShape& s, const T* x, const T* w, const T* bias, T* y);
template <typename T>
void conv_direct_backward_input(const ConvShape& s, const T* w, const T* dy, T* dx);
/// `db` may be null.
template <typename T>
void conv_direct_backward_filter(const ConvShape& s, const T* x, const T* dy, T* dw, T* db);

}  // namespace sinew::cpu
