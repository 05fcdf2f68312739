// Reductions. Floating ones over axes that lie together are the fused kernel's, with no instruction
// before the fold. The rest are seen as (outer, reduced, inner) where the reduced axes lie
// together, and through a table of offsets otherwise. Long reductions are cut into shards fixed by
// the shape, whose partial results are combined in order.

#include <algorithm>
#include <cmath>
#include <limits>

#include "backends/cpu/fused_block.h"
#include "backends/cpu/registry.h"
#include "ops/fused.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

enum class Reduction { Sum, Max, Min };

/// The extents of a reduction. `x` is read at outer * reduced * inner positions when `offsets` is
/// empty; otherwise kept[i] + offsets[r] addresses the r-th element of the i-th result, or, where
/// the innermost axes are kept, `inner` elements of as many results that lie together.
struct ReduceShape {
  std::int64_t outer = 1, reduced = 1, inner = 1;
  std::vector<std::int64_t> kept, offsets;

  ReduceShape(const Shape& x, const std::vector<std::int64_t>& axes) {
    std::vector<bool> is_reduced(static_cast<std::size_t>(x.rank()), false);
    for (std::int64_t axis : axes) is_reduced[static_cast<std::size_t>(axis)] = true;
    int changes = 0;
    for (int axis = 0; axis < x.rank(); ++axis) {
      if (x[axis] == 1) continue;
      const bool here = is_reduced[static_cast<std::size_t>(axis)];
      if (here && inner > 1) ++changes;
      if (here) {
        reduced *= x[axis];
      } else if (reduced > 1) {
        inner *= x[axis];
      } else {
        outer *= x[axis];
      }
    }
    if (changes == 0) return;
    kept = {0};
    offsets = {0};
    const std::vector<std::int64_t> strides = row_major_strides(x);
    int rank = x.rank();
    inner = 1;
    while (!is_reduced[static_cast<std::size_t>(rank - 1)]) inner *= x[--rank];
    for (int axis = 0; axis < rank; ++axis) {
      const auto i = static_cast<std::size_t>(axis);
      std::vector<std::int64_t>& list = is_reduced[i] ? offsets : kept;
      std::vector<std::int64_t> extended;
      for (std::int64_t base : list) {
        for (std::int64_t k = 0; k < x[axis]; ++k) extended.push_back(base + k * strides[i]);
      }
      list = std::move(extended);
    }
  }
};

template <typename T, Reduction kReduction>
T combine(T a, T b) {
  if constexpr (kReduction == Reduction::Sum) return a + b;
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a)) return a;
    if (std::isnan(b)) return b;
  }
  return (kReduction == Reduction::Max ? b > a : b < a) ? b : a;
}

template <typename T, Reduction kReduction>
constexpr T identity() {
  using Limits = std::numeric_limits<T>;
  if constexpr (kReduction == Reduction::Sum) return T{0};
  if constexpr (Limits::has_infinity)
    return kReduction == Reduction::Max ? -Limits::infinity() : Limits::infinity();
  return kReduction == Reduction::Max ? Limits::lowest() : Limits::max();
}

/// Of a contiguous run.
template <typename T, Reduction kReduction>
T reduce_run(const T* x, std::int64_t count) {
  if constexpr (kReduction == Reduction::Sum && std::is_floating_point_v<T>) {
    constexpr std::int64_t kPiece = 1024;
    T sum = 0;
    for (std::int64_t begin = 0; begin < count; begin += kPiece) {
      sum += sum_block(x + begin, std::min(kPiece, count - begin));
    }
    return sum;
  }
  T result = identity<T, kReduction>();
  for (std::int64_t i = 0; i < count; ++i) result = combine<T, kReduction>(result, x[i]);
  return result;
}

template <typename T, Reduction kReduction>
class Reduce : public Kernel {
 public:
  explicit Reduce(const KernelRequest& request)
      : s_(request.inputs[0].shape, request.attributes.integers("axes")) {
    constexpr std::int64_t kShardElements = 1 << 14;
    constexpr std::int64_t kMaxShards = 32;
    if (s_.outer < kMaxShards && s_.offsets.empty()) {
      shards_ =
          std::clamp<std::int64_t>(s_.reduced * s_.inner / kShardElements, 1,
                                   std::min(kMaxShards, std::max<std::int64_t>(1, s_.reduced)));
    }
  }
  std::size_t scratch_bytes() const override {
    return shards_ == 1 ? 0 : static_cast<std::size_t>(s_.outer * shards_ * s_.inner) * sizeof(T);
  }
  void run(const KernelArguments& arguments) override {
    const T* x = static_cast<const T*>(arguments.inputs[0]);
    T* y = static_cast<T*>(arguments.outputs[0]);
    if (!s_.offsets.empty()) return run_table(x, y);
    T* partial = shards_ == 1 ? y : static_cast<T*>(arguments.scratch);
    // Rows of one element each are gathered into tasks worth a thread.
    const std::int64_t task_rows =
        std::max<std::int64_t>(1, 4096 / std::max<std::int64_t>(1, s_.reduced * s_.inner));
    const std::int64_t rows = s_.outer * shards_;
    parallel_for((rows + task_rows - 1) / task_rows, [&](std::int64_t task) {
      for (std::int64_t row = task * task_rows; row < std::min(rows, (task + 1) * task_rows);
           ++row) {
        const std::int64_t shard = row % shards_;
        const std::int64_t first = s_.reduced * shard / shards_;
        const std::int64_t count = s_.reduced * (shard + 1) / shards_ - first;
        run_shard(x + (row / shards_ * s_.reduced + first) * s_.inner, count,
                  partial + row * s_.inner);
      }
    });
    if (shards_ == 1) return;
    for (std::int64_t outer = 0; outer < s_.outer; ++outer) {
      const T* from = partial + outer * shards_ * s_.inner;
      T* to = y + outer * s_.inner;
      std::copy(from, from + s_.inner, to);
      for (std::int64_t shard = 1; shard < shards_; ++shard) {
        for (std::int64_t i = 0; i < s_.inner; ++i)
          to[i] = combine<T, kReduction>(to[i], from[shard * s_.inner + i]);
      }
    }
  }

