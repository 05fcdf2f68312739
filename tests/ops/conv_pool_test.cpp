// Convolution and max-pooling in one, as the compiler makes them for float32 and few channels: the
// same values and gradients as in float64, where they stay apart and are checked against loops.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "compiler/compile.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/base/parallel.h"
#include "sinew/base/philox.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

struct Case {
  std::int64_t n, h, w, c, kh, kw, o;
  ops::ConvOptions conv = {};
  ops::PoolOptions pool = {};
  bool bias = true;
  bool relu = true;
};

Tensor random(const Shape& shape, std::uint64_t stream, DType dtype) {
  PhiloxStream numbers(7, stream);
  Tensor tensor(shape, dtype);
  for (std::int64_t i = 0; i < shape.numel(); ++i) {
    // Rounded to float32, so that both dtypes see the same numbers.
    const float value = static_cast<float>(numbers.uniform() * 2 - 1);
    if (dtype == DType::Float64) {
      tensor.data<double>()[static_cast<std::size_t>(i)] = value;
    } else {
      tensor.data<float>()[static_cast<std::size_t>(i)] = value;
    }
  }
  return tensor;
}

/// Pooled values and the gradients of a weighted sum of them with respect to filter and bias.
std::vector<Value> build(Graph& graph, const Case& t, DType dtype) {
  const Value x = graph.constant(random({t.n, t.h, t.w, t.c}, 0, dtype));
  const Value w = graph.input("w", dtype, {t.kh, t.kw, t.c, t.o});
  const Value b = graph.input("b", dtype, {t.o});
  Value y = ops::conv(x, w, t.conv);
  if (t.bias) y = y + b;
  if (t.relu) y = ops::relu(y);
  const Value pooled = ops::max_pool(y, t.pool);
  const Value score = ops::sum(pooled * graph.constant(random(pooled.shape(), 3, dtype)));
  std::vector<Value> results{pooled};
  for (Value g : gradients(score, t.bias ? std::vector<Value>{w, b} : std::vector<Value>{w}))
    results.push_back(g);
  return results;
}

std::vector<Tensor> run(const Case& t, DType dtype) {
  Graph graph;
  const std::vector<Value> values = build(graph, t, dtype);
  return eval(values,
              {{"w", random({t.kh, t.kw, t.c, t.o}, 1, dtype)}, {"b", random({t.o}, 2, dtype)}});
}

std::vector<Case> cases() {
  std::vector<Case> all = {
      {3, 28, 28, 1, 3, 3, 32}, {2, 9, 11, 3, 3, 3, 16}, {17, 7, 6, 2, 2, 3, 10},
      {1, 12, 30, 4, 5, 5, 33}, {5, 6, 16, 1, 1, 1, 8},
  };
  Case t{2, 13, 15, 3, 3, 3, 24};
  t.conv.padding = {1, 1, 1, 1};
  all.push_back(t);
  t.conv.strides = {2, 2};
  t.bias = false;
  all.push_back(t);
  t.conv.strides = {1, 1};
  t.pool.pool_size = {3, 2};
  t.pool.strides = {4, 3};
  t.relu = false;
  all.push_back(t);
  t.pool.strides = {1, 1};  // overlapping windows stay apart
  all.push_back(t);
  t.pool.pool_size = {2, 2};
  t.pool.strides = {2, 2};
  t.pool.padding = {0, 1, 0, 1};
  all.push_back(t);
  return all;
}

TEST(ConvPool, ValuesAndGradientsAreThoseOfFloat64) {
  for (const Case& t : cases()) {
    const std::vector<Tensor> wanted = run(t, DType::Float64);
    const std::vector<Tensor> got = run(t, DType::Float32);
    const double terms = std::sqrt(static_cast<double>(t.n * t.h * t.w * t.kh * t.kw * t.c));
    for (std::size_t r = 0; r < wanted.size(); ++r) {
      for (std::int64_t i = 0; i < wanted[r].numel(); ++i) {
        ASSERT_NEAR(got[r].at(i), wanted[r].at(i), 2e-6 * terms)
            << "result " << r << ", case of " << t.h << " x " << t.w;
      }
    }
  }
}

TEST(ConvPool, BitsDoNotDependOnThreads) {
  const int threads = num_threads();
  for (const Case& t : cases()) {
    set_num_threads(1);
    const std::vector<Tensor> one = run(t, DType::Float32);
    set_num_threads(2);
    const std::vector<Tensor> two = run(t, DType::Float32);
    for (std::size_t r = 0; r < one.size(); ++r)
      EXPECT_EQ(std::memcmp(one[r].raw(), two[r].raw(), one[r].bytes()), 0) << "result " << r;
  }
  set_num_threads(threads);
}

TEST(ConvPool, TheTensorBetweenIsNeverWritten) {
  Graph graph;
  const std::vector<Value> values = build(graph, cases()[0], DType::Float32);
  for (std::size_t i = 0; i < values.size(); ++i) graph.output("y" + std::to_string(i), values[i]);
  const auto step = compiler::compile(std::move(graph), {});
  const std::string program = step->program().str();
  EXPECT_THAT(program, testing::HasSubstr("conv_max_pool "));
  EXPECT_THAT(program, testing::HasSubstr("conv_max_pool_backward_filter "));
  EXPECT_THAT(program, testing::Not(testing::HasSubstr("(3, 26, 26, 32)")));
}

}  // namespace
}  // namespace sinew
