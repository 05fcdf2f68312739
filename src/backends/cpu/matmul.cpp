// Matrix products: oneDNN's matmul for float32 and bfloat16 on row-major operands (transposition is
// a matter of strides), plain loops for float64.
//
// Products of bfloat16 are added up in float32 and come out as either. A second operand of float32,
// the weights that the optimizer keeps, is rounded while it is packed into the layout that oneDNN
// prefers, which the layout pass has the optimizer do: the product then needs no copy of its own
// (32 x 128 x 1600, transposed: 0.033 ms, packing included, against 0.058 on row-major bfloat16).
//
// A long inner extent over a small result (a weight gradient over a whole sequence) would make
// oneDNN split the sum over threads; there kernel "sharded" cuts it into shards fixed by the shape,
// one thread each, added in order. For shorter sums over whole matrices either may be the faster,
// for long sums over large results kernel "tiles" (matmul_tiles.cpp): the costs or the tuning table
// decide.

#include <algorithm>
#include <optional>

#include "backends/cpu/onednn_primitives.h"
#include "backends/cpu/packed_weights.h"
#include "backends/cpu/registry.h"
#include "backends/cpu/sum_shards.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using dnnl::memory;
using onednn::Call;

/// The product seen as (batch, M, K) x (batch, K, N), with batch axes of their own where they are
/// broadcast.
struct MatmulShape {
  memory::dims a, a_strides, b, b_strides, y, y_strides;
  std::int64_t batch = 1, m = 0, k = 0, n = 0;
  bool transpose_b;
  DType a_type, b_type, bias_type, y_type;

  explicit MatmulShape(const KernelRequest& r)
      : transpose_b(r.attributes.flag("transpose_b")),
        a_type(r.inputs[0].dtype),
        b_type(r.inputs[1].dtype),
        bias_type(r.inputs.size() == 3 ? r.inputs[2].dtype : DType::Float32),
        y_type(r.outputs[0].dtype) {
    const Shape& shape_y = r.outputs[0].shape;
    const int rank = shape_y.rank();
    y = shape_y.dims();
    y_strides = row_major_strides(shape_y);
    const auto operand = [&](const Shape& shape, bool transpose, memory::dims& dims,
                             memory::dims& strides) {
      dims = shape.dims();
      strides = row_major_strides(shape);
      if (transpose) {
        std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
        std::swap(strides[strides.size() - 1], strides[strides.size() - 2]);
      }
      const std::int64_t size = shape.numel();
      while (static_cast<int>(dims.size()) < rank) {
        dims.insert(dims.begin(), 1);
        strides.insert(strides.begin(), size);
      }
    };
    operand(r.inputs[0].shape, r.attributes.flag("transpose_a"), a, a_strides);
    operand(r.inputs[1].shape, transpose_b, b, b_strides);
    m = y[y.size() - 2];
    n = y[y.size() - 1];
    k = a[a.size() - 1];
    for (std::size_t i = 0; i + 2 < y.size(); ++i) batch *= y[i];
  }

  memory::desc a_desc() const { return onednn::describe(a, a_strides, a_type); }
  memory::desc b_desc() const { return onednn::describe(b, b_strides, b_type); }
  /// As the primitive takes it: rounded and packed where it is wider than `a`.
  memory::desc b_taken() const { return a_type == b_type ? b_desc() : onednn::any(b, a_type); }
  memory::desc y_desc() const { return onednn::describe(y, y_strides, y_type); }
  memory::desc bias_desc() const {
    memory::dims dims(y.size(), 1);
    dims.back() = n;
    memory::dims strides(y.size(), n);
    strides.back() = 1;
    return onednn::describe(dims, strides, bias_type);
  }
  /// Where a descriptor of b puts the operand's elements, whichever way round it lies.
  std::optional<BlockedLayout> b_layout(const memory::desc& desc) const {
    const int rows = static_cast<int>(b.size()) - 2;
    if (transpose_b) return layout_of(desc, {{rows + 1}, {rows}});
    return layout_of(desc, {{rows}, {rows + 1}});
  }
  dnnl::matmul::primitive_desc make(bool bias, bool relu) const {
    return onednn::matmul(a_desc(), b_taken(), bias ? bias_desc() : memory::desc(), y_desc(),
                          onednn::attributes(relu));
  }

