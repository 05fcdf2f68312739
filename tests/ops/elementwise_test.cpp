#include "sinew/ops/elementwise.h"

#include <cmath>
#include <limits>

#include "ops/op_harness.h"
#include "sinew/compiler/eval.h"

namespace sinew::testing_ops {
namespace {

const std::vector<Shape> kShapes = {{}, {1}, {7}, {16}, {33}, {3, 5}, {2, 3, 17}, {1030}, {9, 131}};

OpCase unary(const std::string& name, Value (*op)(Value), double (*reference)(double),
             const Shape& shape, Draw draw = Draw::Normal, bool gradient = true) {
  return {.name = name + shape.str(),
          .inputs = {{shape, draw}},
          .build = [op](const std::vector<Value>& x) { return op(x[0]); },
          .reference =
              [reference](const std::vector<Array>& x) {
                Array y = x[0];
                for (double& value : y.data) value = reference(value);
                return y;
              },
          .gradient = gradient};
}

/// Reads an operand at a broadcast position.
double broadcast_at(const Array& a, const std::vector<std::int64_t>& index) {
  std::int64_t flat = 0;
  const std::size_t lead = index.size() - static_cast<std::size_t>(a.shape.rank());
  for (int axis = 0; axis < a.shape.rank(); ++axis) {
    flat = flat * a.shape[axis] +
           (a.shape[axis] == 1 ? 0 : index[lead + static_cast<std::size_t>(axis)]);
  }
  return a[flat];
}

struct Pair {
  Shape a, b;
};
const std::vector<Pair> kPairs = {
    {{5}, {5}},          {{3, 4}, {4}},       {{3, 4}, {3, 1}},         {{3, 1}, {1, 4}},
    {{}, {2, 3}},        {{2, 1, 5}, {3, 1}}, {{600, 3}, {3}},          {{2, 1}, {2, 700}},
    {{4, 3, 2}, {3, 1}}, {{1}, {1}},          {{2, 3, 4, 5}, {3, 1, 5}}};

OpCase binary(const std::string& name, std::function<Value(Value, Value)> op,
              double (*reference)(double, double), const Pair& pair, Draw a = Draw::Normal,
              Draw b = Draw::Normal, bool gradient = true) {
  return {.name = name + pair.a.str() + pair.b.str(),
          .inputs = {{pair.a, a}, {pair.b, b}},
          .build = [op](const std::vector<Value>& x) { return op(x[0], x[1]); },
          .reference =
              [reference](const std::vector<Array>& x) {
                Array y(broadcast_shapes(x[0].shape, x[1].shape));
                for_each_index(y.shape, [&](const auto& index, std::int64_t flat) {
                  y[flat] = reference(broadcast_at(x[0], index), broadcast_at(x[1], index));
                });
                return y;
              },
          .gradient = gradient};
}

std::vector<OpCase> cases() {
  std::vector<OpCase> all;
  for (const Shape& shape : kShapes) {
    const auto add = [&](const char* name, Value (*op)(Value), double (*reference)(double),
                         Draw draw = Draw::Normal, bool gradient = true) {
      all.push_back(unary(name, op, reference, shape, draw, gradient));
    };
    add(
        "abs", ops::abs, [](double x) { return std::abs(x); }, Draw::Distinct);
    add(
        "sign", ops::sign, [](double x) { return double((x > 0) - (x < 0)); }, Draw::Distinct,
        false);
    add(
        "floor", ops::floor, [](double x) { return std::floor(x); }, Draw::Distinct, false);
    add(
        "ceil", ops::ceil, [](double x) { return std::ceil(x); }, Draw::Distinct, false);
    add(
        "round", ops::round, [](double x) { return std::nearbyint(x); }, Draw::Normal, false);
    add("exp", ops::exp, [](double x) { return std::exp(x); });
    add("expm1", ops::expm1, [](double x) { return std::expm1(x); });
    add(
        "log", ops::log, [](double x) { return std::log(x); }, Draw::Positive);
    add(
        "log1p", ops::log1p, [](double x) { return std::log1p(x); }, Draw::Positive);
    add(
        "sqrt", ops::sqrt, [](double x) { return std::sqrt(x); }, Draw::Positive);
    add(
        "rsqrt", ops::rsqrt, [](double x) { return 1 / std::sqrt(x); }, Draw::Positive);
    add("square", ops::square, [](double x) { return x * x; });
    add(
        "reciprocal", ops::reciprocal, [](double x) { return 1 / x; }, Draw::Positive);
    add("sin", ops::sin, [](double x) { return std::sin(x); });
    add("cos", ops::cos, [](double x) { return std::cos(x); });
    add("tanh", ops::tanh, [](double x) { return std::tanh(x); });
    add("erf", ops::erf, [](double x) { return std::erf(x); });
    add("gelu", ops::gelu, [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); });
    add("sigmoid", ops::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); });
    add(
        "relu", ops::relu, [](double x) { return x > 0 ? x : 0; }, Draw::Distinct);
    add(
        "negative", [](Value x) { return -x; }, [](double x) { return -x; });
    add(
        "clip", [](Value x) { return ops::clip(x, -0.5, 1.0); },
        [](double x) { return std::min(1.0, std::max(-0.5, x)); });
  }
  for (const Pair& pair : kPairs) {
    const auto add = [&](const char* name, std::function<Value(Value, Value)> op,
                         double (*reference)(double, double), Draw a = Draw::Normal,
                         Draw b = Draw::Normal, bool gradient = true) {
      all.push_back(binary(name, std::move(op), reference, pair, a, b, gradient));
    };
    const auto number = [](Value (*compare)(Value, Value)) {
      return [compare](Value a, Value b) { return ops::cast(compare(a, b), a.dtype()); };
    };
    add(
        "add", [](Value a, Value b) { return a + b; }, [](double a, double b) { return a + b; });
    add(
        "subtract", [](Value a, Value b) { return a - b; },
        [](double a, double b) { return a - b; });
    add(
        "multiply", [](Value a, Value b) { return a * b; },
        [](double a, double b) { return a * b; });
    add(
        "divide", [](Value a, Value b) { return a / b; }, [](double a, double b) { return a / b; },
        Draw::Normal, Draw::Positive);
    add(
        "maximum", [](Value a, Value b) { return ops::maximum(a, b); },
        [](double a, double b) { return std::max(a, b); });
    add(
        "minimum", [](Value a, Value b) { return ops::minimum(a, b); },
        [](double a, double b) { return std::min(a, b); });
    add(
        "power", [](Value a, Value b) { return ops::pow(a, b); },
        [](double a, double b) { return std::pow(a, b); }, Draw::Positive);
    add(
        "less", number(ops::less), [](double a, double b) { return double(a < b); }, Draw::Normal,
        Draw::Normal, false);
    add(
        "less_equal", number(ops::less_equal), [](double a, double b) { return double(a <= b); },
        Draw::Normal, Draw::Normal, false);
    add(
        "greater", number(static_cast<Value (*)(Value, Value)>(ops::greater)),
        [](double a, double b) { return double(a > b); }, Draw::Normal, Draw::Normal, false);
    add(
        "greater_equal", number(ops::greater_equal),
        [](double a, double b) { return double(a >= b); }, Draw::Normal, Draw::Normal, false);
    add(
        "not_equal", number(ops::not_equal), [](double a, double b) { return double(a != b); },
        Draw::Index, Draw::Index, false);
    add(
        "equal", number(ops::equal), [](double a, double b) { return double(a == b); }, Draw::Index,
        Draw::Index, false);
    add(
        "logical_and", [](Value a, Value b) { return ops::logical_and(a, b); },
        [](double a, double b) { return double(a && b); }, Draw::Flag, Draw::Flag, false);
    add(
        "logical_or", [](Value a, Value b) { return ops::logical_or(a, b); },
        [](double a, double b) { return double(a || b); }, Draw::Flag, Draw::Flag, false);
  }
  for (const Shape& shape : kShapes) {
    all.push_back({.name = "where" + shape.str(),
                   .inputs = {{shape, Draw::Flag}, {shape}, {shape}},
                   .build =
                       [](const std::vector<Value>& x) {
                         return ops::where(ops::logical_not(x[0]), x[1], x[2]);
                       },
                   .reference =
                       [](const std::vector<Array>& x) {
                         Array y = x[1];
                         for (std::int64_t i = 0; i < y.shape.numel(); ++i)
                           y[i] = x[0][i] != 0 ? x[2][i] : x[1][i];
                         return y;
                       }});
    // A chain with branches, which is one loop after fusion.
    all.push_back({.name = "chain" + shape.str(),
                   .inputs = {{shape}, {shape}},
                   .build =
                       [](const std::vector<Value>& x) {
                         const Value a = ops::tanh(x[0] * 2.0 + x[1]);
                         return a * ops::sigmoid(x[1]) - ops::square(a - 0.5) / 3.0;
                       },
                   .reference =
                       [](const std::vector<Array>& x) {
                         Array y = x[0];
                         for (std::int64_t i = 0; i < y.shape.numel(); ++i) {
                           const double a = std::tanh(x[0][i] * 2 + x[1][i]);
                           y[i] = a / (1 + std::exp(-x[1][i])) - (a - 0.5) * (a - 0.5) / 3;
                         }
                         return y;
                       }});
  }
  return all;
}

