// Kernel "pairs" of op conv_backward_filter: the gradient of a convolution's filter in bfloat16,
//
//   dw[u, v, c, o] = sum over images, i, j of x[i * stride + u, j * stride + v, c] * dy[i, j, o]
//
// as KH x KW products over the places of an image, of which the processor adds two at once. An
// image's x and dy are first rewritten as pairs of neighbours along j (21 + 17 KB for 32 -> 64
// channels on 13x13, second-level cache), once for all KH x KW products; a pair of x for every
// column, so that each v finds its own, and whatever the stride. The rewriting costs
// (C + O) / 16 vectors a place against KH KW C O / 512 multiplications.
//
// oneDNN 2.6 does the same with transposed copies of images:
// 32 -> 64, 3x3 on 13x13, batch 32: 0.45 ms against 0.38 here (380 of 460 GFLOP/s; a row of 11
// places is 6 pairs); strided ones element by element: 16 -> 32 on 32x32, batch 64: 1.94 ms against
// 0.57.
//
// The batch is cut into shards of images fixed by the shape, added in order.

#include <algorithm>

#include "backends/cpu/bfloat16_pairs.h"
#include "backends/cpu/conv_shape.h"
#include "backends/cpu/onednn.h"
#include "backends/cpu/registry.h"
#include "backends/cpu/sum_shards.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

std::int64_t whole_vectors(std::int64_t channels) { return (channels + 15) / 16 * 16; }

