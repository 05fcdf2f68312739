#include "sinew/ops/elementwise.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "ops/elementwise_code.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/reduce.h"

namespace sinew {
namespace ops {
namespace {

/// Broadcast shape and common dtype of the inputs, checked against the op's signature.
std::vector<TensorType> infer(const Node& node, std::span<const TensorType> inputs,
                              Signature signature) {
  const std::size_t first = signature == Signature::Choice ? 1 : 0;
  const DType dtype = inputs[first].dtype;
  Shape shape = inputs[0].shape;
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    try {
      shape = broadcast_shapes(shape, inputs[i].shape);
    } catch (const ShapeError&) {
      throw ShapeError(fmt::format("{}: shapes {} and {} cannot be broadcast together",
                                   node.where(), shape.str(), inputs[i].shape.str()));
    }
    if (i > first && inputs[i].dtype != dtype) {
      throw DTypeError(fmt::format("{}: inputs are {} and {}; cast one of them", node.where(),
                                   name_of(dtype), name_of(inputs[i].dtype)));
    }
  }
  const auto require = [&](bool condition, const TensorType& type, const char* wanted) {
    if (condition) return;
    throw DTypeError(
        fmt::format("{}: needs {} input, not {}", node.where(), wanted, name_of(type.dtype)));
  };
  switch (signature) {
    case Signature::Numeric:
      require(dtype != DType::Bool, inputs[0], "a numeric");
      return {{dtype, shape}};
    case Signature::Floating:
      require(is_floating(dtype), inputs[0], "a floating");
      return {{dtype, shape}};
    case Signature::Comparison:
      return {{DType::Bool, shape}};
    case Signature::Logic:
      require(dtype == DType::Bool, inputs[0], "a bool");
      return {{DType::Bool, shape}};
    case Signature::Predicate:
      require(is_floating(dtype), inputs[0], "a floating");
      return {{DType::Bool, shape}};
    case Signature::Choice:
      require(inputs[0].dtype == DType::Bool, inputs[0], "a bool first");
      return {{dtype, shape}};
    case Signature::Conversion:
      return {{dtype_from_name(node.attributes.get<std::string>("dtype")), shape}};
  }
  throw InternalError("unknown signature");
}

Value apply(std::string_view op, std::initializer_list<Value> inputs, Attributes attributes = {}) {
  const std::vector<Value> values(inputs);
  return values[0].graph().add(op, values, std::move(attributes))[0];
}

/// Gradient with respect to each input at the output's shape; the table's caller sums it down to
/// the input's shape.
using Rule = std::vector<Value> (*)(const GradientRequest&);

Value zero_where_not(Value condition, Value x) { return where(condition, x, scalar_like(x, 0.0)); }

Rule gradient_rule(Elementwise code) {
  using R = const GradientRequest&;
  using V = std::vector<Value>;
#define X r.inputs[0]
#define Y r.outputs[0]
#define A r.inputs[0]
#define B r.inputs[1]
#define DY r.cotangents[0]
  switch (code) {
    case Elementwise::Add:
      return [](R r) { return V{DY, DY}; };
    case Elementwise::Subtract:
      return [](R r) { return V{DY, -DY}; };
    case Elementwise::Multiply:
      return [](R r) { return V{DY * B, DY * A}; };
    case Elementwise::Divide:
      return [](R r) { return V{DY / B, -(DY * Y) / B}; };
    case Elementwise::Maximum:
      return [](R r) {
        const Value first = greater_equal(A, B);
        return V{zero_where_not(first, DY), zero_where_not(logical_not(first), DY)};
      };
    case Elementwise::Minimum:
      return [](R r) {
        const Value first = less_equal(A, B);
        return V{zero_where_not(first, DY), zero_where_not(logical_not(first), DY)};
      };
    case Elementwise::Power:
      return [](R r) {
        const Value positive = greater(A, 0.0);
        const Value base = where(positive, A, scalar_like(A, 1.0));
        return V{DY * B * pow(A, B - 1.0), zero_where_not(positive, DY * Y * log(base))};
      };
    case Elementwise::Where:
      return [](R r) { return V{{}, zero_where_not(X, DY), zero_where_not(logical_not(X), DY)}; };
    case Elementwise::Cast:
      return [](R r) { return V{is_floating(X.dtype()) ? cast(DY, X.dtype()) : Value()}; };
    case Elementwise::Negative:
      return [](R r) { return V{-DY}; };
    case Elementwise::Abs:
      return [](R r) { return V{DY * sign(X)}; };
    case Elementwise::Exp:
      return [](R r) { return V{DY * Y}; };
    case Elementwise::Expm1:
      return [](R r) { return V{DY * (Y + 1.0)}; };
    case Elementwise::Log:
      return [](R r) { return V{DY / X}; };
    case Elementwise::Log1p:
      return [](R r) { return V{DY / (X + 1.0)}; };
    case Elementwise::Sqrt:
      return [](R r) { return V{DY * 0.5 / Y}; };
    case Elementwise::Rsqrt:
      return [](R r) { return V{DY * -0.5 * Y * square(Y)}; };
    case Elementwise::Square:
      return [](R r) { return V{DY * 2.0 * X}; };
    case Elementwise::Reciprocal:
      return [](R r) { return V{-DY * square(Y)}; };
    case Elementwise::Sin:
      return [](R r) { return V{DY * cos(X)}; };
    case Elementwise::Cos:
      return [](R r) { return V{-DY * sin(X)}; };
    case Elementwise::Tanh:
      return [](R r) { return V{DY * (1.0 - square(Y))}; };
    case Elementwise::Erf:
      return [](R r) { return V{DY * (2.0 * std::numbers::inv_sqrtpi) * exp(-square(X))}; };
    case Elementwise::Sigmoid:
      return [](R r) { return V{DY * (Y * (1.0 - Y))}; };
    case Elementwise::Relu:
      return [](R r) { return V{apply("relu_backward", {Y, DY})}; };
    case Elementwise::ReluBackward:
      return [](R r) { return V{{}, apply("relu_backward", {A, DY})}; };
    default:
      return [](R r) { return V(r.inputs.size()); };
  }
#undef X
#undef Y
#undef A
#undef B
#undef DY
}

/// Everything a registered op needs is a plain function, so the table is turned into functions at
/// compile time.
template <Elementwise kCode>
Op make_op() {
  constexpr const ElementwiseInfo& about = info(kCode);
  Op op;
  op.name = about.name;
  op.elementwise = true;
  op.commutative = about.commutative;
  op.infer = [](const Node& node, std::span<const TensorType> inputs) {
    return infer(node, inputs, info(kCode).signature);
  };
  op.gradient = [](const GradientRequest& request) {
    std::vector<Value> result = gradient_rule(kCode)(request);
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (result[i]) result[i] = sum_to(result[i], request.inputs[i].shape());
    }
    return result;
  };
  op.flops = [](const Node& node, std::span<const TensorType>) {
    return static_cast<double>(node.outputs[0].shape.numel());
  };
  return op;
}

template <std::size_t... kIndex>
std::array<RegisterOp, sizeof...(kIndex)> register_all(std::index_sequence<kIndex...>) {
  return {RegisterOp(make_op<static_cast<Elementwise>(kIndex)>())...};
}

const auto registered = register_all(std::make_index_sequence<kElementwise.size()>());

}  // namespace