SINEW_OP_TABLE(Elementwise, cases());

TEST(ElementwiseEnds, AreThoseOfIeee754) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> x = {0.0,   -0.0,  1e-40,  1.0,  -1.0,  90.0,
                                 -90.0, 800.0, -800.0, kInf, -kInf, kNan};
  const std::vector<std::pair<Value (*)(Value), double (*)(double)>> functions = {
      {ops::exp, [](double v) { return std::exp(v); }},
      {ops::expm1, [](double v) { return std::expm1(v); }},
      {ops::log, [](double v) { return std::log(v); }},
      {ops::log1p, [](double v) { return std::log1p(v); }},
      {ops::tanh, [](double v) { return std::tanh(v); }},
      {ops::erf, [](double v) { return std::erf(v); }},
      {ops::sigmoid, [](double v) { return 1 / (1 + std::exp(-v)); }},
      {ops::sqrt, [](double v) { return std::sqrt(v); }},
      {ops::relu, [](double v) { return v > 0 || std::isnan(v) ? v : 0.0; }},
      {ops::is_finite, [](double v) { return double(std::isfinite(v)); }},
  };
  for (DType dtype : {DType::Float64, DType::Float32}) {
    for (std::size_t f = 0; f < functions.size(); ++f) {
      Graph graph;
      const Tensor given = Tensor::from(x, {static_cast<std::int64_t>(x.size())}).cast(dtype);
      const Tensor found =
          eval(functions[f].first(graph.input("x", dtype, given.shape())), {{"x", given}});
      for (std::size_t i = 0; i < x.size(); ++i) {
        double wanted = functions[f].second(given.at(static_cast<std::int64_t>(i)));
        if (dtype == DType::Float32) wanted = static_cast<float>(wanted);
        const double value = found.at(static_cast<std::int64_t>(i));
        if (std::isnan(wanted)) {
          EXPECT_TRUE(std::isnan(value)) << "function " << f << " of " << x[i] << " is " << value;
        } else if (std::isinf(wanted)) {
          EXPECT_EQ(value, wanted) << "function " << f << " of " << x[i];
        } else {
          const double tolerance = dtype == DType::Float64 ? 1e-13 : 1e-6;
          EXPECT_NEAR(value, wanted, tolerance * std::max(1.0, std::abs(wanted)))
              << "function " << f << " of " << x[i];
        }
      }
    }
  }
}