class ConvFilterPairs : public Kernel {
 public:
  ConvFilterPairs(const ConvShape& s, DType type, bool bias)
      : s_(s),
        type_(type),
        bias_(bias),
        shards_(std::clamp(s.n / 8, std::min(s.n, std::int64_t{4}), std::int64_t{8})),
        pairs_((s.ow + 1) / 2),
        x_columns_(2 * (pairs_ - 1) * s.stride_w + (s.kw - 1) * s.dilation_w + 1),
        x_channels_(whole_vectors(s.c)),
        y_channels_(whole_vectors(s.o)),
        x_size_(s.h * x_columns_ * x_channels_),
        y_size_(s.oh * pairs_ * y_channels_) {}

  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(shards_ * stride()) * 4;
  }

  void run(const KernelArguments& a) override {
    char* scratch = static_cast<char*>(a.scratch);
    float* sums = reinterpret_cast<float*>(scratch);
    parallel_for(shards_, [&](std::int64_t shard) {
      float* dw = sums + shard * stride();
      std::fill_n(dw, weights() + s_.o, 0.0f);
      Pair* x = reinterpret_cast<Pair*>(scratch + (shard * stride() + gradients()) * 4);
      Pair* y = x + x_size_;
      for (std::int64_t image = first_image(shard); image < first_image(shard + 1); ++image) {
        pair_x(static_cast<const BFloat16*>(a.inputs[0]) + image * s_.h * s_.w * s_.c, x);
        pair_y(static_cast<const BFloat16*>(a.inputs[1]) + image * s_.oh * s_.ow * s_.o, y);
        add_image(x, y, dw);
      }
    });
    if (type_ == DType::BFloat16) {
      sum_shards(sums, stride(), shards_, weights(), static_cast<BFloat16*>(a.outputs[0]));
    } else {
      sum_shards(sums, stride(), shards_, weights(), static_cast<float*>(a.outputs[0]));
    }
    if (bias_)
      sum_shards(sums + weights(), stride(), shards_, s_.o, static_cast<float*>(a.outputs[1]));
  }

 private:
  std::int64_t first_image(std::int64_t shard) const { return s_.n * shard / shards_; }
  std::int64_t weights() const { return s_.kh * s_.kw * s_.c * s_.o; }
  /// Words of a shard's gradients, and of all that it keeps: whole cache lines.
  std::int64_t gradients() const { return whole_vectors(weights() + s_.o); }
  std::int64_t stride() const { return gradients() + x_size_ + y_size_; }

  /// (H, columns, channels): columns q and q + stride, counted from the padding's first.
  void pair_x(const BFloat16* image, Pair* to) const {
    for (std::int64_t row = 0; row < s_.h; ++row, image += s_.w * s_.c) {
      const auto at = [&](std::int64_t column) {
        return column >= 0 && column < s_.w ? image + column * s_.c : nullptr;
      };
      for (std::int64_t q = 0; q < x_columns_; ++q, to += x_channels_)
        make_pairs(at(q - s_.left), at(q - s_.left + s_.stride_w), s_.c, x_channels_, to);
    }
  }

  /// (OH, pairs of columns, channels); the last of an odd number stands beside zeros.
  void pair_y(const BFloat16* image, Pair* to) const {
    for (std::int64_t row = 0; row < s_.oh; ++row, image += s_.ow * s_.o) {
      for (std::int64_t j = 0; j < s_.ow; j += 2, to += y_channels_) {
        const BFloat16* first = image + j * s_.o;
        make_pairs(first, j + 1 < s_.ow ? first + s_.o : nullptr, s_.o, y_channels_, to);
      }
    }
  }

  void add_image(const Pair* x, const Pair* y, float* dw) const {
    PairProduct product{};
    product.x_outer = s_.stride_h * x_columns_ * x_channels_;
    product.x_inner = 2 * s_.stride_w * x_channels_;
    product.y_outer = pairs_ * y_channels_;
    product.y_inner = y_channels_;
    product.inner = pairs_;
    for (std::int64_t u = 0; u < s_.kh; ++u) {
      // Rows i of dy whose row of x, i * stride + offset, is not padding.
      const std::int64_t offset = u * s_.dilation_h - s_.top;
      const std::int64_t first = offset < 0 ? (-offset + s_.stride_h - 1) / s_.stride_h : 0;
      const std::int64_t end =
          s_.h > offset ? std::min(s_.oh, (s_.h - 1 - offset) / s_.stride_h + 1) : 0;
      product.outer = std::max<std::int64_t>(0, end - first);
      for (std::int64_t o = 0; o < s_.o; o += kPairColumns) {
        const std::int64_t columns = std::min(kPairColumns, s_.o - o);
        product.y = y + first * product.y_outer + o;
        for (std::int64_t v = 0; v < s_.kw; ++v) {
          const Pair* from =
              x + ((first * s_.stride_h + offset) * x_columns_ + v * s_.dilation_w) * x_channels_;
          float* to = dw + (u * s_.kw + v) * s_.c * s_.o + o;
          const std::int64_t step = pair_rows(columns);
          for (std::int64_t c = 0; c < s_.c; c += step) {
            product.x = from + c;
            add_pair_product(product, std::min(step, s_.c - c), columns, to + c * s_.o, s_.o);
          }
        }
      }
    }
    if (!bias_) return;
    product.y = y;
    product.outer = s_.oh;
    add_pair_sums(product, s_.o, dw + weights());
  }

  ConvShape s_;
  DType type_;
  bool bias_;
  std::int64_t shards_;
  /// Of a row of dy.
  std::int64_t pairs_;
  std::int64_t x_columns_, x_channels_, y_channels_;
  /// Pairs of an image.
  std::int64_t x_size_, y_size_;
};

const RegisterKernel backward_filter({
    .op = "conv_backward_filter",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<ConvFilterPairs>(backward_filter_shape(r), r.outputs[0].dtype,
                                               r.outputs.size() == 2);
    },
    .implementation = "pairs",
    .applies =
        [](const KernelRequest& r) {
          const ConvShape s = backward_filter_shape(r);
          const bool narrow =
              r.inputs[0].dtype == DType::BFloat16 && r.inputs[1].dtype == DType::BFloat16;
          return narrow && !s.volumes && s.groups == 1 && s.n * s.oh * s.ow > 0 && s.c >= 8 &&
                 s.o >= 8;
        },
    .cost = [](const KernelRequest& r) { return 2 + backward_filter_shape(r).flops() / 350e3; },
    .bfloat16 =
        [](const KernelRequest&) { return multiplies_pairs() && onednn::multiplies_bfloat16(); },
});

}  // namespace
}  // namespace sinew::cpu