  /// Element offset of a matrix of an operand for a flat batch index of the result.
  std::int64_t offset(const memory::dims& dims, const memory::dims& strides,
                      std::int64_t index) const {
    std::int64_t result = 0;
    for (std::size_t axis = y.size() - 2; axis-- > 0;) {
      if (dims[axis] != 1) result += index % y[axis] * strides[axis];
      index /= y[axis];
    }
    return result;
  }
};

class Matmul : public Kernel {
 public:
  Matmul(const KernelRequest& r, bool bias, bool relu) : bias_(bias) {
    const MatmulShape s(r);
    const auto pd = s.make(bias, relu);
    if (s.a_type != s.b_type) {
      const auto wanted = s.b_layout(pd.weights_desc());
      if (!wanted) throw InternalError("oneDNN wants weights in a layout that has no name");
      weights_ = PackedWeights(r.inputs[1], *wanted);
    }
    call_ = Call(dnnl::matmul(pd));
    call_.bind(DNNL_ARG_SRC, pd.src_desc());
    call_.bind(DNNL_ARG_WEIGHTS, pd.weights_desc());
    if (bias) call_.bind(DNNL_ARG_BIAS, pd.bias_desc());
    call_.bind(DNNL_ARG_DST, pd.dst_desc());
    call_.bind(DNNL_ARG_SCRATCHPAD, pd.scratchpad_desc());
    scratch_bytes_ = onednn::aligned(pd.scratchpad_desc().get_size());
  }
  std::size_t scratch_bytes() const override { return scratch_bytes_ + weights_.bytes(); }
  std::size_t packed_bytes() const override { return weights_.bytes(); }
  void run(const KernelArguments& arguments) override {
    char* scratch = static_cast<char*>(arguments.scratch);
    call_.set(DNNL_ARG_SRC, arguments.inputs[0]);
    call_.set(DNNL_ARG_WEIGHTS, weights_.pack(arguments.inputs[1], scratch + scratch_bytes_));
    if (bias_) call_.set(DNNL_ARG_BIAS, arguments.inputs[2]);
    call_.set(DNNL_ARG_DST, arguments.outputs[0]);
    call_.set(DNNL_ARG_SCRATCHPAD, scratch);
    call_.run();
  }

 private:
  bool bias_;
  PackedWeights weights_;
  Call call_;
  std::size_t scratch_bytes_ = 0;
};

/// y = a b for one matrix, the sum over k in shards.
class ShardedMatmul : public Kernel {
 public:
  static constexpr std::int64_t kShards = 8;
  /// Sums long enough to be worth cutting.
  static bool applies(const MatmulShape& s) {
    return s.batch == 1 && s.y.size() == 2 && s.k >= 32 * kShards &&
           s.m * s.n <= std::int64_t{1} << 20 && s.a_type == s.b_type;
  }
  /// Sums that oneDNN may split by threads.
  static bool needed(const MatmulShape& s) { return applies(s) && s.k >= 1024; }

