// Kernel "split" of op matmul: the result in parts fixed by the shape, each a product by oneDNN on
// one thread: whole matrices of a batch, or rows or columns of a matrix along its longer axis. No
// sum is cut, so its bits do not depend on the number of threads, whatever the inner extent, and no
// part is written twice.
//
// Measured (2 cores of Zen 4, peak 235 GFLOP/s, float32, transposed a, sums of 2048): 213 GFLOP/s
// for 256 x 256, 203 for 256 x 1024, 205 for 1024 x 256; tiles of our own, packed into the
// second-level cache, reached 133 to 140.

#include <algorithm>

#include "backends/cpu/matmul_shape.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using dnnl::memory;
using onednn::Call;

constexpr std::int64_t kMaxParts = 8;
/// Rows or columns of a part, at least: fewer leave oneDNN's inner kernels part of a register
/// block.
constexpr std::int64_t kLeastPart = 32;

/// Matrices [first, last) of the batch, and of each a block of the result.
struct Part {
  std::int64_t first, last;
  std::int64_t row, column;
  std::int64_t rows, columns;
};

std::vector<Part> parts_of(const MatmulShape& s) {
  std::vector<Part> parts;
  if (s.batch > 1) {
    const std::int64_t count = std::min(kMaxParts, s.batch);
    for (std::int64_t i = 0; i < count; ++i)
      parts.push_back({s.batch * i / count, s.batch * (i + 1) / count, 0, 0, s.m, s.n});
    return parts;
  }
  const bool by_rows = s.m >= s.n;
  const std::int64_t size = std::max(s.m, s.n);
  const std::int64_t count = std::clamp<std::int64_t>(size / kLeastPart, 1, kMaxParts);
  std::int64_t begin = 0;
  for (std::int64_t i = 1; i <= count; ++i) {
    // Parts begin at whole vectors.
    const std::int64_t end = i == count ? size : size * i / count / 16 * 16;
    parts.push_back(by_rows ? Part{0, 1, begin, 0, end - begin, s.n}
                            : Part{0, 1, 0, begin, s.m, end - begin});
    begin = end;
  }
  return parts;
}

class SplitMatmul : public Kernel {
 public:
  SplitMatmul(const KernelRequest& r, const MatmulShape& s)
      : s_(s), bias_(has_bias(r)), parts_(parts_of(s)) {
    const onednn::SingleThread single;
    const auto matrix = [](const memory::dims& strides) {
      return memory::dims(strides.end() - 2, strides.end());
    };
    a_strides_ = matrix(s.a_strides);
    b_strides_ = matrix(s.b_strides);
    for (const Part& part : parts_) {
      const auto pd =
          onednn::matmul(onednn::describe({part.rows, s.k}, a_strides_, s.a_type),
                         onednn::describe({s.k, part.columns}, b_strides_, s.b_type),
                         bias_ ? onednn::describe({1, part.columns}, {part.columns, 1}, s.bias_type)
                               : memory::desc(),
                         onednn::describe({part.rows, part.columns}, {s.n, 1}, s.y_type),
                         onednn::attributes(has_relu(r)));
      part_bytes_ = std::max(part_bytes_, onednn::aligned(pd.scratchpad_desc().get_size()));
      calls_.push_back(product_call(pd, bias_));
    }
  }
  std::size_t scratch_bytes() const override { return calls_.size() * part_bytes_; }
  void run(const KernelArguments& arguments) override {
    parallel_for(static_cast<std::int64_t>(calls_.size()), [&](std::int64_t i) {
      const auto index = static_cast<std::size_t>(i);
      const Part& part = parts_[index];
      Call& call = calls_[index];
      const auto at = [](const void* data, std::int64_t element, DType dtype) {
        return static_cast<const char*>(data) + element * static_cast<std::int64_t>(size_of(dtype));
      };
      if (bias_) call.set(DNNL_ARG_BIAS, at(arguments.inputs[2], part.column, s_.bias_type));
      call.set(DNNL_ARG_SCRATCHPAD, static_cast<char*>(arguments.scratch) + index * part_bytes_);
      for (std::int64_t matrix = part.first; matrix < part.last; ++matrix) {
        const std::int64_t a = s_.offset(s_.a, s_.a_strides, matrix) + part.row * a_strides_[0];
        const std::int64_t b = s_.offset(s_.b, s_.b_strides, matrix) + part.column * b_strides_[1];
        const std::int64_t y = (matrix * s_.m + part.row) * s_.n + part.column;
        call.set(DNNL_ARG_SRC, at(arguments.inputs[0], a, s_.a_type));
        call.set(DNNL_ARG_WEIGHTS, at(arguments.inputs[1], b, s_.b_type));
        call.set(DNNL_ARG_DST, at(arguments.outputs[0], y, s_.y_type));
        call.run_alone();
      }
    });
  }

 private:
  MatmulShape s_;
  bool bias_;
  std::vector<Part> parts_;
  /// Of one matrix.
  memory::dims a_strides_, b_strides_;
  std::vector<Call> calls_;
  std::size_t part_bytes_ = 0;
};

bool can_split(const KernelRequest& r) {
  if (!is_onednns(r)) return false;
  const MatmulShape s(r);
  return s.a_type == s.b_type && (must_split() || parts_of(s).size() > 1);
}

const RegisterKernel split_matmul({
    .op = "matmul",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<SplitMatmul>(r, MatmulShape(r));
    },
    .implementation = "split",
    .applies = can_split,
    // Every part reads the other operand whole, and a thread that is done early waits.
    .cost = [](const KernelRequest& r) { return 4 + 1.05 * product_cost(MatmulShape(r)); },
});

}  // namespace
}  // namespace sinew::cpu
