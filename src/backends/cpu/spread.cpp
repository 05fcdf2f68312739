// Padding, and the gradient of slicing: a constant with the input placed in it. Bound by memory:
// the input read and the output written, once each.

#include <algorithm>

#include "backends/cpu/registry.h"
#include "backends/cpu/strided_copy.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

/// Where an axis of the input goes: index i to begin + i * step.
struct Placed {
  std::int64_t begin = 0, step = 1;
};

/// A constant with the input placed in it, slab by slab: a slab is filled, and its part of the
/// input copied, while it is in the first-level cache.
class Spread : public Kernel {
 public:
  Spread(const KernelRequest& r, std::vector<Placed> axes, double value)
      : x_(r.inputs[0].shape),
        y_(r.outputs[0].shape),
        axes_(std::move(axes)),
        element_(size_of(r.outputs[0].dtype)),
        value_(Tensor::full({}, value, r.outputs[0].dtype)),
        inner_(innermost(r)) {}

  void run(const KernelArguments& arguments) override {
    if (y_.numel() == 0) return;
    std::int64_t slabs = 1;
    for (int axis = 0; axis < depth_; ++axis) slabs *= y_[axis];
    const std::int64_t elements = y_.numel() / slabs;
    const std::int64_t slabs_a_task = std::max<std::int64_t>(1, kSlab / elements);
    parallel_for((slabs + slabs_a_task - 1) / slabs_a_task, [&](std::int64_t task) {
      const std::int64_t end = std::min(slabs, (task + 1) * slabs_a_task);
      for (std::int64_t slab = task * slabs_a_task; slab < end; ++slab) {
        char* to = static_cast<char*>(arguments.outputs[0]) + bytes(slab * elements);
        fill(to, elements);
        const std::int64_t from = source(slab);
        if (from >= 0)
          inner_.run_alone(static_cast<const char*>(arguments.inputs[0]) + bytes(from), to);
      }
    });
  }

 private:
  /// Elements: half a first-level cache of float32, if the axes allow.
  static constexpr std::int64_t kSlab = 4096;

  std::size_t bytes(std::int64_t elements) const {
    return static_cast<std::size_t>(elements) * element_;
  }

  /// Sets the number of axes that count slabs and gives the copy within one.
  StridedCopy innermost(const KernelRequest& r) {
    std::int64_t elements = y_.numel();
    while (depth_ + 1 < y_.rank() && elements > kSlab)
      elements /= std::max<std::int64_t>(1, y_[depth_++]);
    CopyShape copy{.extents = x_.dims(),
                   .from = row_major_strides(x_),
                   .to = row_major_strides(y_),
                   .element = size_of(r.outputs[0].dtype)};
    for (int axis = depth_; axis < y_.rank(); ++axis) {
      const auto i = static_cast<std::size_t>(axis);
      copy.to_offset += axes_[i].begin * copy.to[i];
      copy.to[i] *= axes_[i].step;
    }
    for (auto* list : {&copy.extents, &copy.from, &copy.to})
      list->erase(list->begin(), list->begin() + depth_);
    return StridedCopy(std::move(copy));
  }

  /// Where in the input the slab's part begins, or -1 where it has none.
  std::int64_t source(std::int64_t slab) const {
    if (x_.numel() == 0) return -1;
    std::int64_t from = 0, stride = x_.numel();
    for (int axis = 0; axis < depth_; ++axis) stride /= x_[axis];
    for (int axis = depth_; axis-- > 0;) {
      const Placed& placed = axes_[static_cast<std::size_t>(axis)];
      const std::int64_t ahead = slab % y_[axis] - placed.begin;
      if (ahead < 0 || ahead % placed.step != 0 || ahead / placed.step >= x_[axis]) return -1;
      from += ahead / placed.step * stride;
      stride *= x_[axis];
      slab /= y_[axis];
    }
    return from;
  }

  void fill(char* to, std::int64_t elements) const {
    const auto with = [&]<typename T>(T) {
      const T value = *static_cast<const T*>(value_.raw());
      std::fill_n(reinterpret_cast<T*>(to), elements, value);
    };
    switch (element_) {
      case 1:
        return with(std::uint8_t{});
      case 2:
        return with(std::uint16_t{});
      case 4:
        return with(std::uint32_t{});
      default:
        return with(std::uint64_t{});
    }
  }

  Shape x_, y_;
  std::vector<Placed> axes_;
  std::size_t element_;
  Tensor value_;
  int depth_ = 0;
  StridedCopy inner_;
};

std::unique_ptr<Kernel> slice_backward(const KernelRequest& r) {
  std::vector<Placed> axes(static_cast<std::size_t>(r.outputs[0].shape.rank()));
  axes[static_cast<std::size_t>(r.attributes.integer("axis"))] = {r.attributes.integer("begin"),
                                                                  r.attributes.integer("step")};
  return std::make_unique<Spread>(r, std::move(axes), 0.0);
}

std::unique_ptr<Kernel> pad(const KernelRequest& r) {
  std::vector<Placed> axes;
  for (const std::int64_t before : r.attributes.integers("before")) axes.push_back({before, 1});
  return std::make_unique<Spread>(r, std::move(axes), r.attributes.real("value"));
}

const RegisterKernel slice_backward_kernel({.op = "slice_backward",
                                            .create = slice_backward,
                                            .bfloat16 = always});
const RegisterKernel pad_kernel({.op = "pad", .create = pad, .bfloat16 = always});

}  // namespace
}  // namespace sinew::cpu
