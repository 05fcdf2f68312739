// Attention of all heads: the heads (and forward, blocks of 128 queries) are independent, each a
// task of one thread, so the bits do not depend on how many there are. See attention_tiles.cpp for
// the blocks.

#include <algorithm>

#include "backends/cpu/attention_tiles.h"
#include "backends/cpu/registry.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

template <typename T>
class Attention : public Kernel {
 public:
  explicit Attention(const KernelRequest& r)
      : q_(r.inputs[0].shape),
        k_(r.inputs[1].shape),
        v_(r.inputs[2].shape),
        scale_(static_cast<T>(r.attributes.real("scale"))),
        causal_(r.attributes.flag("causal")) {
    if (!r.attributes.flag("has_mask")) return;
    has_mask_ = true;
    mask_is_bool_ = r.inputs[3].dtype == DType::Bool;
    const Shape& mask = r.inputs[3].shape;
    const std::vector<std::int64_t> strides = row_major_strides(mask);
    for (int axis = -1; axis >= -mask.rank(); --axis) {
      if (mask[axis] != 1)
        mask_strides_[4 + axis] = strides[static_cast<std::size_t>(mask.rank() + axis)];
    }
  }

 protected:
  std::int64_t samples() const { return q_[0]; }
  std::int64_t heads() const { return q_[2]; }
  std::int64_t queries() const { return q_[1]; }
  std::size_t operands() const { return has_mask_ ? 4 : 3; }

  /// The head's operands; queries are left open.
  AttentionHead<T> head(const KernelArguments& a, std::int64_t sample, std::int64_t h) const {
    AttentionHead<T> result{};
    const auto at = [&](int input, const Shape& s) {
      return static_cast<const T*>(a.inputs[input]) + offset(s, sample, h);
    };
    result.q = at(0, q_);
    result.k = at(1, k_);
    result.v = at(2, v_);
    result.q_stride = heads() * q_[3];
    result.k_stride = heads() * k_[3];
    result.v_stride = result.y_stride = heads() * v_[3];
    result.keys = k_[1];
    result.width = q_[3];
    result.value_width = v_[3];
    result.scale = scale_;
    result.causal = causal_;
    if (!has_mask_) return result;
    const std::int64_t mask = sample * mask_strides_[0] + h * mask_strides_[1];
    result.mask_query_stride = mask_strides_[2];
    result.mask_key_stride = mask_strides_[3];
    if (mask_is_bool_) {
      result.visible = static_cast<const std::uint8_t*>(a.inputs[3]) + mask;
    } else {
      result.added = static_cast<const T*>(a.inputs[3]) + mask;
    }
    return result;
  }

  /// Of a head's first row in an operand of shape (N, steps, heads, width).
  std::int64_t offset(const Shape& s, std::int64_t sample, std::int64_t h) const {
    return (sample * s[1] * s[2] + h) * s[3];
  }
  /// Of a head's first result: the values' extents with the queries' steps.
  std::int64_t result_offset(std::int64_t sample, std::int64_t h) const {
    return (sample * queries() * heads() + h) * v_[3];
  }
  std::int64_t log_sum_offset(std::int64_t sample, std::int64_t h) const {
    return (sample * heads() + h) * queries();
  }

  Shape q_, k_, v_;

 private:
  T scale_;
  bool causal_;
  bool has_mask_ = false;
  bool mask_is_bool_ = false;
  std::int64_t mask_strides_[4] = {};
};

template <typename T>
class AttentionForward : public Attention<T> {
 public:
  using Attention<T>::Attention;
  void run(const KernelArguments& a) override {
    const std::int64_t blocks = (this->queries() + kQueryBlock - 1) / kQueryBlock;
    parallel_for(this->samples() * this->heads() * blocks, [&](std::int64_t task) {
      const std::int64_t sample = task / (this->heads() * blocks);
      const std::int64_t h = task / blocks % this->heads();
      AttentionHead<T> head = this->head(a, sample, h);
      head.y = static_cast<T*>(a.outputs[0]) + this->result_offset(sample, h);
      head.log_sum = static_cast<T*>(a.outputs[1]) + this->log_sum_offset(sample, h);
      head.first_query = task % blocks * kQueryBlock;
      head.end_query = std::min(this->queries(), head.first_query + kQueryBlock);
      attention_forward(head);
    });
  }
};

template <typename T>
class AttentionBackward : public Attention<T> {
 public:
  using Attention<T>::Attention;
  void run(const KernelArguments& a) override {
    const std::size_t saved = this->operands();
    parallel_for(this->samples() * this->heads(), [&](std::int64_t task) {
      const std::int64_t sample = task / this->heads();
      const std::int64_t h = task % this->heads();
      AttentionHead<T> head = this->head(a, sample, h);
      const std::int64_t result = this->result_offset(sample, h);
      // The forward op's results are only read here.
      const auto in = [&](std::size_t i) {
        return const_cast<T*>(static_cast<const T*>(a.inputs[i]));
      };
      head.y = in(saved) + result;
      head.log_sum = in(saved + 1) + this->log_sum_offset(sample, h);
      head.dy = in(saved + 2) + result;
      const auto out = [&](int i, const Shape& s) {
        return static_cast<T*>(a.outputs[i]) + this->offset(s, sample, h);
      };
      head.dq = out(0, this->q_);
      head.dk = out(1, this->k_);
      head.dv = out(2, this->v_);
      head.end_query = this->queries();
      attention_backward(head);
    });
  }
};

template <template <typename> class Make>
std::unique_ptr<Kernel> create(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64) return std::make_unique<Make<double>>(r);
  return std::make_unique<Make<float>>(r);
}

const RegisterKernel attention({.op = "attention", .create = create<AttentionForward>});
const RegisterKernel attention_backward_kernel({.op = "attention_backward",
                                                .create = create<AttentionBackward>});

}  // namespace
}  // namespace sinew::cpu
