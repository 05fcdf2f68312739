// Ops that move elements: strided copies, and gathers and scatters of rows. Bound by memory.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "backends/cpu/registry.h"
#include "backends/cpu/strided_copy.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using Strides = std::vector<std::int64_t>;

class Moves : public Kernel {
 public:
  explicit Moves(std::vector<StridedCopy> copies) : copies_(std::move(copies)) {}
  void run(const KernelArguments& arguments) override {
    for (std::size_t i = 0; i < copies_.size(); ++i)
      copies_[i].run(arguments.inputs[i], arguments.outputs[0]);
  }

 private:
  std::vector<StridedCopy> copies_;
};

CopyShape between(const KernelRequest& r, const Shape& extents, const Shape& from,
                  const Shape& to) {
  return {extents.dims(),
          row_major_strides(from),
          row_major_strides(to),
          0,
          0,
          size_of(r.outputs[0].dtype)};
}

std::unique_ptr<Kernel> one(CopyShape copy) {
  return std::make_unique<Moves>(std::vector<StridedCopy>{StridedCopy(std::move(copy))});
}

std::unique_ptr<Kernel> transpose(const KernelRequest& r) {
  CopyShape copy = between(r, r.outputs[0].shape, r.inputs[0].shape, r.outputs[0].shape);
  const Strides strides = copy.from;
  const auto& permutation = r.attributes.integers("permutation");
  for (std::size_t i = 0; i < permutation.size(); ++i)
    copy.from[i] = strides[static_cast<std::size_t>(permutation[i])];
  return one(std::move(copy));
}

std::unique_ptr<Kernel> broadcast(const KernelRequest& r) {
  const Shape& x = r.inputs[0].shape;
  const Shape& y = r.outputs[0].shape;
  CopyShape copy = between(r, y, y, y);
  const Strides own = row_major_strides(x);
  for (int axis = 0; axis < y.rank(); ++axis) {
    const int at = axis - (y.rank() - x.rank());
    copy.from[static_cast<std::size_t>(axis)] =
        at < 0 || x[at] == 1 ? 0 : own[static_cast<std::size_t>(at)];
  }
  return one(std::move(copy));
}

std::unique_ptr<Kernel> concatenate(const KernelRequest& r) {
  const auto axis = static_cast<std::size_t>(r.attributes.integer("axis"));
  std::vector<StridedCopy> copies;
  std::int64_t begin = 0;
  for (const TensorType& input : r.inputs) {
    CopyShape copy = between(r, input.shape, input.shape, r.outputs[0].shape);
    copy.to_offset = begin * copy.to[axis];
    begin += input.shape.dims()[axis];
    copies.emplace_back(std::move(copy));
  }
  return std::make_unique<Moves>(std::move(copies));
}

std::unique_ptr<Kernel> slice(const KernelRequest& r) {
  const auto axis = static_cast<std::size_t>(r.attributes.integer("axis"));
  CopyShape copy = between(r, r.outputs[0].shape, r.inputs[0].shape, r.outputs[0].shape);
  copy.from_offset = r.attributes.integer("begin") * copy.from[axis];
  copy.from[axis] *= r.attributes.integer("step");
  return one(std::move(copy));
}

std::unique_ptr<Kernel> crop(const KernelRequest& r) {
  CopyShape copy = between(r, r.outputs[0].shape, r.inputs[0].shape, r.outputs[0].shape);
  const auto& before = r.attributes.integers("before");
  for (std::size_t axis = 0; axis < copy.from.size(); ++axis)
    copy.from_offset += before[axis] * copy.from[axis];
  return one(std::move(copy));
}

std::unique_ptr<Kernel> reverse(const KernelRequest& r) {
  CopyShape copy = between(r, r.outputs[0].shape, r.inputs[0].shape, r.outputs[0].shape);
  for (std::int64_t axis : r.attributes.integers("axes")) {
    const auto i = static_cast<std::size_t>(axis);
    copy.from_offset += (copy.extents[i] - 1) * copy.from[i];
    copy.from[i] = -copy.from[i];
  }
  return one(std::move(copy));
}

