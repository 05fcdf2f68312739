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

/// The parts of a request by the names that formulas use: y = f(x), or y = f(a, b), and dy, the
/// cotangent of y.
struct Formula {
  explicit Formula(const GradientRequest& request)
      : x(request.inputs[0]),
        a(request.inputs[0]),
        b(request.inputs.size() > 1 ? request.inputs[1] : Value()),
        y(request.outputs[0]),
        dy(request.cotangents[0]),
        inputs(request.inputs.size()) {}

  Value x, a, b, y, dy;
  std::size_t inputs;
};
using Gradients = std::vector<Value>;

/// Gradient with respect to each input at the output's shape; the table's caller sums it down to
/// the input's shape.
using Rule = Gradients (*)(const Formula&);

Value zero_where_not(Value condition, Value x) { return where(condition, x, scalar_like(x, 0.0)); }

Rule gradient_rule(Elementwise code) {
  using F = const Formula&;
  using V = Gradients;
  switch (code) {
    case Elementwise::Add:
      return [](F f) { return V{f.dy, f.dy}; };
    case Elementwise::Subtract:
      return [](F f) { return V{f.dy, -f.dy}; };
    case Elementwise::Multiply:
      return [](F f) { return V{f.dy * f.b, f.dy * f.a}; };
    case Elementwise::Divide:
      return [](F f) { return V{f.dy / f.b, -(f.dy * f.y) / f.b}; };
    case Elementwise::Maximum:
      return [](F f) {
        const Value first = greater_equal(f.a, f.b);
        return V{zero_where_not(first, f.dy), zero_where_not(logical_not(first), f.dy)};
      };
    case Elementwise::Minimum:
      return [](F f) {
        const Value first = less_equal(f.a, f.b);
        return V{zero_where_not(first, f.dy), zero_where_not(logical_not(first), f.dy)};
      };
    case Elementwise::Power:
      return [](F f) {
        const Value positive = greater(f.a, 0.0);
        const Value base = where(positive, f.a, scalar_like(f.a, 1.0));
        return V{f.dy * f.b * pow(f.a, f.b - 1.0),
                 zero_where_not(positive, f.dy * f.y * log(base))};
      };
    case Elementwise::Where:
      return [](F f) {
        return V{{}, zero_where_not(f.x, f.dy), zero_where_not(logical_not(f.x), f.dy)};
      };
    case Elementwise::Cast:
      return [](F f) { return V{is_floating(f.x.dtype()) ? cast(f.dy, f.x.dtype()) : Value()}; };
    case Elementwise::Negative:
      return [](F f) { return V{-f.dy}; };
    case Elementwise::Abs:
      return [](F f) { return V{f.dy * sign(f.x)}; };
    case Elementwise::Exp:
      return [](F f) { return V{f.dy * f.y}; };
    case Elementwise::Expm1:
      return [](F f) { return V{f.dy * (f.y + 1.0)}; };
    case Elementwise::Log:
      return [](F f) { return V{f.dy / f.x}; };
    case Elementwise::Log1p:
      return [](F f) { return V{f.dy / (f.x + 1.0)}; };
    case Elementwise::Sqrt:
      return [](F f) { return V{f.dy * 0.5 / f.y}; };
    case Elementwise::Rsqrt:
      return [](F f) { return V{f.dy * -0.5 * f.y * square(f.y)}; };
    case Elementwise::Square:
      return [](F f) { return V{f.dy * 2.0 * f.x}; };
    case Elementwise::Reciprocal:
      return [](F f) { return V{-f.dy * square(f.y)}; };
    case Elementwise::Sin:
      return [](F f) { return V{f.dy * cos(f.x)}; };
    case Elementwise::Cos:
      return [](F f) { return V{-f.dy * sin(f.x)}; };
    case Elementwise::Tanh:
      return [](F f) { return V{f.dy * (1.0 - square(f.y))}; };
    case Elementwise::Erf:
      return [](F f) { return V{f.dy * (2.0 * std::numbers::inv_sqrtpi) * exp(-square(f.x))}; };
    case Elementwise::Sigmoid:
      return [](F f) { return V{f.dy * (f.y * (1.0 - f.y))}; };
    case Elementwise::Relu:
      return [](F f) { return V{apply("relu_backward", {f.y, f.dy})}; };
    case Elementwise::ReluBackward:
      return [](F f) { return V{{}, apply("relu_backward", {f.a, f.dy})}; };
    case Elementwise::Gelu:
      return [](F f) { return V{apply("gelu_backward", {f.x, f.dy})}; };
    case Elementwise::GeluBackward:
      // The second derivative of x Phi(x) is phi(x) (2 - x^2), phi the normal density.
      return [](F f) {
        const Value density =
            exp(-0.5 * square(f.a)) * (std::numbers::inv_sqrtpi / std::numbers::sqrt2);
        return V{f.dy * f.b * (density * (2.0 - square(f.a))), apply("gelu_backward", {f.a, f.dy})};
      };
    default:
      return [](F f) { return V(f.inputs); };
  }
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
    std::vector<Value> result = gradient_rule(kCode)(Formula(request));
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
Value gelu(Value x) { return apply("gelu", {x}); }
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
