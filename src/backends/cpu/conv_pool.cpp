// Convolution and max-pooling in one, for where the convolution has few input channels (see
// conv_few_channels.cpp): there the tensor between them costs more than the arithmetic.

#include "backends/cpu/conv_few_channels.h"
#include "backends/cpu/registry.h"

namespace sinew::cpu {
namespace {

Shape y_shape(const KernelRequest& r) { return Shape(r.attributes.integers("y_shape")); }

PoolShape pool_shape(const KernelRequest& r, const Shape& pooled) {
  Attributes attributes;
  attributes.set("pool_size", r.attributes.integers("pool_size"));
  attributes.set("strides", r.attributes.integers("pool_strides"));
  attributes.set("padding", r.attributes.integers("pool_padding"));
  return {attributes, y_shape(r), pooled};
}

struct Forward {
  ConvShape conv;
  PoolShape pool;
  explicit Forward(const KernelRequest& r)
      : conv(r.attributes, r.inputs[0].shape, r.inputs[1].shape, y_shape(r)),
        pool(pool_shape(r, r.outputs[0].shape)) {}
};

struct BackwardFilter {
  ConvShape conv;
  PoolShape pool;
  explicit BackwardFilter(const KernelRequest& r)
      : conv(r.attributes, r.inputs[0].shape, r.outputs[0].shape, y_shape(r)),
        pool(pool_shape(r, r.inputs[2].shape)) {}
};

template <typename Shapes>
bool applies(const KernelRequest& r) {
  const Shapes s(r);
  return r.inputs[0].dtype != DType::Float64 &&
         few_channels_pool(s.conv, s.pool, r.inputs[0].dtype);
}

/// Where the compiler has left weights unrounded, and their gradients.
bool forward_in_bfloat16(const KernelRequest& r) {
  return r.inputs[0].dtype == r.outputs[0].dtype && r.inputs[1].dtype == DType::Float32 &&
         (r.inputs.size() < 3 || r.inputs[2].dtype == DType::Float32);
}
bool backward_in_bfloat16(const KernelRequest& r) {
  return r.inputs[0].dtype == r.inputs[2].dtype && r.outputs[0].dtype == DType::Float32;
}

const RegisterKernel forward({
    .op = "conv_max_pool",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      const Forward s(r);
      return make_few_channels_pool(s.conv, s.pool, r.inputs.size() == 3,
                                    r.attributes.get_or<std::string>("activation", "") == "relu",
                                    r.inputs[0].dtype);
    },
    .applies = applies<Forward>,
    .bfloat16 = forward_in_bfloat16,
});

const RegisterKernel backward_filter({
    .op = "conv_max_pool_backward_filter",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      const BackwardFilter s(r);
      return make_few_channels_pool_backward_filter(s.conv, s.pool, r.outputs.size() == 2,
                                                    r.inputs[0].dtype);
    },
    .applies = applies<BackwardFilter>,
    .bfloat16 = backward_in_bfloat16,
});

}  // namespace
}  // namespace sinew::cpu
