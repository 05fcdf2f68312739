#pragma once

#include <cstdint>

#include "sinew/base/bfloat16.h"

namespace sinew::cpu {

/// Contiguous float32 to and from bfloat16, a vector at a time; rounds as BFloat16's constructor
/// does, on every instruction set to the same bits. Bound by memory: 6 bytes an element.
void narrow(const float* from, std::int64_t count, BFloat16* to);
void widen(const BFloat16* from, std::int64_t count, float* to);
/// to[2 * k] = from[k]; what lies between is another thread's.
void store_apart(const BFloat16* from, std::int64_t count, BFloat16* to);

}  // namespace sinew::cpu
