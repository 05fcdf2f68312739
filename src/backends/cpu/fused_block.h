#pragma once

#include <cstdint>

namespace sinew::cpu {

/// Elements that one pass of the fused kernel's interpreter handles: a float register is 2 KiB, so
/// that the dozen that a long chain keeps alive stay in the first-level cache.
inline constexpr std::int64_t kBlock = 512;

/// One instruction: `code` is an ops::Elementwise; a, b and c are blocks of operands, `out` the
/// block it fills.
template <typename T>
struct BlockInstruction {
  std::int64_t code = 0;
  const T* a = nullptr;
  const T* b = nullptr;
  const T* c = nullptr;
  T* out = nullptr;
};

/// Runs instructions over `count` elements. Blocks are aligned for vectors and may be read and
/// written up to the next multiple of 64 bytes. Bool is 0 and 1 in T.
void run_block(const BlockInstruction<float>* instructions, std::int64_t instruction_count,
               std::int64_t count);
void run_block(const BlockInstruction<double>* instructions, std::int64_t instruction_count,
               std::int64_t count);

/// Fills a block with one value.
void fill_block(float value, std::int64_t count, float* block);
void fill_block(double value, std::int64_t count, double* block);

/// Sum of a block, in an order fixed by `count` alone.
float sum_block(const float* block, std::int64_t count);
double sum_block(const double* block, std::int64_t count);

}  // namespace sinew::cpu