  explicit ShardedMatmul(const MatmulShape& s) : s_(s) {
    const onednn::SingleThread single;
    for (std::int64_t i = 0; i < kShards; ++i) {
      const std::int64_t k = first(i + 1) - first(i);
      const auto pd =
          onednn::matmul(onednn::describe({s.m, k}, s.a_strides, s.a_type),
                         onednn::describe({k, s.n}, s.b_strides, s.b_type), memory::desc(),
                         onednn::describe(s.y, s.y_strides), onednn::attributes());
      Call call{dnnl::matmul(pd)};
      call.bind(DNNL_ARG_SRC, pd.src_desc());
      call.bind(DNNL_ARG_WEIGHTS, pd.weights_desc());
      call.bind(DNNL_ARG_DST, pd.dst_desc());
      call.bind(DNNL_ARG_SCRATCHPAD, pd.scratchpad_desc());
      scratch_bytes_ = std::max(scratch_bytes_, onednn::aligned(pd.scratchpad_desc().get_size()));
      calls_.push_back(std::move(call));
    }
    partial_bytes_ = onednn::aligned(static_cast<std::size_t>(s.m * s.n) * sizeof(float));
  }
  std::size_t scratch_bytes() const override { return kShards * (partial_bytes_ + scratch_bytes_); }
  void run(const KernelArguments& arguments) override {
    char* scratch = static_cast<char*>(arguments.scratch);
    const auto partial = [&](std::int64_t i) {
      return reinterpret_cast<float*>(scratch + static_cast<std::size_t>(i) * partial_bytes_);
    };
    parallel_for(kShards, [&](std::int64_t i) {
      Call& call = calls_[static_cast<std::size_t>(i)];
      const auto bytes = static_cast<std::int64_t>(size_of(s_.a_type));
      call.set(DNNL_ARG_SRC,
               static_cast<const char*>(arguments.inputs[0]) + first(i) * s_.a_strides[1] * bytes);
      call.set(DNNL_ARG_WEIGHTS,
               static_cast<const char*>(arguments.inputs[1]) + first(i) * s_.b_strides[0] * bytes);
      call.set(DNNL_ARG_DST, partial(i));
      call.set(DNNL_ARG_SCRATCHPAD,
               scratch + kShards * partial_bytes_ + static_cast<std::size_t>(i) * scratch_bytes_);
      call.run();
    });
    const auto stride = static_cast<std::int64_t>(partial_bytes_ / sizeof(float));
    const std::int64_t count = s_.m * s_.n;
    if (s_.y_type == DType::BFloat16) {
      sum_shards(partial(0), stride, kShards, count, static_cast<BFloat16*>(arguments.outputs[0]));
    } else {
      sum_shards(partial(0), stride, kShards, count, static_cast<float*>(arguments.outputs[0]));
    }
  }

 private:
  std::int64_t first(std::int64_t shard) const { return s_.k * shard / kShards; }

  MatmulShape s_;
  std::vector<Call> calls_;
  std::size_t partial_bytes_ = 0;
  std::size_t scratch_bytes_ = 0;
};

template <typename T>
class MatmulLoops : public Kernel {
 public:
  MatmulLoops(const MatmulShape& s, bool bias, bool relu) : s_(s), bias_(bias), relu_(relu) {}
  void run(const KernelArguments& arguments) override {
    const T* bias = bias_ ? static_cast<const T*>(arguments.inputs[2]) : nullptr;
    const std::int64_t ak = s_.a_strides.back();
    const std::int64_t am = s_.a_strides[s_.a_strides.size() - 2];
    const std::int64_t bn = s_.b_strides.back();
    const std::int64_t bk = s_.b_strides[s_.b_strides.size() - 2];
    parallel_for(s_.batch * s_.m, [&](std::int64_t row) {
      const std::int64_t index = row / s_.m;
      const T* a = static_cast<const T*>(arguments.inputs[0]) +
                   s_.offset(s_.a, s_.a_strides, index) + row % s_.m * am;
      const T* b =
          static_cast<const T*>(arguments.inputs[1]) + s_.offset(s_.b, s_.b_strides, index);
      T* y = static_cast<T*>(arguments.outputs[0]) + row * s_.n;
      for (std::int64_t n = 0; n < s_.n; ++n) y[n] = bias ? bias[n] : T{0};
      for (std::int64_t k = 0; k < s_.k; ++k) {
        for (std::int64_t n = 0; n < s_.n; ++n) y[n] += a[k * ak] * b[k * bk + n * bn];
      }
      if (!relu_) return;
      for (std::int64_t n = 0; n < s_.n; ++n) y[n] = y[n] < T{0} ? T{0} : y[n];
    });
  }

