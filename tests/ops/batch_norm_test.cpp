#include "sinew/ops/batch_norm.h"

#include <cmath>

#include "ops/op_harness.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/elementwise.h"

namespace sinew::testing_ops {
namespace {

constexpr double kEpsilon = 1e-2;

struct Statistics {
  Array mean;
  Array variance;
};

Statistics statistics_of(const Array& x) {
  const std::int64_t channels = x.shape[-1];
  const std::int64_t rows = x.shape.numel() / channels;
  Statistics s{Array({channels}), Array({channels})};
  for (std::int64_t i = 0; i < rows * channels; ++i)
    s.mean[i % channels] += x[i] / static_cast<double>(rows);
  for (std::int64_t i = 0; i < rows * channels; ++i)
    s.variance[i % channels] +=
        std::pow(x[i] - s.mean[i % channels], 2) / static_cast<double>(rows);
  return s;
}

Array normal_of(const Array& x, const Array& gamma, const Array& beta) {
  const Statistics s = statistics_of(x);
  const std::int64_t channels = x.shape[-1];
  Array y(x.shape);
  for (std::int64_t i = 0; i < x.shape.numel(); ++i) {
    const std::int64_t c = i % channels;
    y[i] = gamma[c] * (x[i] - s.mean[c]) / std::sqrt(s.variance[c] + kEpsilon) + beta[c];
  }
  return y;
}

using Values = std::vector<Value>;
using Arrays = std::vector<Array>;

/// x, gamma, beta, and a value like x.
std::vector<InputSpec> inputs_for(const Shape& x) {
  return {{x}, {{x[-1]}, Draw::Positive}, {{x[-1]}}, {x}};
}

/// -8 or 8, so that relu's argument stays away from 0, where it has no derivative.
double offset(std::int64_t i, std::int64_t channels) {
  return (i / channels + i % channels) % 2 == 0 ? 8.0 : -8.0;
}

/// Everything that the compiler makes one kernel call of, forward and (in the gradient) backward:
/// sum, relu, and a masked gradient with several readers.
OpCase block_case(const Shape& shape) {
  return {.name = "block" + shape.str(),
          .inputs = inputs_for(shape),
          .build =
              [shape](const Values& v) {
                Tensor offsets(shape, DType::Float64);
                for (std::int64_t i = 0; i < shape.numel(); ++i)
                  offsets.data<double>()[static_cast<std::size_t>(i)] = offset(i, shape[-1]);
                const Value residual = v[3] + v[0].graph().constant(offsets.cast(v[0].dtype()));
                const Value y = ops::relu(residual + ops::batch_norm(v[0], v[1], v[2], kEpsilon).y);
                return ops::relu(ops::batch_norm(y, v[1], v[2], kEpsilon).y) + y;
              },
          .reference =
              [](const Arrays& v) {
                Array y = normal_of(v[0], v[1], v[2]);
                for (std::int64_t i = 0; i < y.shape.numel(); ++i)
                  y[i] = std::max(0.0, y[i] + v[3][i] + offset(i, y.shape[-1]));
                Array z = normal_of(y, v[1], v[2]);
                for (std::int64_t i = 0; i < y.shape.numel(); ++i)
                  z[i] = std::max(0.0, z[i]) + y[i];
                return z;
              },
          // Among many numbers some come close to where relu has no derivative.
          .gradient = shape.numel() < 4000,
          .second_order = false,
          .terms = 20};
}

std::vector<OpCase> cases() {
  std::vector<OpCase> all;
  for (const Shape& shape : {Shape{5, 3}, Shape{2, 3, 3, 16}, Shape{7, 1}, Shape{3, 5, 4, 65},
                             Shape{40, 3, 19, 8}, Shape{2, 3000, 6}}) {
    const bool small = shape.numel() < 400;
    all.push_back(
        {.name = "y" + shape.str(),
         .inputs = {{shape}, {{shape[-1]}, Draw::Positive}, {{shape[-1]}}},
         .build = [](const Values& v) { return ops::batch_norm(v[0], v[1], v[2], kEpsilon).y; },
         .reference = [](const Arrays& v) { return normal_of(v[0], v[1], v[2]); },
         .second_order = small,
         .terms = 10});
    all.push_back(block_case(shape));
  }
  const Shape shape{4, 6, 5};
  all.push_back({.name = "mean",
                 .inputs = inputs_for(shape),
                 .build = [](const Values& v) { return ops::batch_norm(v[0], v[1], v[2]).mean; },
                 .reference = [](const Arrays& v) { return statistics_of(v[0]).mean; }});
  all.push_back(
      {.name = "variance",
       .inputs = inputs_for(shape),
       .build = [](const Values& v) { return ops::batch_norm(v[0], v[1], v[2]).variance; },
       .reference = [](const Arrays& v) { return statistics_of(v[0]).variance; },
       .terms = 4});
  all.push_back({.name = "far_from_zero",
                 .inputs = inputs_for(shape),
                 .build =
                     [](const Values& v) {
                       return ops::batch_norm(v[0] * 0.25 + 1000.0, v[1], v[2]).variance;
                     },
                 .reference =
                     [](const Arrays& v) {
                       Array variance = statistics_of(v[0]).variance;
                       for (double& value : variance.data) value /= 16;
                       return variance;
                     },
                 .gradient = false,
                 // 1000 itself is rounded to 6e-5, a quarter of a thousandth of the deviation;
                 // in bfloat16 to 4.
                 .terms = 500,
                 .bfloat16 = false});
  return all;
}

SINEW_OP_TABLE(BatchNorm, cases());

TEST(BatchNorm, ErrorsNameTheInput) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {4, 6, 5});
  const Value five = graph.input("five", DType::Float32, {5});
  const Value six = graph.input("six", DType::Float32, {6});
  try {
    ops::batch_norm(x, five, six);
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "op batch_norm: input 2 of shape (6,) does not fit x of shape (4, 6, 5); it must "
                 "be (5,)");
  }
  EXPECT_THROW(ops::batch_norm(five, five, five), ShapeError);
  EXPECT_THROW(ops::batch_norm(x, five, graph.input("d", DType::Float64, {5})), DTypeError);
}

}  // namespace
}  // namespace sinew::testing_ops
