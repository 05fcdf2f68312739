// The gradient of a convolution's filter and bias, by oneDNN.
//
// oneDNN's own adds over the batch per thread, so its bits depend on the number of threads. Here
// the batch is cut into shards that depend on the shape only; each is computed by one thread, and
// they are added in order, from the layout oneDNN has left them in to HWIO.

#include "backends/cpu/conv_backward_filter.h"

#include <algorithm>

#include "backends/cpu/layout_runs.h"
#include "backends/cpu/sum_shards.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using dnnl::memory;
using onednn::Call;

constexpr std::int64_t kMaxShards = 8;

class ConvBackwardFilter : public Kernel {
 public:
  ConvBackwardFilter(const ConvShape& s, const ConvTypes& types, bool bias)
      : s_(s),
        types_(types),
        bias_(bias),
        shards_(std::min(s.n, kMaxShards)),
        image_bytes_(s.x_size() * static_cast<std::int64_t>(size_of(types.x))),
        dy_bytes_(s.y_size() * static_cast<std::int64_t>(size_of(types.y))) {}

  /// False where oneDNN has no fast code for some shard.
  bool prepare() {
    const onednn::SingleThread single;
    for (std::int64_t i = 0; i < shards_; ++i) {
      const Descs d(s_, first_image(i + 1) - first_image(i), types_);
      const auto pd = make_backward_weights(d, bias_);
      if (onednn::is_reference(pd.impl_info_str())) return false;
      // Shards of n and n + 1 images could in principle get different layouts; then the plain loops
      // do the work.
      if (i == 0) {
        desc_ = pd.diff_weights_desc();
      } else if (pd.diff_weights_desc() != desc_) {
        return false;
      }
      scratch_bytes_ = std::max(scratch_bytes_, onednn::aligned(pd.scratchpad_desc().get_size()));
      Call call{dnnl::convolution_backward_weights(pd)};
      call.bind(DNNL_ARG_SRC, pd.src_desc());
      call.bind(DNNL_ARG_DIFF_DST, pd.diff_dst_desc());
      call.bind(DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc());
      if (bias_) call.bind(DNNL_ARG_DIFF_BIAS, pd.diff_bias_desc());
      call.bind(DNNL_ARG_SCRATCHPAD, pd.scratchpad_desc());
      calls_.push_back(std::move(call));
    }
    const auto layout = weights_layout(s_, desc_);
    if (!layout) return false;
    runs_ = LayoutRuns(*layout, s_.weights());
    w_bytes_ = onednn::aligned(desc_.get_size());
    bias_bytes_ = bias_ ? onednn::aligned(static_cast<std::size_t>(s_.o) * sizeof(float)) : 0;
    return true;
  }
  std::size_t scratch_bytes() const override {
    return calls_.size() * (w_bytes_ + bias_bytes_ + scratch_bytes_);
  }
  void run(const KernelArguments& a) override {
    char* scratch = static_cast<char*>(a.scratch);
    parallel_for(shards_, [&](std::int64_t i) {
      Call& call = calls_[static_cast<std::size_t>(i)];
      const std::int64_t first = first_image(i);
      call.set(DNNL_ARG_SRC, static_cast<const char*>(a.inputs[0]) + first * image_bytes_);
      call.set(DNNL_ARG_DIFF_DST, static_cast<const char*>(a.inputs[1]) + first * dy_bytes_);
      call.set(DNNL_ARG_DIFF_WEIGHTS, weights(scratch, i));
      if (bias_) call.set(DNNL_ARG_DIFF_BIAS, biases(scratch, i));
      call.set(DNNL_ARG_SCRATCHPAD, scratch + calls_.size() * (w_bytes_ + bias_bytes_) +
                                        static_cast<std::size_t>(i) * scratch_bytes_);
      call.run_alone();
    });
    const auto floats = [](std::size_t bytes) {
      return static_cast<std::int64_t>(bytes / sizeof(float));
    };
    const auto add = [&](auto* to) {
      sum_shards(weights(scratch, 0), floats(w_bytes_), shards_, runs_, to);
    };
    if (types_.w == DType::BFloat16) {
      add(static_cast<BFloat16*>(a.outputs[0]));
    } else {
      add(static_cast<float*>(a.outputs[0]));
    }
    if (!bias_) return;
    sum_shards(biases(scratch, 0), floats(bias_bytes_), shards_, s_.o,
               static_cast<float*>(a.outputs[1]));
  }

 private:
  std::int64_t first_image(std::int64_t shard) const { return s_.n * shard / shards_; }
  float* weights(char* scratch, std::int64_t shard) const {
    return reinterpret_cast<float*>(scratch + static_cast<std::size_t>(shard) * w_bytes_);
  }
  float* biases(char* scratch, std::int64_t shard) const {
    return reinterpret_cast<float*>(scratch + calls_.size() * w_bytes_ +
                                    static_cast<std::size_t>(shard) * bias_bytes_);
  }

  ConvShape s_;
  ConvTypes types_;
  bool bias_;
  std::int64_t shards_;
  std::int64_t image_bytes_;
  std::int64_t dy_bytes_;
  std::vector<Call> calls_;
  memory::desc desc_;
  std::size_t w_bytes_ = 0;
  std::size_t bias_bytes_ = 0;
  std::size_t scratch_bytes_ = 0;
  LayoutRuns runs_;
};

}  // namespace

std::unique_ptr<Kernel> make_conv_backward_filter(const ConvShape& s, const ConvTypes& types,
                                                  bool bias) {
  auto kernel = std::make_unique<ConvBackwardFilter>(s, types, bias);
  if (!kernel->prepare()) return nullptr;
  return kernel;
}

}  // namespace sinew::cpu
