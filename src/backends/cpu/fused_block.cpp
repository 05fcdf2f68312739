// The interpreter's inner loops. Per instruction and vector: up to three loads, one operation, one
// store, all in the first-level cache, so a chain of n cheap instructions runs at about n vectors
// in 1.5 n cycles, while a chain of separate kernels would go through memory n times.
// Transcendentals are those of fused_math-inl.h.

#include "backends/cpu/fused_block.h"

#include <cmath>
#include <limits>

#include "ops/elementwise_code.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/fused_block.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "backends/cpu/fused_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using ops::Elementwise;

template <class D, typename T, class F>
void map1(D d, const BlockInstruction<T>& i, int64_t count, F f) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t k = 0; k < count; k += lanes) hn::StoreU(f(hn::LoadU(d, i.a + k)), d, i.out + k);
}

template <class D, typename T, class F>
void map2(D d, const BlockInstruction<T>& i, int64_t count, F f) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t k = 0; k < count; k += lanes) {
    hn::StoreU(f(hn::LoadU(d, i.a + k), hn::LoadU(d, i.b + k)), d, i.out + k);
  }
}

template <typename T, class F>
void scalar1(const BlockInstruction<T>& i, int64_t count, F f) {
  for (int64_t k = 0; k < count; ++k) i.out[k] = f(i.a[k]);
}

template <typename T>
void run_one(const BlockInstruction<T>& i, int64_t count) {
  const hn::ScalableTag<T> d;
  const auto one = hn::Set(d, T{1});
  const auto zero = hn::Zero(d);
  const auto truth = [=](auto mask) { return hn::IfThenElseZero(mask, one); };
  switch (static_cast<Elementwise>(i.code)) {
    case Elementwise::Add:
      return map2(d, i, count, [](auto a, auto b) { return hn::Add(a, b); });
    case Elementwise::Subtract:
      return map2(d, i, count, [](auto a, auto b) { return hn::Sub(a, b); });
    case Elementwise::Multiply:
      return map2(d, i, count, [](auto a, auto b) { return hn::Mul(a, b); });
    case Elementwise::Divide:
      return map2(d, i, count, [](auto a, auto b) { return hn::Div(a, b); });
    case Elementwise::Maximum:
      // A NaN on either side wins, as in NumPy.
      return map2(d, i, count, [](auto a, auto b) {
        const auto larger = hn::IfThenElse(hn::Gt(a, b), a, b);
        return hn::IfThenElse(hn::Eq(a, a), larger, a);
      });
    case Elementwise::Minimum:
      return map2(d, i, count, [](auto a, auto b) {
        const auto smaller = hn::IfThenElse(hn::Lt(a, b), a, b);
        return hn::IfThenElse(hn::Eq(a, a), smaller, a);
      });
    case Elementwise::Power:
      for (int64_t k = 0; k < count; ++k) i.out[k] = std::pow(i.a[k], i.b[k]);
      return;
    case Elementwise::Equal:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Eq(a, b)); });
    case Elementwise::NotEqual:
      // Highway's Ne is false where a NaN is.
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Not(hn::Eq(a, b))); });
    case Elementwise::Less:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Lt(a, b)); });
    case Elementwise::LessEqual:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Le(a, b)); });
    case Elementwise::Greater:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Gt(a, b)); });
    case Elementwise::GreaterEqual:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Ge(a, b)); });
    case Elementwise::LogicalAnd:
      return map2(d, i, count, [](auto a, auto b) { return hn::Mul(a, b); });
    case Elementwise::LogicalOr:
      return map2(d, i, count, [](auto a, auto b) { return hn::Max(a, b); });
    case Elementwise::LogicalNot:
      return map1(d, i, count, [=](auto a) { return hn::Sub(one, a); });
    case Elementwise::IsFinite:
      // x - x is 0 for finite x and NaN otherwise.
      return map1(d, i, count, [=](auto a) { return truth(hn::Eq(hn::Sub(a, a), zero)); });
    case Elementwise::Where: {
      const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
      for (int64_t k = 0; k < count; k += lanes) {
        const auto condition = hn::Ne(hn::LoadU(d, i.a + k), zero);
        hn::StoreU(hn::IfThenElse(condition, hn::LoadU(d, i.b + k), hn::LoadU(d, i.c + k)), d,
                   i.out + k);
      }
      return;
    }
    case Elementwise::Cast:
    case Elementwise::StopGradient:
      return map1(d, i, count, [](auto a) { return a; });
    case Elementwise::Negative:
      return map1(d, i, count, [](auto a) { return hn::Neg(a); });
    case Elementwise::Abs:
      return map1(d, i, count, [](auto a) { return hn::Abs(a); });
    case Elementwise::Sign:
      return map1(d, i, count, [=](auto a) {
        const auto sign = hn::Sub(truth(hn::Gt(a, zero)), truth(hn::Lt(a, zero)));
        return hn::IfThenElse(hn::Eq(a, a), sign, a);
      });
    case Elementwise::Floor:
      return map1(d, i, count, [](auto a) { return hn::Floor(a); });
    case Elementwise::Ceil:
      return map1(d, i, count, [](auto a) { return hn::Ceil(a); });
    case Elementwise::Round:
      return map1(d, i, count, [](auto a) { return hn::Round(a); });
    case Elementwise::Exp:
      return map1(d, i, count, [=](auto a) { return safe_exp(d, a); });
    case Elementwise::Expm1:
      return map1(d, i, count, [=](auto a) { return safe_expm1(d, a); });
    case Elementwise::Log:
      return map1(d, i, count, [=](auto a) { return safe_log(d, a); });
    case Elementwise::Log1p:
      return map1(d, i, count, [=](auto a) { return safe_log1p(d, a); });
    case Elementwise::Sqrt:
      return map1(d, i, count, [](auto a) { return hn::Sqrt(a); });
    case Elementwise::Rsqrt:
      return map1(d, i, count, [=](auto a) { return hn::Div(one, hn::Sqrt(a)); });
    case Elementwise::Square:
      return map1(d, i, count, [](auto a) { return hn::Mul(a, a); });
    case Elementwise::Reciprocal:
      return map1(d, i, count, [=](auto a) { return hn::Div(one, a); });
    // Highway's sin and cos are exact for small arguments only.
    case Elementwise::Sin:
      return scalar1(i, count, [](T a) { return std::sin(a); });
    case Elementwise::Cos:
      return scalar1(i, count, [](T a) { return std::cos(a); });
    case Elementwise::Tanh:
      return map1(d, i, count, [=](auto a) { return safe_tanh(d, a); });
    case Elementwise::Erf:
      return map1(d, i, count, [=](auto a) { return any_erf(d, a); });
    case Elementwise::Gelu:
      return map1(d, i, count, [=](auto a) { return hn::Mul(a, normal_share(d, a)); });
    case Elementwise::GeluBackward:
      return map2(d, i, count, [=](auto a, auto dy) { return hn::Mul(dy, gelu_slope(d, a)); });
    case Elementwise::Sigmoid:
      return map1(d, i, count, [=](auto a) { return sigmoid(d, a); });
    case Elementwise::Relu:
      // Not Max, which would turn NaN into 0.
      return map1(d, i, count, [=](auto a) { return hn::IfThenElse(hn::Lt(a, zero), zero, a); });
    case Elementwise::ReluBackward:
      return map2(d, i, count,
                  [=](auto y, auto dy) { return hn::IfThenElseZero(hn::Gt(y, zero), dy); });
  }
}

