#include "runtime/executable.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "compiler/compile.h"
#include "sinew/ops/ops.h"

namespace sinew::runtime {
namespace {

/// A tensor in memory that ends with its last element, as other programs' arrays do.
Tensor foreign(Shape shape, float value) {
  const auto count = static_cast<std::size_t>(shape.numel());
  void* memory = nullptr;
  if (::posix_memalign(&memory, 64, count * sizeof(float)) != 0) throw std::bad_alloc();
  std::fill_n(static_cast<float*>(memory), count, value);
  return Tensor::wrap({memory, &std::free}, memory, std::move(shape), DType::Float32);
}

TEST(Executable, ReadsNothingBehindForeignInputsAndConstants) {
  for (const std::int64_t extent : {1, 13, 17, 500, 1500}) {
    Graph graph;
    const Value x = graph.input("x", DType::Float32, {extent});
    graph.output("y", x * graph.constant(foreign({extent}, 3)) + x);
    const auto program = compiler::compile(std::move(graph));
    for (int run = 0; run < 2; ++run) {
      const std::vector<Tensor> inputs = {foreign({extent}, 2)};
      program->run(inputs);
      for (float value : program->output(0).data<float>()) ASSERT_EQ(value, 8);
    }
  }
}

}  // namespace
}  // namespace sinew::runtime
