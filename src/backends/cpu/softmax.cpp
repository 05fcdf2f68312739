// Row functions of the softmax family, on the fused loops' vectorised blocks. Each row is shifted
// by its maximum first.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "backends/cpu/fused_block.h"
#include "backends/cpu/registry.h"
#include "ops/elementwise_code.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using ops::Elementwise;

/// exp(x - shift) of a row into `out`; returns the sum.
template <typename T>
T shifted_exponentials(const T* x, std::int64_t count, T shift, T* out) {
  alignas(64) T block[kBlock];
  alignas(64) T result[kBlock];
  T sum = 0;
  for (std::int64_t begin = 0; begin < count; begin += kBlock) {
    const std::int64_t length = std::min(kBlock, count - begin);
    for (std::int64_t i = 0; i < length; ++i) block[i] = x[begin + i] - shift;
    std::fill(block + length, block + std::min(kBlock, (length + 15) / 16 * 16), T{0});
    const BlockInstruction<T> exponential{static_cast<std::int64_t>(Elementwise::Exp), block,
                                          nullptr, nullptr, result};
    run_block(&exponential, 1, length);
    sum += sum_block(result, length);
    if (out) std::copy(result, result + length, out + begin);
  }
  return sum;
}

template <typename T>
T row_max(const T* x, std::int64_t count) {
  T largest = x[0];
  for (std::int64_t i = 1; i < count; ++i)
    largest = x[i] > largest || std::isnan(x[i]) ? x[i] : largest;
  return largest;
}

/// max(x - tau, 0) with the tau for which that sums to 1. `out` holds the row in order meanwhile.
template <typename T>
void project_to_simplex(const T* x, std::int64_t count, T* out) {
  if (std::any_of(x, x + count, [](T value) { return std::isnan(value); })) {
    std::fill(out, out + count, std::numeric_limits<T>::quiet_NaN());
    return;
  }
  std::copy(x, x + count, out);
  std::sort(out, out + count, std::greater<>());
  // Sums of differences from the largest, so that no digits are lost to a common offset.
  const double largest = out[0];
  double sum = 0;
  double tau = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double below = out[i] - largest;
    const double candidate = (sum + below - 1) / static_cast<double>(i + 1);
    if (!(below > candidate)) break;
    sum += below;
    tau = candidate;
  }
  for (std::int64_t i = 0; i < count; ++i)
    out[i] = static_cast<T>(std::max(x[i] - largest - tau, 0.0));
}

enum class RowOp { Softmax, LogSoftmax, Sparsemax, CrossEntropy, CrossEntropyBackward };

template <typename T>
class Rows : public Kernel {
 public:
  Rows(const KernelRequest& request, RowOp op)
      : op_(op), columns_(request.inputs[0].shape[-1]), labels_(DType::Int64) {
    rows_ = columns_ == 0 ? 0 : request.inputs[0].shape.numel() / columns_;
    if (request.inputs.size() > 1) labels_ = request.inputs[1].dtype;
  }
  void run(const KernelArguments& a) override {
    const std::int64_t task_rows =
        std::max<std::int64_t>(1, 2048 / std::max<std::int64_t>(1, columns_));
    parallel_for((rows_ + task_rows - 1) / task_rows, [&](std::int64_t task) {
      for (std::int64_t row = task * task_rows; row < std::min(rows_, (task + 1) * task_rows);
           ++row)
        run_row(a, row);
    });
  }

 private:
  std::int64_t label(const KernelArguments& a, std::int64_t row) const {
    return dispatch(labels_, [&](auto zero) {
      return static_cast<std::int64_t>(static_cast<const decltype(zero)*>(a.inputs[1])[row]);
    });
  }

  void run_row(const KernelArguments& a, std::int64_t row) const {
    const T* x = static_cast<const T*>(a.inputs[0]) + row * columns_;
    T* out = static_cast<T*>(a.outputs[0]) + row * (op_ == RowOp::CrossEntropy ? 1 : columns_);
    if (op_ == RowOp::Sparsemax) return project_to_simplex(x, columns_, out);
    const T shift = row_max(x, columns_);
    switch (op_) {
      case RowOp::Softmax: {
        const T scale = T{1} / shifted_exponentials(x, columns_, shift, out);
        for (std::int64_t i = 0; i < columns_; ++i) out[i] *= scale;
        return;
      }
      case RowOp::LogSoftmax: {
        const T log_sum = shift + std::log(shifted_exponentials<T>(x, columns_, shift, nullptr));
        for (std::int64_t i = 0; i < columns_; ++i) out[i] = x[i] - log_sum;
        return;
      }
      case RowOp::Sparsemax:
        return;
      case RowOp::CrossEntropy: {
        const std::int64_t at = label(a, row);
        const T log_sum = std::log(shifted_exponentials<T>(x, columns_, shift, nullptr));
        *out = at >= 0 && at < columns_ ? log_sum - (x[at] - shift)
                                        : std::numeric_limits<T>::quiet_NaN();
        return;
      }
      case RowOp::CrossEntropyBackward: {
        const std::int64_t at = label(a, row);
        const T dy = static_cast<const T*>(a.inputs[2])[row];
        const T scale = dy / shifted_exponentials(x, columns_, shift, out);
        for (std::int64_t i = 0; i < columns_; ++i) out[i] *= scale;
        if (at >= 0 && at < columns_) out[at] -= dy;
        return;
      }
    }
  }

  RowOp op_;
  std::int64_t rows_ = 0;
  std::int64_t columns_;
  DType labels_;
};

template <RowOp kOp>
std::unique_ptr<Kernel> create(const KernelRequest& request) {
  if (request.outputs[0].dtype == DType::Float64)
    return std::make_unique<Rows<double>>(request, kOp);
  return std::make_unique<Rows<float>>(request, kOp);
}

const RegisterKernel softmax({.op = "softmax", .create = create<RowOp::Softmax>});
const RegisterKernel log_softmax({.op = "log_softmax", .create = create<RowOp::LogSoftmax>});
const RegisterKernel sparsemax({.op = "sparsemax", .create = create<RowOp::Sparsemax>});
const RegisterKernel cross_entropy({.op = "sparse_softmax_cross_entropy",
                                    .create = create<RowOp::CrossEntropy>});
const RegisterKernel cross_entropy_backward({
    .op = "sparse_softmax_cross_entropy_backward",
    .create = create<RowOp::CrossEntropyBackward>,
});

}  // namespace
}  // namespace sinew::cpu
