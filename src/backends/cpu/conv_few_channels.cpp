// The first convolution of an image network, 1 to 4 channels: y = relu(x * w + b), the gradients of
// w and b, and both fused with a max-pooling.
//
// 3x3 of 1 channel into 32 filters on 28x28: 389 KFLOP and 86 KB of result an image, so the
// arithmetic takes 1.7 us on two cores at 230 GFLOP/s, and writing the result to memory and reading
// it again twice that. Hence the fused forms, which keep a row of windows (7 KB) in the first-level
// cache and never write the convolution's result: only the pooled quarter and its indices leave.
//
// Images and pooled values in bfloat16 are widened and rounded row by row in that cache.
//
// Forward is cut by rows of the result. The filter's gradient is cut into shards of images fixed by
// the shape, each adding to its own small filter, added in order at the end. An input row that
// reaches into the padding is copied between zeros first; rows are short where channels are few.

#include "backends/cpu/conv_few_channels.h"

#include <algorithm>
#include <type_traits>

#include "backends/cpu/bfloat16_block.h"
#include "backends/cpu/conv_few_channels_rows.h"
#include "backends/cpu/sum_shards.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

constexpr std::int64_t kMaxShards = 16;
constexpr std::int64_t kMaxKernelRows = 16;
/// Floats of the padded input rows and of the result's rows that a task keeps on its stack.
constexpr std::int64_t kMaxPatch = 4096;
constexpr std::int64_t kMaxRows = 16384;

bool padded(const ConvShape& s) { return s.top > 0 || s.bottom > 0 || s.left > 0 || s.right > 0; }

std::int64_t padded_row(const ConvShape& s) {
  return (s.w + s.left + std::max<std::int64_t>(0, s.right)) * s.c;
}

/// The input rows under one row of the result.
class InputRows {
 public:
  template <typename S>
  InputRows(const ConvShape& s, const S* image, std::int64_t i) {
    const std::int64_t row_size = s.w * s.c;
    for (std::int64_t u = 0; u < s.kh; ++u) {
      const std::int64_t row = i * s.stride_h + u - s.top;
      if constexpr (std::is_same_v<S, float>) {
        if (!padded(s)) {
          rows_[u] = image + row * row_size;
          continue;
        }
      }
      float* to = patch_ + u * padded_row(s);
      rows_[u] = to;
      std::fill_n(to, padded_row(s), 0.0f);
      if (row >= 0 && row < s.h) copy_row(image + row * row_size, row_size, to + s.left * s.c);
    }
    row_ = {rows_, s.kh, s.kw * s.c, s.stride_w * s.c, s.ow, s.o};
  }
  InputRows(const InputRows&) = delete;
  InputRows& operator=(const InputRows&) = delete;
  const FewChannelsRow& row() const { return row_; }

 private:
  static void copy_row(const float* from, std::int64_t count, float* to) {
    std::copy_n(from, count, to);
  }
  static void copy_row(const BFloat16* from, std::int64_t count, float* to) {
    widen(from, count, to);
  }

  const float* rows_[kMaxKernelRows];
  float patch_[kMaxPatch];
  FewChannelsRow row_;
};

/// The rows of a convolution's result under one row of windows, as an image of its own.
PoolShape window_rows(PoolShape pool) {
  pool.h = pool.size_h;
  return pool;
}

class FewChannelsForward : public Kernel {
 public:
  FewChannelsForward(const ConvShape& s, bool bias, bool relu) : s_(s), bias_(bias), relu_(relu) {}
  void run(const KernelArguments& a) override {
    const float* x = static_cast<const float*>(a.inputs[0]);
    const float* w = static_cast<const float*>(a.inputs[1]);
    const float* bias = bias_ ? static_cast<const float*>(a.inputs[2]) : nullptr;
    parallel_for(s_.n * s_.oh, [&](std::int64_t row) {
      const InputRows in(s_, x + row / s_.oh * s_.h * s_.w * s_.c, row % s_.oh);
      few_channels_forward(in.row(), w, bias, relu_,
                           static_cast<float*>(a.outputs[0]) + row * s_.ow * s_.o);
    });
  }

 private:
  ConvShape s_;
  bool bias_;
  bool relu_;
};