template <typename Index>
class Gather : public Kernel {
 public:
  explicit Gather(const KernelRequest& r)
      : where_(r.where),
        rows_(r.inputs[0].shape[0]),
        count_(r.inputs[1].shape.numel()),
        row_bytes_(static_cast<std::size_t>(r.inputs[0].shape.drop_front().numel()) *
                   size_of(r.inputs[0].dtype)) {}
  void run(const KernelArguments& arguments) override {
    const Index* indices = static_cast<const Index*>(arguments.inputs[1]);
    for (std::int64_t i = 0; i < count_; ++i) {
      if (indices[i] >= 0 && indices[i] < rows_) continue;
      throw ValueError(fmt::format("{}: index {} (element {}) is outside the table of {} rows",
                                   where_, indices[i], i, rows_));
    }
    constexpr std::int64_t kTask = 256;
    parallel_for((count_ + kTask - 1) / kTask, [&](std::int64_t task) {
      for (std::int64_t i = task * kTask; i < std::min(count_, (task + 1) * kTask); ++i) {
        const auto row = static_cast<std::int64_t>(indices[i]);
        std::memcpy(
            static_cast<char*>(arguments.outputs[0]) + static_cast<std::size_t>(i) * row_bytes_,
            static_cast<const char*>(arguments.inputs[0]) +
                static_cast<std::size_t>(row) * row_bytes_,
            row_bytes_);
      }
    });
  }

 private:
  std::string where_;
  std::int64_t rows_;
  std::int64_t count_;
  std::size_t row_bytes_;
};

/// Threads share the columns, so each row's updates are added in the order of the indices.
template <typename T, typename Index>
class ScatterAdd : public Kernel {
 public:
  explicit ScatterAdd(const KernelRequest& r)
      : rows_(r.outputs[0].shape[0]),
        count_(r.inputs[0].shape.numel()),
        width_(r.outputs[0].shape.drop_front().numel()) {}
  void run(const KernelArguments& arguments) override {
    const Index* indices = static_cast<const Index*>(arguments.inputs[0]);
    const T* updates = static_cast<const T*>(arguments.inputs[1]);
    T* out = static_cast<T*>(arguments.outputs[0]);
    constexpr std::int64_t kColumns = 64;
    parallel_for((width_ + kColumns - 1) / kColumns, [&](std::int64_t task) {
      const std::int64_t begin = task * kColumns;
      const std::int64_t end = std::min(width_, begin + kColumns);
      for (std::int64_t row = 0; row < rows_; ++row)
        std::fill(out + row * width_ + begin, out + row * width_ + end, T{0});
      for (std::int64_t i = 0; i < count_; ++i) {
        const auto row = static_cast<std::int64_t>(indices[i]);
        if (row < 0 || row >= rows_) continue;
        for (std::int64_t k = begin; k < end; ++k) out[row * width_ + k] += updates[i * width_ + k];
      }
    });
  }

 private:
  std::int64_t rows_, count_, width_;
};

template <template <typename> class Make>
std::unique_ptr<Kernel> by_index(DType index, const KernelRequest& r) {
  if (index == DType::Int32) return std::make_unique<Make<std::int32_t>>(r);
  if (index == DType::Int64) return std::make_unique<Make<std::int64_t>>(r);
  return std::make_unique<Make<std::uint8_t>>(r);
}
template <typename Index>
using ScatterFloat = ScatterAdd<float, Index>;
template <typename Index>
using ScatterDouble = ScatterAdd<double, Index>;

const RegisterKernel transpose_kernel({.op = "transpose", .create = transpose, .bfloat16 = always});
const RegisterKernel broadcast_kernel({.op = "broadcast_to",
                                       .create = broadcast,
                                       .bfloat16 = always});
const RegisterKernel concatenate_kernel({.op = "concatenate",
                                         .create = concatenate,
                                         .bfloat16 = always});
const RegisterKernel slice_kernel({.op = "slice", .create = slice, .bfloat16 = always});
const RegisterKernel crop_kernel({.op = "crop", .create = crop, .bfloat16 = always});
const RegisterKernel reverse_kernel({.op = "reverse", .create = reverse, .bfloat16 = always});
const RegisterKernel gather_kernel({
    .op = "gather",
    .create = [](const KernelRequest& r) { return by_index<Gather>(r.inputs[1].dtype, r); },
    .bfloat16 = always,
});
const RegisterKernel scatter_kernel({
    .op = "scatter_add",
    .create =
        [](const KernelRequest& r) {
          if (r.outputs[0].dtype == DType::Float64)
            return by_index<ScatterDouble>(r.inputs[0].dtype, r);
          return by_index<ScatterFloat>(r.inputs[0].dtype, r);
        },
});

}  // namespace
}  // namespace sinew::cpu