Value scalar_like(Value like, double value) {
  return like.graph().constant(Tensor::full({}, value, like.dtype()));
}

Value maximum(Value a, Value b) { return apply("maximum", {a, b}); }
Value maximum(Value a, double b) { return maximum(a, scalar_like(a, b)); }
Value minimum(Value a, Value b) { return apply("minimum", {a, b}); }
Value minimum(Value a, double b) { return minimum(a, scalar_like(a, b)); }
Value pow(Value a, Value b) { return apply("power", {a, b}); }
Value pow(Value a, double b) { return pow(a, scalar_like(a, b)); }
Value clip(Value x, double low, double high) { return minimum(maximum(x, low), high); }

Value equal(Value a, Value b) { return apply("equal", {a, b}); }
Value not_equal(Value a, Value b) { return apply("not_equal", {a, b}); }
Value less(Value a, Value b) { return apply("less", {a, b}); }
Value less_equal(Value a, Value b) { return apply("less_equal", {a, b}); }
Value greater(Value a, Value b) { return apply("greater", {a, b}); }
Value greater(Value a, double b) { return greater(a, scalar_like(a, b)); }
Value greater_equal(Value a, Value b) { return apply("greater_equal", {a, b}); }
Value logical_and(Value a, Value b) { return apply("logical_and", {a, b}); }
Value logical_or(Value a, Value b) { return apply("logical_or", {a, b}); }
Value logical_not(Value a) { return apply("logical_not", {a}); }
Value is_finite(Value x) { return apply("is_finite", {x}); }
Value where(Value condition, Value a, Value b) { return apply("where", {condition, a, b}); }
Value cast(Value x, DType dtype) {
  if (x.dtype() == dtype) return x;
  return apply("cast", {x}, {{"dtype", std::string(name_of(dtype))}});
}

Value abs(Value x) { return apply("abs", {x}); }
Value sign(Value x) { return apply("sign", {x}); }
Value floor(Value x) { return apply("floor", {x}); }
Value ceil(Value x) { return apply("ceil", {x}); }
Value round(Value x) { return apply("round", {x}); }
Value exp(Value x) { return apply("exp", {x}); }
Value expm1(Value x) { return apply("expm1", {x}); }
Value log(Value x) { return apply("log", {x}); }
Value log1p(Value x) { return apply("log1p", {x}); }
Value sqrt(Value x) { return apply("sqrt", {x}); }
Value rsqrt(Value x) { return apply("rsqrt", {x}); }
Value square(Value x) { return apply("square", {x}); }
Value reciprocal(Value x) { return apply("reciprocal", {x}); }
Value sin(Value x) { return apply("sin", {x}); }
Value cos(Value x) { return apply("cos", {x}); }
Value tanh(Value x) { return apply("tanh", {x}); }
Value erf(Value x) { return apply("erf", {x}); }
Value sigmoid(Value x) { return apply("sigmoid", {x}); }
Value relu(Value x) { return apply("relu", {x}); }
Value stop_gradient(Value x) { return apply("stop_gradient", {x}); }

}  // namespace ops

Value operator+(Value a, Value b) { return ops::apply("add", {a, b}); }
Value operator-(Value a, Value b) { return ops::apply("subtract", {a, b}); }
Value operator*(Value a, Value b) { return ops::apply("multiply", {a, b}); }
Value operator/(Value a, Value b) { return ops::apply("divide", {a, b}); }
Value operator-(Value a) { return ops::apply("negative", {a}); }
Value operator+(Value a, double b) { return a + ops::scalar_like(a, b); }
Value operator-(Value a, double b) { return a - ops::scalar_like(a, b); }
Value operator*(Value a, double b) { return a * ops::scalar_like(a, b); }
Value operator/(Value a, double b) { return a / ops::scalar_like(a, b); }
Value operator+(double a, Value b) { return ops::scalar_like(b, a) + b; }
Value operator-(double a, Value b) { return ops::scalar_like(b, a) - b; }
Value operator*(double a, Value b) { return ops::scalar_like(b, a) * b; }
Value operator/(double a, Value b) { return ops::scalar_like(b, a) / b; }

}  // namespace sinew