/// Images and pooled values lie in memory as S.
template <typename S>
class FewChannelsPool : public Kernel {
 public:
  FewChannelsPool(const ConvShape& s, const PoolShape& pool, bool bias, bool relu)
      : s_(s), pool_(pool), bias_(bias), relu_(relu) {}
  void run(const KernelArguments& a) override {
    const S* x = static_cast<const S*>(a.inputs[0]);
    const float* w = static_cast<const float*>(a.inputs[1]);
    const float* bias = bias_ ? static_cast<const float*>(a.inputs[2]) : nullptr;
    const PoolShape window = window_rows(pool_);
    parallel_for(pool_.n * pool_.oh, [&](std::int64_t row) {
      alignas(64) float y[kMaxRows];
      const S* image = x + row / pool_.oh * s_.h * s_.w * s_.c;
      const std::int64_t first = row % pool_.oh * pool_.stride_h;
      for (std::int64_t u = 0; u < pool_.size_h; ++u) {
        const InputRows in(s_, image, first + u);
        few_channels_forward(in.row(), w, bias, relu_, y + u * s_.ow * s_.o);
      }
      const std::int64_t to = row * pool_.ow * pool_.c;
      S* largest = static_cast<S*>(a.outputs[0]) + to;
      std::uint8_t* index = static_cast<std::uint8_t*>(a.outputs[1]) + to;
      if constexpr (std::is_same_v<S, float>) {
        max_pool_row(window, 0, y, largest, index);
      } else {
        alignas(64) float pooled[kMaxRows];
        max_pool_row(window, 0, y, pooled, index);
        narrow(pooled, pool_.ow * pool_.c, largest);
      }
    });
  }

 private:
  ConvShape s_;
  PoolShape pool_;
  bool bias_;
  bool relu_;
};

/// Shards of images, each with gradients of its own in scratch memory, added in order.
class FewChannelsFilter : public Kernel {
 public:
  FewChannelsFilter(const ConvShape& s, bool bias) : s_(s), bias_(bias) {}
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(shards() * stride()) * sizeof(float);
  }
  void run(const KernelArguments& a) override {
    float* scratch = static_cast<float*>(a.scratch);
    parallel_for(shards(), [&](std::int64_t shard) {
      float* dw = scratch + shard * stride();
      std::fill_n(dw, weights() + s_.o, 0.0f);
      for (std::int64_t image = first_image(shard); image < first_image(shard + 1); ++image)
        add_image(a, image, dw, bias_ ? dw + weights() : nullptr);
    });
    sum_shards(scratch, stride(), shards(), weights(), static_cast<float*>(a.outputs[0]));
    if (!bias_) return;
    sum_shards(scratch + weights(), stride(), shards(), s_.o, static_cast<float*>(a.outputs[1]));
  }

 protected:
  virtual void add_image(const KernelArguments& a, std::int64_t image, float* dw,
                         float* db) const = 0;

  template <typename S>
  const S* x(const KernelArguments& a, std::int64_t image) const {
    return static_cast<const S*>(a.inputs[0]) + image * s_.h * s_.w * s_.c;
  }

  ConvShape s_;

 private:
  std::int64_t shards() const { return std::min(s_.n, kMaxShards); }
  std::int64_t first_image(std::int64_t shard) const { return s_.n * shard / shards(); }
  std::int64_t weights() const { return s_.kh * s_.kw * s_.c * s_.o; }
  /// Floats from one shard's gradients to the next's, whole cache lines.
  std::int64_t stride() const { return (weights() + s_.o + 15) / 16 * 16; }
  bool bias_;
};

class FewChannelsBackwardFilter : public FewChannelsFilter {
 public:
  using FewChannelsFilter::FewChannelsFilter;

 private:
  void add_image(const KernelArguments& a, std::int64_t image, float* dw,
                 float* db) const override {
    const float* dy = static_cast<const float*>(a.inputs[1]) + image * s_.oh * s_.ow * s_.o;
    for (std::int64_t i = 0; i < s_.oh; ++i) {
      const InputRows in(s_, x<float>(a, image), i);
      few_channels_backward_filter(in.row(), dy + i * s_.ow * s_.o, dw, db);
    }
  }
};

