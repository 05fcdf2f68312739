// Pooling over NHWC. Forward runs over output rows, backward over images, so that no two threads
// add to one cell.

#include <algorithm>
#include <vector>

#include "backends/cpu/pool_rows.h"
#include "backends/cpu/registry.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

/// Calls body(row, column, number) for the cells of window (i, j) that lie inside the input.
template <typename Body>
void each_cell(const PoolShape& s, std::int64_t i, std::int64_t j, const Body& body) {
  for (std::int64_t u = 0; u < s.size_h; ++u) {
    const std::int64_t row = i * s.stride_h + u - s.top;
    if (row < 0 || row >= s.h) continue;
    for (std::int64_t v = 0; v < s.size_w; ++v) {
      const std::int64_t column = j * s.stride_w + v - s.left;
      if (column >= 0 && column < s.w)
        body(row, column, static_cast<std::int32_t>(u * s.size_w + v));
    }
  }
}

/// float32 and bfloat16 with windows of up to 256 cells: a vector of channels at a time.
template <typename T>
class MaxPoolRows : public Kernel {
 public:
  explicit MaxPoolRows(const PoolShape& s) : s_(s) {}
  void run(const KernelArguments& a) override {
    const T* x = static_cast<const T*>(a.inputs[0]);
    parallel_for(s_.n * s_.oh, [&](std::int64_t row) {
      const std::int64_t image = row / s_.oh;
      const std::int64_t i = row % s_.oh;
      const std::int64_t to = s_.y_offset(image, i, 0);
      max_pool_row(s_, i, x + s_.x_offset(image, 0, 0), static_cast<T*>(a.outputs[0]) + to,
                   static_cast<std::uint8_t*>(a.outputs[1]) + to);
    });
  }

 private:
  PoolShape s_;
};

/// Calls row(i, image, dx, accumulate) for each row of windows, whose gradients go into the image
/// `dx`; cells of no window are zeros.
template <typename T, typename Row>
void each_row_backward(const PoolShape& s, T* gradient, const Row& row) {
  parallel_for(s.n, [&](std::int64_t image) {
    T* dx = gradient + s.x_offset(image, 0, 0);
    if (!s.covers()) std::fill_n(dx, s.h * s.w * s.c, T(0));
    for (std::int64_t i = 0; i < s.oh; ++i) row(i, image, dx, !s.disjoint());
  });
}

template <typename T>
class MaxPoolRowsBackward : public Kernel {
 public:
  explicit MaxPoolRowsBackward(const PoolShape& s) : s_(s) {}
  void run(const KernelArguments& a) override {
    const std::uint8_t* index = static_cast<const std::uint8_t*>(a.inputs[0]);
    const T* dy = static_cast<const T*>(a.inputs[1]);
    each_row_backward(s_, static_cast<T*>(a.outputs[0]),
                      [&](std::int64_t i, std::int64_t image, T* dx, bool accumulate) {
                        const std::int64_t from = s_.y_offset(image, i, 0);
                        max_pool_row_backward(s_, i, dy + from, index + from, accumulate, dx);
                      });
  }

 private:
  PoolShape s_;
};

class AveragePoolRows : public Kernel {
 public:
  explicit AveragePoolRows(const PoolShape& s) : s_(s) {}
  void run(const KernelArguments& a) override {
    const float* x = static_cast<const float*>(a.inputs[0]);
    float* y = static_cast<float*>(a.outputs[0]);
    parallel_for(s_.n * s_.oh, [&](std::int64_t row) {
      const std::int64_t image = row / s_.oh;
      const std::int64_t i = row % s_.oh;
      average_pool_row(s_, i, x + s_.x_offset(image, 0, 0), y + s_.y_offset(image, i, 0));
    });
  }

 private:
  PoolShape s_;
};

class AveragePoolRowsBackward : public Kernel {
 public:
  explicit AveragePoolRowsBackward(const PoolShape& s) : s_(s) {}
  void run(const KernelArguments& a) override {
    const float* dy = static_cast<const float*>(a.inputs[0]);
    each_row_backward(s_, static_cast<float*>(a.outputs[0]),
                      [&](std::int64_t i, std::int64_t image, float* dx, bool accumulate) {
                        average_pool_row_backward(s_, i, dy + s_.y_offset(image, i, 0), accumulate,
                                                  dx);
                      });
  }

 private:
  PoolShape s_;
};

enum class PoolOp { Max, MaxBackward, MaxGather, Average, AverageBackward };

/// Every pooling op by plain loops, for any dtype and window.
template <typename T, typename Index>
class PoolLoops : public Kernel {
 public:
  PoolLoops(const PoolShape& s, PoolOp op) : s_(s), op_(op) {}
  void run(const KernelArguments& a) override {
    parallel_for(s_.n, [&](std::int64_t image) {
      if (op_ == PoolOp::MaxBackward || op_ == PoolOp::AverageBackward) {
        std::fill_n(static_cast<T*>(a.outputs[0]) + s_.x_offset(image, 0, 0), s_.h * s_.w * s_.c,
                    T{0});
      }
      for (std::int64_t i = 0; i < s_.oh; ++i) {
        for (std::int64_t j = 0; j < s_.ow; ++j) window(a, image, i, j);
      }
    });
  }

