// Layer normalisation of rows of C numbers: y = (x - mean) r gamma + beta, r = 1 / sqrt(variance +
// epsilon). Forward 8 FLOPs an element and 2 values moved, backward 14 and 3: bound by memory.
//
// A row of usual width (256 to 1,024) stays in the first-level cache, so that the passes over it
// (sum; squares of what is centred, for the sake of accuracy; result) cost one trip to memory.
// Backward goes twice over a row: for the means of g and g n (g = dy gamma, n the normalised x),
// adding to dgamma and dbeta on the way, then for dx. Rows are cut into shards fixed by the shape;
// each sums its own dgamma and dbeta, which are added in order afterwards.

#include <algorithm>
#include <cmath>

#include "backends/cpu/registry.h"
#include "sinew/base/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/norm.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "backends/cpu/bfloat16_vector-inl.h"

#ifndef SINEW_CPU_NORM_ROWS
#define SINEW_CPU_NORM_ROWS
namespace sinew::cpu {

/// Rows of one task; gamma and beta may be null. Data lie in memory as S.
template <typename T, typename S>
struct NormRows {
  const S *x, *dy;
  const T *gamma, *beta;
  S *y, *dx;
  T *mean, *scale, *dgamma, *dbeta;
  int64_t rows, columns;
  T epsilon;
};

}  // namespace sinew::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

/// The sum over a row of f(d, index), vectors first, the rest one by one.
template <typename T, class F>
HWY_INLINE T row_sum(int64_t columns, F f) {
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto even = hn::Zero(d), odd = hn::Zero(d);
  int64_t i = 0;
  for (; i + 2 * lanes <= columns; i += 2 * lanes) {
    even = hn::Add(even, f(d, i));
    odd = hn::Add(odd, f(d, i + lanes));
  }
  if (i + lanes <= columns) {
    even = hn::Add(even, f(d, i));
    i += lanes;
  }
  T sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)));
  for (; i < columns; ++i) sum += hn::GetLane(f(one, i));
  return sum;
}

/// f(d, index) for all of a row.
template <typename T, class F>
HWY_INLINE void row_each(int64_t columns, F f) {
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= columns; i += lanes) f(d, i);
  for (; i < columns; ++i) f(one, i);
}

template <typename T, typename S>
void forward(const NormRows<T, S>& n) {
  const T share = T{1} / static_cast<T>(n.columns);
  for (int64_t row = 0; row < n.rows; ++row) {
    const S* x = n.x + row * n.columns;
    S* y = n.y + row * n.columns;
    const T mean = share * row_sum<T>(n.columns, [&](auto d, int64_t i) { return load(d, x + i); });
    const T variance = share * row_sum<T>(n.columns, [&](auto d, int64_t i) {
                         const auto centered = hn::Sub(load(d, x + i), hn::Set(d, mean));
                         return hn::Mul(centered, centered);
                       });
    const T scale = T{1} / std::sqrt(variance + n.epsilon);
    n.mean[row] = mean;
    n.scale[row] = scale;
    row_each<T>(n.columns, [&](auto d, int64_t i) {
      auto v = hn::Mul(hn::Sub(load(d, x + i), hn::Set(d, mean)), hn::Set(d, scale));
      if (n.gamma) v = hn::Mul(v, hn::LoadU(d, n.gamma + i));
      if (n.beta) v = hn::Add(v, hn::LoadU(d, n.beta + i));
      store(v, d, y + i);
    });
  }
}

