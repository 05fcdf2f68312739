// clang-format off
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sinew::ops {

/// The element-wise functions that the fused kernel interprets: one instruction each. The order of the enumerators is
/// that of kElementwise.
enum class Elementwise : std::int64_t {
  Add, Subtract, Multiply, Divide, Maximum, Minimum, Power,
  Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, LogicalAnd, LogicalOr, LogicalNot, IsFinite,
  Where, Cast,
  Negative, Abs, Sign, Floor, Ceil, Round, Exp, Expm1, Log, Log1p, Sqrt, Rsqrt, Square, Reciprocal,
  Sin, Cos, Tanh, Erf, Sigmoid, Relu, ReluBackward, StopGradient, Gelu, GeluBackward,
};

/// What kind of inputs a function takes and what it gives.
enum class Signature {
  Numeric,     // numbers of one dtype -> that dtype
  Floating,    // floating of one dtype -> that dtype
  Comparison,  // numbers of one dtype -> Bool
  Logic,       // Bool -> Bool
  Predicate,   // floating -> Bool
  Choice,      // Bool and two of one dtype -> that dtype
  Conversion,  // anything -> the dtype in attribute "dtype"
};

struct ElementwiseInfo {
  Elementwise code;
  std::string_view name;
  int arity;
  Signature signature;
  bool commutative = false;
};

inline constexpr std::array kElementwise = std::to_array<ElementwiseInfo>({
    {Elementwise::Add, "add", 2, Signature::Numeric, true},
    {Elementwise::Subtract, "subtract", 2, Signature::Numeric},
    {Elementwise::Multiply, "multiply", 2, Signature::Numeric, true},
    {Elementwise::Divide, "divide", 2, Signature::Floating},
    {Elementwise::Maximum, "maximum", 2, Signature::Numeric, true},
    {Elementwise::Minimum, "minimum", 2, Signature::Numeric, true},
    {Elementwise::Power, "power", 2, Signature::Floating},
    {Elementwise::Equal, "equal", 2, Signature::Comparison, true},
    {Elementwise::NotEqual, "not_equal", 2, Signature::Comparison, true},
    {Elementwise::Less, "less", 2, Signature::Comparison},
    {Elementwise::LessEqual, "less_equal", 2, Signature::Comparison},
    {Elementwise::Greater, "greater", 2, Signature::Comparison},
    {Elementwise::GreaterEqual, "greater_equal", 2, Signature::Comparison},
    {Elementwise::LogicalAnd, "logical_and", 2, Signature::Logic, true},
    {Elementwise::LogicalOr, "logical_or", 2, Signature::Logic, true},
    {Elementwise::LogicalNot, "logical_not", 1, Signature::Logic},
    {Elementwise::IsFinite, "is_finite", 1, Signature::Predicate},
    {Elementwise::Where, "where", 3, Signature::Choice},
    {Elementwise::Cast, "cast", 1, Signature::Conversion},
    {Elementwise::Negative, "negative", 1, Signature::Numeric},
    {Elementwise::Abs, "abs", 1, Signature::Numeric},
    {Elementwise::Sign, "sign", 1, Signature::Numeric},
    {Elementwise::Floor, "floor", 1, Signature::Floating},
    {Elementwise::Ceil, "ceil", 1, Signature::Floating},
    {Elementwise::Round, "round", 1, Signature::Floating},
    {Elementwise::Exp, "exp", 1, Signature::Floating},
    {Elementwise::Expm1, "expm1", 1, Signature::Floating},
    {Elementwise::Log, "log", 1, Signature::Floating},
    {Elementwise::Log1p, "log1p", 1, Signature::Floating},
    {Elementwise::Sqrt, "sqrt", 1, Signature::Floating},
    {Elementwise::Rsqrt, "rsqrt", 1, Signature::Floating},
    {Elementwise::Square, "square", 1, Signature::Numeric},
    {Elementwise::Reciprocal, "reciprocal", 1, Signature::Floating},
    {Elementwise::Sin, "sin", 1, Signature::Floating},
    {Elementwise::Cos, "cos", 1, Signature::Floating},
    {Elementwise::Tanh, "tanh", 1, Signature::Floating},
    {Elementwise::Erf, "erf", 1, Signature::Floating},
    {Elementwise::Sigmoid, "sigmoid", 1, Signature::Floating},
    {Elementwise::Relu, "relu", 1, Signature::Numeric},
    {Elementwise::ReluBackward, "relu_backward", 2, Signature::Floating},
    {Elementwise::StopGradient, "stop_gradient", 1, Signature::Numeric},
    {Elementwise::Gelu, "gelu", 1, Signature::Floating},
    {Elementwise::GeluBackward, "gelu_backward", 2, Signature::Floating},
});

constexpr const ElementwiseInfo& info(Elementwise code) {
  return kElementwise[static_cast<std::size_t>(code)];
}

}  // namespace sinew::ops
