#include "sinew/ops/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "sinew/base/error.h"
#include "sinew/base/parallel.h"
#include "sinew/base/philox.h"
#include "sinew/compiler/eval.h"

namespace sinew {
namespace {

Tensor numbers(std::int64_t seed, std::int64_t step, std::int64_t stream, const Shape& shape,
               DType dtype = DType::Float32) {
  Graph graph;
  const Value s = graph.input("seed", DType::Int64, {});
  const Value t = graph.input("step", DType::Int64, {});
  return eval(ops::random_uniform(s, t, stream, shape, dtype),
              {{"seed", Tensor::scalar(seed)}, {"step", Tensor::scalar(step)}});
}

bool same(const Tensor& a, const Tensor& b) {
  return std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

TEST(Philox, GivesThePublishedWords) {
  // Random123's known-answer test for philox4x32-10 (kat_vectors).
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

TEST(RandomUniform, HasTheMomentsOfTheUniformDistribution) {
  for (DType dtype : {DType::Float32, DType::Float64}) {
    const Tensor x = numbers(1, 2, 3, {100, 1001}, dtype);
    double mean = 0, square = 0;
    for (std::int64_t i = 0; i < x.numel(); ++i) {
      ASSERT_GE(x.at(i), 0.0);
      ASSERT_LT(x.at(i), 1.0);
      mean += x.at(i) / static_cast<double>(x.numel());
      square += x.at(i) * x.at(i) / static_cast<double>(x.numel());
    }
    // Four standard errors of 100,100 numbers.
    EXPECT_NEAR(mean, 0.5, 4 * 0.2887 / 316);
    EXPECT_NEAR(square - mean * mean, 1.0 / 12, 4 * 0.0745 / 316);
  }
}

TEST(RandomUniform, IsKeyedBySeedStepAndStream) {
  const Tensor x = numbers(1, 2, 3, {33});
  EXPECT_TRUE(same(x, numbers(1, 2, 3, {33})));
  EXPECT_FALSE(same(x, numbers(2, 2, 3, {33})));
  EXPECT_FALSE(same(x, numbers(1, 3, 3, {33})));
  EXPECT_FALSE(same(x, numbers(1, 2, 4, {33})));
}

TEST(RandomUniform, BitsDoNotDependOnThreads) {
  const int threads = num_threads();
  set_num_threads(1);
  const Tensor one = numbers(5, 6, 7, {50001});
  set_num_threads(2);
  EXPECT_TRUE(same(one, numbers(5, 6, 7, {50001})));
  set_num_threads(threads);
}

TEST(RandomNormal, HasTheMomentsOfTheNormalDistribution) {
  for (DType dtype : {DType::Float32, DType::Float64}) {
    Graph graph;
    const Value seed = graph.constant(Tensor::scalar(std::int64_t{1}));
    const Tensor x = eval(ops::random_normal(seed, seed, 3, {100, 1001}, dtype));
    const auto count = static_cast<double>(x.numel());
    double moments[5] = {};
    double beyond = 0;
    for (std::int64_t i = 0; i < x.numel(); ++i) {
      for (int power = 1; power <= 4; ++power) moments[power] += std::pow(x.at(i), power) / count;
      beyond += std::abs(x.at(i)) > 1.959964 ? 1 / count : 0;
    }
    // Four standard errors of the moments 0, 1, 0 and 3 of 100,100 numbers.
    EXPECT_NEAR(moments[1], 0, 4 * 1.0 / 316);
    EXPECT_NEAR(moments[2], 1, 4 * std::sqrt(2.0) / 316);
    EXPECT_NEAR(moments[3], 0, 4 * std::sqrt(15.0) / 316);
    EXPECT_NEAR(moments[4], 3, 4 * std::sqrt(96.0) / 316);
    EXPECT_NEAR(beyond, 0.05, 4 * std::sqrt(0.05 * 0.95) / 316);
  }
}

TEST(RandomUniform, RefusesFloatingKeys) {
  Graph graph;
  const Value seed = graph.input("seed", DType::Float32, {});
  EXPECT_THROW(ops::random_uniform(seed, seed, 0, {2}), DTypeError);
}

}  // namespace
}  // namespace sinew
