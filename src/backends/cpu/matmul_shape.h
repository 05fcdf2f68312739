#pragma once

#include <optional>

#include "backends/cpu/onednn_primitives.h"
#include "backends/cpu/packed_weights.h"
#include "backends/cpu/registry.h"

namespace sinew::cpu {

/// The product seen as (batch, M, K) x (batch, K, N), with batch axes of their own where they are
/// broadcast.
struct MatmulShape {
  dnnl::memory::dims a, a_strides, b, b_strides, y, y_strides;
  std::int64_t batch = 1, m = 0, k = 0, n = 0;
  bool transpose_b;
  DType a_type, b_type, bias_type, y_type;

  explicit MatmulShape(const KernelRequest& r);

  dnnl::memory::desc a_desc() const { return onednn::describe(a, a_strides, a_type); }
  dnnl::memory::desc b_desc() const { return onednn::describe(b, b_strides, b_type); }
  /// As the primitive takes it: rounded and packed where it is wider than `a`.
  dnnl::memory::desc b_taken() const {
    return a_type == b_type ? b_desc() : onednn::any(b, a_type);
  }
  dnnl::memory::desc y_desc() const { return onednn::describe(y, y_strides, y_type); }
  dnnl::memory::desc bias_desc() const;
  /// Where a descriptor of b puts the operand's elements, whichever way round it lies.
  std::optional<BlockedLayout> b_layout(const dnnl::memory::desc& desc) const;
  dnnl::matmul::primitive_desc make(bool bias, bool relu) const;

  /// Element offset of a matrix of an operand for a flat batch index of the result.
  std::int64_t offset(const dnnl::memory::dims& dims, const dnnl::memory::dims& strides,
                      std::int64_t index) const;
};

/// The product with its operands, bias where it has one, and scratch memory bound.
onednn::Call product_call(const dnnl::matmul::primitive_desc& pd, bool bias);

inline bool has_bias(const KernelRequest& r) { return r.inputs.size() == 3; }

inline bool has_relu(const KernelRequest& r) {
  return r.attributes.get_or<std::string>("activation", "") == "relu";
}

/// oneDNN has no float64, and refuses empty operands.
bool is_onednns(const KernelRequest& r);
bool is_onednns_in_bfloat16(const KernelRequest& r);

/// Microseconds of arithmetic or of passing over the operands, on the machine that costs are for.
double product_cost(const MatmulShape& s);

/// Whether a product without bias or activation can have its sum cut into shards
/// (matmul_sharded.cpp).
bool can_shard(const KernelRequest& r);
/// And whether it must, because oneDNN might cut it by threads.
bool must_shard(const KernelRequest& r);
/// Whether every product must be split into parts for one thread each (matmul_split.cpp): without
/// AVX-512 oneDNN's code for products rounds some shapes otherwise on more threads.
inline bool must_split() { return !onednn::has_avx512(); }

}  // namespace sinew::cpu