 private:
  MatmulShape s_;
  bool bias_;
  bool relu_;
};

bool has_bias(const KernelRequest& r) { return r.inputs.size() == 3; }

bool has_relu(const KernelRequest& r) {
  return r.attributes.get_or<std::string>("activation", "") == "relu";
}

bool plain(const KernelRequest& r) { return !has_bias(r) && !has_relu(r); }

/// oneDNN has no float64, and refuses empty operands.
bool is_onednns(const KernelRequest& r) {
  const MatmulShape s(r);
  return r.outputs[0].dtype != DType::Float64 && s.batch * s.m * s.n * s.k > 0;
}

/// Microseconds of arithmetic or of passing over the operands, on the machine that costs are for.
double product_cost(const MatmulShape& s) {
  const auto size = static_cast<double>(size_of(s.a_type));
  const double flops = 800e3 / size, bandwidth = 30e3;
  const auto batch = static_cast<double>(s.batch);
  const auto m = static_cast<double>(s.m), n = static_cast<double>(s.n),
             k = static_cast<double>(s.k);
  return batch * std::max(2 * m * n * k / flops, size * (m * k + k * n + m * n) / bandwidth);
}

bool in_bfloat16(const KernelRequest& r) {
  return onednn::is_fast_in_bfloat16([&] { return MatmulShape(r).make(has_bias(r), false); });
}

std::vector<std::string> weights_layouts(const KernelRequest& r) {
  std::vector<std::string> layouts(r.inputs.size());
  const MatmulShape s(r);
  if (s.a_type == s.b_type || r.inputs[1].shape.rank() != 2) return layouts;
  if (const auto wanted = s.b_layout(s.make(has_bias(r), has_relu(r)).weights_desc()))
    layouts[1] = wanted->name_for(s.b_type, r.inputs[1].shape);
  return layouts;
}

const RegisterKernel onednn_matmul({
    .op = "matmul",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<Matmul>(r, has_bias(r), has_relu(r));
    },
    .layouts = weights_layouts,
    .implementation = "onednn",
    .applies =
        [](const KernelRequest& r) {
          return is_onednns(r) && !(plain(r) && ShardedMatmul::needed(MatmulShape(r)));
        },
    .cost = [](const KernelRequest& r) { return 2 + product_cost(MatmulShape(r)); },
    .bfloat16 = [](const KernelRequest& r) { return is_onednns(r) && in_bfloat16(r); },
});

const RegisterKernel sharded_matmul({
    .op = "matmul",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<ShardedMatmul>(MatmulShape(r));
    },
    .implementation = "sharded",
    .applies =
        [](const KernelRequest& r) {
          return is_onednns(r) && plain(r) && ShardedMatmul::applies(MatmulShape(r));
        },
    // Each shard writes a result of its own, and all are read to be added.
    .cost =
        [](const KernelRequest& r) {
          const MatmulShape s(r);
          const double partials =
              2.0 * 4.0 * static_cast<double>(ShardedMatmul::kShards * s.m * s.n);
          return 4 + product_cost(s) + partials / 30e3;
        },
    .bfloat16 = [](const KernelRequest& r) { return is_onednns(r) && in_bfloat16(r); },
});

const RegisterKernel plain_matmul({
    .op = "matmul",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      const MatmulShape s(r);
      if (r.outputs[0].dtype == DType::Float64)
        return std::make_unique<MatmulLoops<double>>(s, has_bias(r), has_relu(r));
      return std::make_unique<MatmulLoops<float>>(s, has_bias(r), has_relu(r));
    },
    .implementation = "loops",
    .applies = [](const KernelRequest& r) { return !is_onednns(r); },
});

}  // namespace
}  // namespace sinew::cpu