 private:
  void run_shard(const T* x, std::int64_t count, T* to) const {
    if (s_.inner == 1) {
      *to = reduce_run<T, kReduction>(x, count);
      return;
    }
    std::fill(to, to + s_.inner, identity<T, kReduction>());
    for (std::int64_t r = 0; r < count; ++r) add_run(x + r * s_.inner, to);
  }

  void add_run(const T* x, T* to) const {
    for (std::int64_t i = 0; i < s_.inner; ++i) to[i] = combine<T, kReduction>(to[i], x[i]);
  }

  void run_table(const T* x, T* y) const {
    const std::int64_t count = static_cast<std::int64_t>(s_.kept.size());
    const std::int64_t work = s_.inner * static_cast<std::int64_t>(s_.offsets.size());
    const std::int64_t task_rows = std::max<std::int64_t>(1, 4096 / work);
    parallel_for((count + task_rows - 1) / task_rows, [&](std::int64_t task) {
      for (std::int64_t i = task * task_rows; i < std::min(count, (task + 1) * task_rows); ++i) {
        const T* from = x + s_.kept[static_cast<std::size_t>(i)];
        T* to = y + i * s_.inner;
        std::fill(to, to + s_.inner, identity<T, kReduction>());
        for (const std::int64_t offset : s_.offsets) add_run(from + offset, to);
      }
    });
  }

  ReduceShape s_;
  std::int64_t shards_ = 1;
};

/// The same reduction as a loop, if it can be one.
std::unique_ptr<Kernel> create_loop(const KernelRequest& request, ops::FusedCode::Fold fold) {
  const TensorType& x = request.inputs[0];
  const auto& axes = request.attributes.integers("axes");
  if (!ops::loop_folds(x, axes)) return nullptr;
  ops::FusedCode code;
  code.inputs = 1;
  code.compute = ops::compute_dtype(x.dtype);
  code.results = {{.source = 0,
                   .dtype = request.outputs[0].dtype,
                   .fold = fold,
                   .first = axes.front(),
                   .last = axes.back() + 1}};
  KernelRequest loop{"fused", code.to_attributes(), request.inputs, request.outputs, request.where};
  return runtime::default_backend().create(loop);
}

template <Reduction kReduction>
std::unique_ptr<Kernel> create(const KernelRequest& request) {
  constexpr ops::FusedCode::Fold kFold = kReduction == Reduction::Sum   ? ops::FusedCode::Fold::Sum
                                         : kReduction == Reduction::Max ? ops::FusedCode::Fold::Max
                                                                        : ops::FusedCode::Fold::Min;
  if (auto loop = create_loop(request, kFold)) return loop;
  return dispatch(request.inputs[0].dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    using T = decltype(zero);
    // Sums of bfloat16 are float32's: the compiler widens them.
    if constexpr (std::is_same_v<T, BFloat16>)
      return nullptr;
    else
      return std::make_unique<Reduce<T, kReduction>>(request);
  });
}

template <typename T>
class Argmax : public Kernel {
 public:
  explicit Argmax(const KernelRequest& request)
      : s_(request.inputs[0].shape, {request.attributes.integer("axis")}),
        extent_(request.inputs[0].shape[static_cast<int>(request.attributes.integer("axis"))]) {}
  void run(const KernelArguments& arguments) override {
    const T* x = static_cast<const T*>(arguments.inputs[0]);
    std::int64_t* y = static_cast<std::int64_t*>(arguments.outputs[0]);
    for (std::int64_t outer = 0; outer < s_.outer; ++outer) {
      for (std::int64_t inner = 0; inner < s_.inner; ++inner) {
        const T* column = x + outer * extent_ * s_.inner + inner;
        std::int64_t best = 0;
        for (std::int64_t i = 1; i < extent_; ++i) {
          if (column[i * s_.inner] > column[best * s_.inner]) best = i;
        }
        y[outer * s_.inner + inner] = best;
      }
    }
  }

 private:
  ReduceShape s_;
  std::int64_t extent_;
};

const RegisterKernel sum({.op = "reduce_sum", .create = create<Reduction::Sum>});
const RegisterKernel max({.op = "reduce_max", .create = create<Reduction::Max>});
const RegisterKernel min({.op = "reduce_min", .create = create<Reduction::Min>});
const RegisterKernel argmax({
    .op = "argmax",
    .create = [](const KernelRequest& request) -> std::unique_ptr<Kernel> {
      return dispatch(request.inputs[0].dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
        return std::make_unique<Argmax<decltype(zero)>>(request);
      });
    },
    .bfloat16 = always,
});

}  // namespace
}  // namespace sinew::cpu