template <typename S>
class FewChannelsPoolBackwardFilter : public FewChannelsFilter {
 public:
  FewChannelsPoolBackwardFilter(const ConvShape& s, const PoolShape& pool, bool bias)
      : FewChannelsFilter(s, bias), pool_(pool) {}

 private:
  void add_image(const KernelArguments& a, std::int64_t image, float* dw,
                 float* db) const override {
    alignas(64) float dy[kMaxRows];
    const PoolShape window = window_rows(pool_);
    // Cells between windows have no gradient; those of windows are written anew in each row.
    std::fill_n(dy, pool_.size_h * s_.ow * s_.o, 0.0f);
    for (std::int64_t i = 0; i < pool_.oh; ++i) {
      const std::int64_t from = (image * pool_.oh + i) * pool_.ow * pool_.c;
      const S* pooled = static_cast<const S*>(a.inputs[2]) + from;
      const std::uint8_t* index = static_cast<const std::uint8_t*>(a.inputs[1]) + from;
      if constexpr (std::is_same_v<S, float>) {
        max_pool_row_backward(window, 0, pooled, index, false, dy);
      } else {
        alignas(64) float wide[kMaxRows];
        widen(pooled, pool_.ow * pool_.c, wide);
        max_pool_row_backward(window, 0, wide, index, false, dy);
      }
      for (std::int64_t u = 0; u < pool_.size_h; ++u) {
        const InputRows in(s_, this->x<S>(a, image), i * pool_.stride_h + u);
        few_channels_backward_filter(in.row(), dy + u * s_.ow * s_.o, dw, db);
      }
    }
  }

  PoolShape pool_;
};

bool applies(const ConvShape& s) {
  return !s.volumes && s.groups == 1 && s.c <= 4 && s.dilation_h == 1 && s.dilation_w == 1 &&
         s.kh <= kMaxKernelRows && s.n > 0 && (!padded(s) || s.kh * padded_row(s) <= kMaxPatch);
}

double cost(const ConvShape& s) { return 1 + s.flops() / 150e3; }

const RegisterKernel forward({
    .op = "conv",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<FewChannelsForward>(
          forward_shape(r), r.inputs.size() == 3,
          r.attributes.get_or<std::string>("activation", "") == "relu");
    },
    .implementation = "few_channels",
    .applies =
        [](const KernelRequest& r) {
          return r.outputs[0].dtype == DType::Float32 && applies(forward_shape(r));
        },
    .cost = [](const KernelRequest& r) { return cost(forward_shape(r)); },
});

const RegisterKernel backward_filter({
    .op = "conv_backward_filter",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<FewChannelsBackwardFilter>(backward_filter_shape(r),
                                                         r.outputs.size() == 2);
    },
    .implementation = "few_channels",
    .applies =
        [](const KernelRequest& r) {
          return r.outputs[0].dtype == DType::Float32 && applies(backward_filter_shape(r));
        },
    .cost = [](const KernelRequest& r) { return cost(backward_filter_shape(r)); },
});

}  // namespace

bool few_channels_pool(const ConvShape& s, const PoolShape& pool, DType stored) {
  const bool copies = padded(s) || stored == DType::BFloat16;
  if (copies && s.kh * padded_row(s) > kMaxPatch) return false;
  const bool clipped = pool.top > 0 || (pool.oh - 1) * pool.stride_h + pool.size_h > pool.h;
  return applies(s) && pool.disjoint() && !clipped && pool.size_h * pool.size_w <= 256 &&
         pool.size_h * s.ow * s.o <= kMaxRows;
}

std::unique_ptr<Kernel> make_few_channels_pool(const ConvShape& s, const PoolShape& pool, bool bias,
                                               bool relu, DType stored) {
  if (stored == DType::BFloat16)
    return std::make_unique<FewChannelsPool<BFloat16>>(s, pool, bias, relu);
  return std::make_unique<FewChannelsPool<float>>(s, pool, bias, relu);
}

std::unique_ptr<Kernel> make_few_channels_pool_backward_filter(const ConvShape& s,
                                                               const PoolShape& pool, bool bias,
                                                               DType stored) {
  if (stored == DType::BFloat16)
    return std::make_unique<FewChannelsPoolBackwardFilter<BFloat16>>(s, pool, bias);
  return std::make_unique<FewChannelsPoolBackwardFilter<float>>(s, pool, bias);
}

}  // namespace sinew::cpu
