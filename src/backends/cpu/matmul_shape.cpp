#include "backends/cpu/matmul_shape.h"

#include <algorithm>

namespace sinew::cpu {

MatmulShape::MatmulShape(const KernelRequest& r)
    : transpose_b(r.attributes.flag("transpose_b")),
      a_type(r.inputs[0].dtype),
      b_type(r.inputs[1].dtype),
      bias_type(r.inputs.size() == 3 ? r.inputs[2].dtype : DType::Float32),
      y_type(r.outputs[0].dtype) {
  const Shape& shape_y = r.outputs[0].shape;
  const int rank = shape_y.rank();
  y = shape_y.dims();
  y_strides = row_major_strides(shape_y);
  const auto operand = [&](const Shape& shape, bool transpose, dnnl::memory::dims& dims,
                           dnnl::memory::dims& strides) {
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

dnnl::memory::desc MatmulShape::bias_desc() const {
  dnnl::memory::dims dims(y.size(), 1);
  dims.back() = n;
  dnnl::memory::dims strides(y.size(), n);
  strides.back() = 1;
  return onednn::describe(dims, strides, bias_type);
}

std::optional<BlockedLayout> MatmulShape::b_layout(const dnnl::memory::desc& desc) const {
  const int rows = static_cast<int>(b.size()) - 2;
  if (transpose_b) return layout_of(desc, {{rows + 1}, {rows}});
  return layout_of(desc, {{rows}, {rows + 1}});
}

dnnl::matmul::primitive_desc MatmulShape::make(bool bias, bool relu) const {
  return onednn::matmul(a_desc(), b_taken(), bias ? bias_desc() : dnnl::memory::desc(), y_desc(),
                        onednn::attributes(relu));
}

std::int64_t MatmulShape::offset(const dnnl::memory::dims& dims, const dnnl::memory::dims& strides,
                                 std::int64_t index) const {
  std::int64_t result = 0;
  for (std::size_t axis = y.size() - 2; axis-- > 0;) {
    if (dims[axis] != 1) result += index % y[axis] * strides[axis];
    index /= y[axis];
  }
  return result;
}

onednn::Call product_call(const dnnl::matmul::primitive_desc& pd, bool bias) {
  onednn::Call call{dnnl::matmul(pd)};
  call.bind(DNNL_ARG_SRC, pd.src_desc());
  call.bind(DNNL_ARG_WEIGHTS, pd.weights_desc());
  if (bias) call.bind(DNNL_ARG_BIAS, pd.bias_desc());
  call.bind(DNNL_ARG_DST, pd.dst_desc());
  call.bind(DNNL_ARG_SCRATCHPAD, pd.scratchpad_desc());
  return call;
}

bool is_onednns(const KernelRequest& r) {
  const MatmulShape s(r);
  return r.outputs[0].dtype != DType::Float64 && s.batch * s.m * s.n * s.k > 0;
}

bool is_onednns_in_bfloat16(const KernelRequest& r) {
  return is_onednns(r) &&
         onednn::is_fast_in_bfloat16([&] { return MatmulShape(r).make(has_bias(r), false); });
}

double product_cost(const MatmulShape& s) {
  const auto size = static_cast<double>(size_of(s.a_type));
  const double flops = 800e3 / size, bandwidth = 30e3;
  const auto batch = static_cast<double>(s.batch);
  const auto m = static_cast<double>(s.m), n = static_cast<double>(s.n),
             k = static_cast<double>(s.k);
  return batch * std::max(2 * m * n * k / flops, size * (m * k + k * n + m * n) / bandwidth);
}

}  // namespace sinew::cpu
