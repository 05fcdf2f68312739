// Kernel "split" of op matmul: the result in parts along its longer axis, fixed by the shape, each
// a product by oneDNN on one thread. No sum is cut, so its bits do not depend on the number of
// threads, whatever the inner extent, and no part is written twice.
//
// Measured (2 cores of Zen 4, peak 235 GFLOP/s, float32, transposed a, sums of 2048): 213 GFLOP/s
// for 256 x 256, 203 for 256 x 1024, 205 for 1024 x 256; tiles of our own, packed into the
// second-level cache, reached 133 to 140.

#include <algorithm>

#include "backends/cpu/matmul_shape.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using dnnl::memory;
using onednn::Call;

constexpr std::int64_t kMaxParts = 8;
/// Rows or columns of a part, at least: fewer leave oneDNN's inner kernels part of a register
/// block.
constexpr std::int64_t kLeastPart = 32;

class SplitMatmul : public Kernel {
 public:
  SplitMatmul(const KernelRequest& r, const MatmulShape& s)
      : s_(s), bias_(has_bias(r)), by_rows_(s.m >= s.n) {
    const onednn::SingleThread single;
    for (std::int64_t i = 0; i < parts(s); ++i) {
      const std::int64_t size = first(i + 1) - first(i);
      const std::int64_t m = by_rows_ ? size : s.m, n = by_rows_ ? s.n : size;
      const auto pd = onednn::matmul(
          onednn::describe({m, s.k}, s.a_strides, s.a_type),
          onednn::describe({s.k, n}, s.b_strides, s.b_type),
          bias_ ? onednn::describe({1, n}, {n, 1}, s.bias_type) : memory::desc(),
          onednn::describe({m, n}, s.y_strides, s.y_type), onednn::attributes(has_relu(r)));
      Call call{dnnl::matmul(pd)};
      call.bind(DNNL_ARG_SRC, pd.src_desc());
      call.bind(DNNL_ARG_WEIGHTS, pd.weights_desc());
      if (bias_) call.bind(DNNL_ARG_BIAS, pd.bias_desc());
      call.bind(DNNL_ARG_DST, pd.dst_desc());
      call.bind(DNNL_ARG_SCRATCHPAD, pd.scratchpad_desc());
      part_bytes_ = std::max(part_bytes_, onednn::aligned(pd.scratchpad_desc().get_size()));
      calls_.push_back(std::move(call));
    }
  }
  static std::int64_t parts(const MatmulShape& s) {
    return std::min(kMaxParts, std::max(s.m, s.n) / kLeastPart);
  }
  std::size_t scratch_bytes() const override { return calls_.size() * part_bytes_; }
  void run(const KernelArguments& arguments) override {
    parallel_for(static_cast<std::int64_t>(calls_.size()), [&](std::int64_t i) {
      Call& call = calls_[static_cast<std::size_t>(i)];
      const std::int64_t row = by_rows_ ? first(i) : 0, column = by_rows_ ? 0 : first(i);
      const auto at = [](const void* data, std::int64_t element, DType dtype) {
        return static_cast<const char*>(data) + element * static_cast<std::int64_t>(size_of(dtype));
      };
      call.set(DNNL_ARG_SRC, at(arguments.inputs[0], row * s_.a_strides[0], s_.a_type));
      call.set(DNNL_ARG_WEIGHTS, at(arguments.inputs[1], column * s_.b_strides[1], s_.b_type));
      if (bias_) call.set(DNNL_ARG_BIAS, at(arguments.inputs[2], column, s_.bias_type));
      call.set(DNNL_ARG_DST, at(arguments.outputs[0], row * s_.n + column, s_.y_type));
      call.set(DNNL_ARG_SCRATCHPAD,
               static_cast<char*>(arguments.scratch) + static_cast<std::size_t>(i) * part_bytes_);
      call.run();
    });
  }

 private:
  /// Of a part's rows or columns; parts begin at whole vectors.
  std::int64_t first(std::int64_t part) const {
    const std::int64_t size = by_rows_ ? s_.m : s_.n, count = parts(s_);
    return part == count ? size : size * part / count / 16 * 16;
  }

  MatmulShape s_;
  bool bias_;
  bool by_rows_;
  std::vector<Call> calls_;
  std::size_t part_bytes_ = 0;
};

bool can_split(const KernelRequest& r) {
  if (!is_onednns(r)) return false;
  const MatmulShape s(r);
  return s.y.size() == 2 && s.a_type == s.b_type && s.b.size() == 2 && SplitMatmul::parts(s) > 1;
}

const RegisterKernel split_matmul({
    .op = "matmul",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<SplitMatmul>(r, MatmulShape(r));
    },
    .implementation = "split",
    .applies = can_split,
    // Every part reads the other operand whole, and a thread that is done early waits.
    .cost = [](const KernelRequest& r) { return 4 + 1.05 * product_cost(MatmulShape(r)); },
});

}  // namespace
}  // namespace sinew::cpu