template <typename T, typename S>
void backward(const NormRows<T, S>& n) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const T share = T{1} / static_cast<T>(n.columns);
  for (T* sums : {n.dgamma, n.dbeta}) {
    if (sums) std::fill(sums, sums + n.columns, T{0});
  }
  for (int64_t row = 0; row < n.rows; ++row) {
    const S* x = n.x + row * n.columns;
    const S* dy = n.dy + row * n.columns;
    S* dx = n.dx + row * n.columns;
    const T mean = n.mean[row];
    const T scale = n.scale[row];
    V total = hn::Zero(d), total_normal = hn::Zero(d);
    T rest = 0, rest_normal = 0;
    // One pass for both sums and the two gradients' shares.
    const auto step = [&](auto tag, int64_t i, auto add) {
      const auto normal =
          hn::Mul(hn::Sub(load(tag, x + i), hn::Set(tag, mean)), hn::Set(tag, scale));
      auto g = load(tag, dy + i);
      if (n.dbeta) hn::StoreU(hn::Add(hn::LoadU(tag, n.dbeta + i), g), tag, n.dbeta + i);
      if (n.dgamma) {
        hn::StoreU(hn::MulAdd(g, normal, hn::LoadU(tag, n.dgamma + i)), tag, n.dgamma + i);
        g = hn::Mul(g, hn::LoadU(tag, n.gamma + i));
      }
      add(g, hn::Mul(g, normal));
    };
    int64_t i = 0;
    for (; i + lanes <= n.columns; i += lanes) {
      step(d, i, [&](V g, V g_normal) {
        total = hn::Add(total, g);
        total_normal = hn::Add(total_normal, g_normal);
      });
    }
    const hn::CappedTag<T, 1> one;
    for (; i < n.columns; ++i) {
      step(one, i, [&](auto g, auto g_normal) {
        rest += hn::GetLane(g);
        rest_normal += hn::GetLane(g_normal);
      });
    }
    const T mean_g = share * (hn::GetLane(hn::SumOfLanes(d, total)) + rest);
    const T mean_g_normal = share * (hn::GetLane(hn::SumOfLanes(d, total_normal)) + rest_normal);
    row_each<T>(n.columns, [&](auto tag, int64_t k) {
      const auto normal =
          hn::Mul(hn::Sub(load(tag, x + k), hn::Set(tag, mean)), hn::Set(tag, scale));
      auto g = load(tag, dy + k);
      if (n.gamma) g = hn::Mul(g, hn::LoadU(tag, n.gamma + k));
      g = hn::Sub(g, hn::Set(tag, mean_g));
      g = hn::NegMulAdd(normal, hn::Set(tag, mean_g_normal), g);
      store(hn::Mul(g, hn::Set(tag, scale)), tag, dx + k);
    });
  }
}

void forward_float(const NormRows<float, float>& n) { forward(n); }
void forward_double(const NormRows<double, double>& n) { forward(n); }
void forward_narrow(const NormRows<float, BFloat16>& n) { forward(n); }
void backward_float(const NormRows<float, float>& n) { backward(n); }
void backward_double(const NormRows<double, double>& n) { backward(n); }
void backward_narrow(const NormRows<float, BFloat16>& n) { backward(n); }

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(forward_float);
HWY_EXPORT(forward_double);
HWY_EXPORT(forward_narrow);
HWY_EXPORT(backward_float);
HWY_EXPORT(backward_double);
HWY_EXPORT(backward_narrow);

namespace {

using Rows = NormRows<float, float>;
using DoubleRows = NormRows<double, double>;
using NarrowRows = NormRows<float, BFloat16>;
void run_forward(const Rows& n) { HWY_DYNAMIC_DISPATCH(forward_float)(n); }
void run_forward(const DoubleRows& n) { HWY_DYNAMIC_DISPATCH(forward_double)(n); }
void run_forward(const NarrowRows& n) { HWY_DYNAMIC_DISPATCH(forward_narrow)(n); }
void run_backward(const Rows& n) { HWY_DYNAMIC_DISPATCH(backward_float)(n); }
void run_backward(const DoubleRows& n) { HWY_DYNAMIC_DISPATCH(backward_double)(n); }
void run_backward(const NarrowRows& n) { HWY_DYNAMIC_DISPATCH(backward_narrow)(n); }

/// Extents, and the shards that rows are cut into.
struct NormShape {
  std::int64_t rows, columns, shards;
  bool gamma, beta;

