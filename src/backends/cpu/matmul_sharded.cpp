// Kernel "sharded" of op matmul: a long sum over a small result, in shards of the sum fixed by the
// shape, by oneDNN on one thread each, added in order.

#include <algorithm>

#include "backends/cpu/matmul_shape.h"
#include "backends/cpu/sum_shards.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using dnnl::memory;
using onednn::Call;

constexpr std::int64_t kShards = 8;

/// y = a b for one matrix, the sum over k in shards.
class ShardedMatmul : public Kernel {
 public:
  explicit ShardedMatmul(const MatmulShape& s) : s_(s) {
    const onednn::SingleThread single;
    for (std::int64_t i = 0; i < kShards; ++i) {
      const std::int64_t k = first(i + 1) - first(i);
      const auto pd =
          onednn::matmul(onednn::describe({s.m, k}, s.a_strides, s.a_type),
                         onednn::describe({k, s.n}, s.b_strides, s.b_type), memory::desc(),
                         onednn::describe(s.y, s.y_strides), onednn::attributes());
      scratch_bytes_ = std::max(scratch_bytes_, onednn::aligned(pd.scratchpad_desc().get_size()));
      calls_.push_back(product_call(pd, false));
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
      call.run_alone();
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

}  // namespace

// Sums long enough to be worth cutting.
bool can_shard(const KernelRequest& r) {
  if (!is_onednns(r) || has_bias(r) || has_relu(r)) return false;
  const MatmulShape s(r);
  return s.batch == 1 && s.y.size() == 2 && s.k >= 32 * kShards &&
         s.m * s.n <= std::int64_t{1} << 20 && s.a_type == s.b_type;
}

bool must_shard(const KernelRequest& r) { return can_shard(r) && MatmulShape(r).k >= 1024; }

namespace {

const RegisterKernel sharded_matmul({
    .op = "matmul",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<ShardedMatmul>(MatmulShape(r));
    },
    .implementation = "sharded",
    .applies = can_shard,
    // Each shard writes a result of its own, and all are read to be added.
    .cost =
        [](const KernelRequest& r) {
          const MatmulShape s(r);
          const double partials = 2.0 * 4.0 * static_cast<double>(kShards * s.m * s.n);
          return 4 + product_cost(s) + partials / 30e3;
        },
    .bfloat16 = is_onednns_in_bfloat16,
});

}  // namespace
}  // namespace sinew::cpu
