// Kernel "tiles" of op matmul: large results of long sums, cut into tiles of the result: gemm.h.

#include <algorithm>

#include "backends/cpu/gemm.h"
#include "backends/cpu/registry.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

Gemm gemm_of(const KernelRequest& r) {
  const Shape &a = r.inputs[0].shape, &y = r.outputs[0].shape;
  const bool transpose_a = r.attributes.flag("transpose_a");
  return {.m = y[0],
          .n = y[1],
          .k = a[transpose_a ? 0 : 1],
          .transpose_a = transpose_a,
          .transpose_b = r.attributes.flag("transpose_b"),
          .relu = r.attributes.get_or<std::string>("activation", "") == "relu"};
}

class TiledMatmul : public Kernel {
 public:
  explicit TiledMatmul(const KernelRequest& r) : bias_(r.inputs.size() == 3), gemm_(gemm_of(r)) {}
  void run(const KernelArguments& a) override {
    const GemmOperands operands{static_cast<const float*>(a.inputs[0]),
                                static_cast<const float*>(a.inputs[1]),
                                bias_ ? static_cast<const float*>(a.inputs[2]) : nullptr,
                                static_cast<float*>(a.outputs[0])};
    parallel_for(gemm_.tasks(), [&](std::int64_t task) { gemm_tile(gemm_, operands, task); });
  }

 private:
  bool bias_;
  Gemm gemm_;
};

const RegisterKernel tiled_matmul({
    .op = "matmul",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<TiledMatmul>(r);
    },
    .implementation = "tiles",
    // Tiles of the result are worth a thread, and the sum long enough to pay for their copies.
    .applies =
        [](const KernelRequest& r) {
          if (r.outputs[0].dtype != DType::Float32 || r.outputs[0].shape.rank() != 2 ||
              r.inputs[0].shape.rank() != 2 || r.inputs[1].shape.rank() != 2)
            return false;
          const Gemm g = gemm_of(r);
          return g.k >= 512 && g.m >= 64 && g.n >= 64 && g.m * g.n >= std::int64_t{1} << 16;
        },
    // Microseconds; the copies cost a twentieth of the products.
    .cost =
        [](const KernelRequest& r) {
          const Gemm g = gemm_of(r);
          return 3 + 1.05 * 2 * static_cast<double>(g.m) * static_cast<double>(g.n) *
                         static_cast<double>(g.k) / 200e3;
        },
});

}  // namespace
}  // namespace sinew::cpu