  explicit NormShape(const KernelRequest& r)
      : columns(r.inputs[0].shape[-1]),
        gamma(r.attributes.flag("has_gamma")),
        beta(r.attributes.flag("has_beta")) {
    constexpr std::int64_t kShardElements = 1 << 14;
    constexpr std::int64_t kMaxShards = 32;
    const std::int64_t elements = r.inputs[0].shape.numel();
    rows = columns == 0 ? 0 : elements / columns;
    shards = std::clamp<std::int64_t>(elements / kShardElements, 1,
                                      std::clamp<std::int64_t>(rows, 1, kMaxShards));
  }
  std::int64_t first(std::int64_t shard) const { return rows * shard / shards; }
};

template <typename T, typename S>
class LayerNorm : public Kernel {
 public:
  explicit LayerNorm(const KernelRequest& r)
      : s_(r), epsilon_(static_cast<T>(r.attributes.real("epsilon"))) {}
  bool may_share(int input, int output) const override { return input == 0 && output == 0; }
  void run(const KernelArguments& a) override {
    const auto in = [&](int i) { return static_cast<const T*>(a.inputs[i]); };
    parallel_for(s_.shards, [&](std::int64_t shard) {
      const std::int64_t row = s_.first(shard);
      NormRows<T, S> n{};
      n.x = static_cast<const S*>(a.inputs[0]) + row * s_.columns;
      n.gamma = s_.gamma ? in(1) : nullptr;
      n.beta = s_.beta ? in(s_.gamma ? 2 : 1) : nullptr;
      n.y = static_cast<S*>(a.outputs[0]) + row * s_.columns;
      n.mean = static_cast<T*>(a.outputs[1]) + row;
      n.scale = static_cast<T*>(a.outputs[2]) + row;
      n.rows = s_.first(shard + 1) - row;
      n.columns = s_.columns;
      n.epsilon = epsilon_;
      run_forward(n);
    });
  }

 private:
  NormShape s_;
  T epsilon_;
};

template <typename T, typename S>
class LayerNormBackward : public Kernel {
 public:
  explicit LayerNormBackward(const KernelRequest& r) : s_(r), last_(r.inputs.size() - 1) {}
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(s_.shards * sums() * s_.columns) * sizeof(T);
  }
  bool may_share(int input, int output) const override {
    return output == 0 && (input == 0 || input == static_cast<int>(last_));
  }
  void run(const KernelArguments& a) override {
    const auto in = [&](std::size_t i) { return static_cast<const T*>(a.inputs[i]); };
    T* scratch = static_cast<T*>(a.scratch);
    parallel_for(s_.shards, [&](std::int64_t shard) {
      const std::int64_t row = s_.first(shard);
      T* partial = scratch + shard * sums() * s_.columns;
      NormRows<T, S> n{};
      n.x = static_cast<const S*>(a.inputs[0]) + row * s_.columns;
      n.gamma = s_.gamma ? in(1) : nullptr;
      n.dy = static_cast<const S*>(a.inputs[last_]) + row * s_.columns;
      // The forward op's results are only read here.
      n.mean = const_cast<T*>(in(last_ - 2)) + row;
      n.scale = const_cast<T*>(in(last_ - 1)) + row;
      n.dx = static_cast<S*>(a.outputs[0]) + row * s_.columns;
      n.dgamma = s_.gamma ? partial : nullptr;
      n.dbeta = s_.beta ? partial + (s_.gamma ? s_.columns : 0) : nullptr;
      n.rows = s_.first(shard + 1) - row;
      n.columns = s_.columns;
      run_backward(n);
    });
    for (std::int64_t which = 0; which < sums(); ++which) {
      T* to = static_cast<T*>(a.outputs[1 + which]);
      std::fill(to, to + s_.columns, T{0});
      for (std::int64_t shard = 0; shard < s_.shards; ++shard) {
        const T* from = scratch + (shard * sums() + which) * s_.columns;
        for (std::int64_t i = 0; i < s_.columns; ++i) to[i] += from[i];
      }
    }
  }

 private:
  std::int64_t sums() const { return (s_.gamma ? 1 : 0) + (s_.beta ? 1 : 0); }

  NormShape s_;
  std::size_t last_;
};

template <template <typename, typename> class Make>
std::unique_ptr<Kernel> create(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64) return std::make_unique<Make<double, double>>(r);
  if (r.outputs[0].dtype == DType::BFloat16) return std::make_unique<Make<float, BFloat16>>(r);
  return std::make_unique<Make<float, float>>(r);
}

const RegisterKernel layer_norm({.op = "layer_norm",
                                 .create = create<LayerNorm>,
                                 .bfloat16 = stores_bfloat16});
const RegisterKernel layer_norm_backward({.op = "layer_norm_backward",
                                          .create = create<LayerNormBackward>,
                                          .bfloat16 = stores_bfloat16});

}  // namespace
}  // namespace sinew::cpu
#endif