 private:
  void window(const KernelArguments& a, std::int64_t image, std::int64_t i, std::int64_t j) {
    const std::int64_t at = s_.y_offset(image, i, j);
    const auto each = [&](const auto& body) {
      each_cell(s_, i, j, [&](std::int64_t ih, std::int64_t iw, std::int32_t number) {
        const std::int64_t cell = s_.x_offset(image, ih, iw);
        for (std::int64_t c = 0; c < s_.c; ++c) body(cell + c, at + c, number);
      });
    };
    switch (op_) {
      case PoolOp::Max: {
        const T* x = static_cast<const T*>(a.inputs[0]);
        T* y = static_cast<T*>(a.outputs[0]);
        Index* index = static_cast<Index*>(a.outputs[1]);
        bool first = true;
        each_cell(s_, i, j, [&](std::int64_t ih, std::int64_t iw, std::int32_t number) {
          const std::int64_t cell = s_.x_offset(image, ih, iw);
          for (std::int64_t c = 0; c < s_.c; ++c) {
            if (!first && !(x[cell + c] > y[at + c])) continue;
            y[at + c] = x[cell + c];
            index[at + c] = static_cast<Index>(number);
          }
          first = false;
        });
        return;
      }
      case PoolOp::MaxBackward:
        return each([index = static_cast<const Index*>(a.inputs[0]),
                     dy = static_cast<const T*>(a.inputs[1]), dx = static_cast<T*>(a.outputs[0])](
                        std::int64_t x, std::int64_t y, std::int32_t number) {
          if (index[y] == static_cast<Index>(number)) dx[x] += dy[y];
        });
      case PoolOp::MaxGather:
        return each([index = static_cast<const Index*>(a.inputs[0]),
                     x = static_cast<const T*>(a.inputs[1]), y = static_cast<T*>(a.outputs[0])](
                        std::int64_t from, std::int64_t to, std::int32_t number) {
          if (index[to] == static_cast<Index>(number)) y[to] = x[from];
        });
      case PoolOp::Average: {
        T* y = static_cast<T*>(a.outputs[0]);
        std::fill_n(y + at, s_.c, T{0});
        each([y, x = static_cast<const T*>(a.inputs[0])](std::int64_t from, std::int64_t to,
                                                         std::int32_t) { y[to] += x[from]; });
        const T count = inside(i, j);
        for (std::int64_t c = 0; c < s_.c; ++c) y[at + c] /= count;
        return;
      }
      case PoolOp::AverageBackward:
        return each([count = inside(i, j), dy = static_cast<const T*>(a.inputs[0]),
                     dx = static_cast<T*>(a.outputs[0])](std::int64_t x, std::int64_t y,
                                                         std::int32_t) { dx[x] += dy[y] / count; });
    }
  }

  T inside(std::int64_t i, std::int64_t j) const {
    T count = 0;
    each_cell(s_, i, j, [&](std::int64_t, std::int64_t, std::int32_t) { count += T{1}; });
    return count;
  }

  PoolShape s_;
  PoolOp op_;
};

template <PoolOp kOp>
std::unique_ptr<Kernel> create(const KernelRequest& r) {
  constexpr bool kToInput = kOp == PoolOp::MaxBackward || kOp == PoolOp::AverageBackward;
  const Shape& x = kToInput                   ? r.outputs[0].shape
                   : kOp == PoolOp::MaxGather ? r.inputs[1].shape
                                              : r.inputs[0].shape;
  const Shape& y = kToInput ? r.inputs[0].shape : r.outputs[0].shape;
  const PoolShape s(r.attributes, x, y);
  const DType index = kOp == PoolOp::Max ? r.outputs[1].dtype : r.inputs[0].dtype;
  if (index == DType::UInt8 && kOp == PoolOp::Max) {
    if (r.outputs[0].dtype == DType::Float32) return std::make_unique<MaxPoolRows<float>>(s);
    if (r.outputs[0].dtype == DType::BFloat16) return std::make_unique<MaxPoolRows<BFloat16>>(s);
  }
  if (index == DType::UInt8 && kOp == PoolOp::MaxBackward) {
    if (r.outputs[0].dtype == DType::Float32)
      return std::make_unique<MaxPoolRowsBackward<float>>(s);
    if (r.outputs[0].dtype == DType::BFloat16)
      return std::make_unique<MaxPoolRowsBackward<BFloat16>>(s);
  }
  if (r.outputs[0].dtype == DType::Float32) {
    if (kOp == PoolOp::Average) return std::make_unique<AveragePoolRows>(s);
    if (kOp == PoolOp::AverageBackward) return std::make_unique<AveragePoolRowsBackward>(s);
  }
  const bool wide = index == DType::Int32;
  if (r.outputs[0].dtype == DType::Float64) {
    if (wide) return std::make_unique<PoolLoops<double, std::int32_t>>(s, kOp);
    return std::make_unique<PoolLoops<double, std::uint8_t>>(s, kOp);
  }
  if (wide) return std::make_unique<PoolLoops<float, std::int32_t>>(s, kOp);
  return std::make_unique<PoolLoops<float, std::uint8_t>>(s, kOp);
}

bool max_in_bfloat16(const KernelRequest& r) { return r.outputs[1].dtype == DType::UInt8; }
/// Gradients of windows that overlap would be rounded at each addition.
bool max_backward_in_bfloat16(const KernelRequest& r) {
  return r.inputs[0].dtype == DType::UInt8 &&
         PoolShape(r.attributes, r.outputs[0].shape, r.inputs[0].shape).disjoint();
}

const RegisterKernel max_pool({.op = "max_pool",
                               .create = create<PoolOp::Max>,
                               .bfloat16 = max_in_bfloat16});
const RegisterKernel max_pool_backward({.op = "max_pool_backward",
                                        .create = create<PoolOp::MaxBackward>,
                                        .bfloat16 = max_backward_in_bfloat16});
const RegisterKernel max_pool_gather({.op = "max_pool_gather",
                                      .create = create<PoolOp::MaxGather>});
const RegisterKernel average_pool({.op = "average_pool", .create = create<PoolOp::Average>});
const RegisterKernel average_pool_backward({.op = "average_pool_backward",
                                            .create = create<PoolOp::AverageBackward>});

}  // namespace
}  // namespace sinew::cpu