template <typename T>
T sum(const T* block, int64_t count) {
  // Eight partial sums whatever the vector's width, so that every instruction set adds in the same
  // order.
  T partial[8] = {};
  int64_t k = 0;
  for (; k + 8 <= count; k += 8) {
    for (int64_t j = 0; j < 8; ++j) partial[j] += block[k + j];
  }
  for (int64_t j = 0; k + j < count; ++j) partial[j] += block[k + j];
  return ((partial[0] + partial[4]) + (partial[2] + partial[6])) +
         ((partial[1] + partial[5]) + (partial[3] + partial[7]));
}

template <typename T>
void fill(T value, int64_t count, T* block) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t k = 0;
  for (; k + lanes <= count; k += lanes) hn::StoreU(hn::Set(d, value), d, block + k);
  for (; k < count; ++k) block[k] = value;
}

void fill_float(float value, int64_t count, float* block) { fill(value, count, block); }
void fill_double(double value, int64_t count, double* block) { fill(value, count, block); }

void run_float(const BlockInstruction<float>* instructions, int64_t instruction_count,
               int64_t count) {
  for (int64_t i = 0; i < instruction_count; ++i) run_one(instructions[i], count);
}
void run_double(const BlockInstruction<double>* instructions, int64_t instruction_count,
                int64_t count) {
  for (int64_t i = 0; i < instruction_count; ++i) run_one(instructions[i], count);
}
float sum_float(const float* block, int64_t count) { return sum(block, count); }
double sum_double(const double* block, int64_t count) { return sum(block, count); }

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(run_float);
HWY_EXPORT(run_double);
HWY_EXPORT(fill_float);
HWY_EXPORT(fill_double);
HWY_EXPORT(sum_float);
HWY_EXPORT(sum_double);

void run_block(const BlockInstruction<float>* instructions, std::int64_t instruction_count,
               std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(run_float)(instructions, instruction_count, count);
}
void run_block(const BlockInstruction<double>* instructions, std::int64_t instruction_count,
               std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(run_double)(instructions, instruction_count, count);
}
void fill_block(float value, std::int64_t count, float* block) {
  HWY_DYNAMIC_DISPATCH(fill_float)(value, count, block);
}
void fill_block(double value, std::int64_t count, double* block) {
  HWY_DYNAMIC_DISPATCH(fill_double)(value, count, block);
}
float sum_block(const float* block, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(sum_float)(block, count);
}
double sum_block(const double* block, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(sum_double)(block, count);
}

}  // namespace sinew::cpu
#endif