TEST(ElementwiseEnds, ComparisonsWithNanAreThoseOfIeee754) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (DType dtype : {DType::Float64, DType::Float32}) {
    const auto truths = [&](Value (*compare)(Value, Value)) {
      Graph graph;
      const Value a = graph.input("a", dtype, {4}), b = graph.input("b", dtype, {4});
      const Tensor found =
          eval(ops::cast(compare(a, b), DType::Float64),
               {{"a", Tensor::from(std::vector<double>{kNan, kNan, 1, 1}, {4}).cast(dtype)},
                {"b", Tensor::from(std::vector<double>{kNan, 1, kNan, 1}, {4}).cast(dtype)}});
      return std::vector<double>(found.data<double>().begin(), found.data<double>().end());
    };
    EXPECT_EQ(truths(ops::not_equal), (std::vector<double>{1, 1, 1, 0}));
    EXPECT_EQ(truths(ops::equal), (std::vector<double>{0, 0, 0, 1}));
    EXPECT_EQ(truths(ops::less_equal), (std::vector<double>{0, 0, 0, 1}));
    EXPECT_EQ(truths(ops::greater_equal), (std::vector<double>{0, 0, 0, 1}));
  }
}

TEST(ElementwiseFloat32, IsWithinAFewUlp) {
  struct Function {
    const char* name;
    Value (*op)(Value);
    double (*reference)(double);
    double low, high, ulp;
  };
  const Function functions[] = {
      {"exp", ops::exp, [](double v) { return std::exp(v); }, -86, 88, 2},
      {"log", ops::log, [](double v) { return std::log(v); }, 1e-3, 1e3, 3},
      {"tanh", ops::tanh, [](double v) { return std::tanh(v); }, -9, 9, 5},
      {"erf", ops::erf, [](double v) { return std::erf(v); }, -5, 5, 5},
      {"sigmoid", ops::sigmoid, [](double v) { return 1 / (1 + std::exp(-v)); }, -80, 80, 3},
  };
  constexpr std::int64_t kCount = 20001;
  for (const Function& f : functions) {
    Tensor x({kCount});
    for (std::int64_t i = 0; i < kCount; ++i) {
      x.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(
          f.low + (f.high - f.low) * static_cast<double>(i) / static_cast<double>(kCount - 1));
    }
    Graph graph;
    const Tensor y = eval(f.op(graph.input("x", DType::Float32, x.shape())), {{"x", x}});
    double worst = 0;
    for (std::int64_t i = 0; i < kCount; ++i) {
      const double wanted = f.reference(x.at(i));
      const double ulp =
          std::max(1e-44, std::ldexp(1.0, std::ilogb(std::max(std::abs(wanted), 1e-37)) - 23));
      worst = std::max(worst, std::abs(y.at(i) - wanted) / ulp);
    }
    EXPECT_LE(worst, f.ulp) << f.name;
  }
}

}  // namespace
}  // namespace sinew::testing_ops
