// Matrix products: oneDNN's matmul for float32 and bfloat16 on row-major operands (transposition is
// a matter of strides), plain loops for float64.
//
// Products of bfloat16 are added up in float32 and come out as either. A second operand of float32,
// the weights that the optimizer keeps, is rounded while it is packed into the layout that oneDNN
// prefers, which the layout pass has the optimizer do: the product then needs no copy of its own
// (32 x 128 x 1600, transposed: 0.033 ms, packing included, against 0.058 on row-major bfloat16).
//
// A long inner extent over a small result (a weight gradient over a whole sequence) would make
// oneDNN split the sum over threads; there kernel "sharded" (matmul_sharded.cpp) cuts it into
// shards fixed by the shape, and "split" (matmul_split.cpp) the result into parts, as it must do
// with every product where there is no AVX-512. Which of those that apply is the fastest the costs
// or the tuning table decide.

#include "backends/cpu/matmul_shape.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using onednn::Call;

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
    call_ = product_call(pd, bias);
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
        [](const KernelRequest& r) { return is_onednns(r) && !must_shard(r) && !must_split(); },
    .cost = [](const KernelRequest& r) { return 2 + product_cost(MatmulShape(r)); },
    .bfloat16 = is_onednns_in_bfloat16,
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
