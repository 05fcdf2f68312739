#pragma once

#include "sinew/graph/graph.h"

/// Element-wise functions of Values, broadcast as in NumPy. Floating inputs must agree in dtype; a
/// double on either side of an operator becomes a constant of the other side's dtype. Comparisons
/// and logic give Bool. Errors: ShapeError when shapes cannot be broadcast, DTypeError when dtypes
/// do not fit.
namespace sinew {

Value operator+(Value a, Value b);
Value operator-(Value a, Value b);
Value operator*(Value a, Value b);
Value operator/(Value a, Value b);
Value operator-(Value a);
Value operator+(Value a, double b);
Value operator-(Value a, double b);
Value operator*(Value a, double b);
Value operator/(Value a, double b);
Value operator+(double a, Value b);
Value operator-(double a, Value b);
Value operator*(double a, Value b);
Value operator/(double a, Value b);

namespace ops {

/// A 0-d constant in `like`'s graph and dtype.
Value scalar_like(Value like, double value);

Value maximum(Value a, Value b);
Value maximum(Value a, double b);
Value minimum(Value a, Value b);
Value minimum(Value a, double b);
/// a ** b.
Value pow(Value a, Value b);
Value pow(Value a, double b);
/// Limits to [low, high].
Value clip(Value x, double low, double high);

Value equal(Value a, Value b);
Value not_equal(Value a, Value b);
Value less(Value a, Value b);
Value less_equal(Value a, Value b);
Value greater(Value a, Value b);
Value greater(Value a, double b);
Value greater_equal(Value a, Value b);
Value logical_and(Value a, Value b);
Value logical_or(Value a, Value b);
Value logical_not(Value a);
Value is_finite(Value x);
/// condition ? a : b; `condition` is Bool, a and b agree in dtype.
Value where(Value condition, Value a, Value b);
Value cast(Value x, DType dtype);

Value abs(Value x);
Value sign(Value x);
Value floor(Value x);
Value ceil(Value x);
/// To the nearest integer, ties to even.
Value round(Value x);
Value exp(Value x);
Value expm1(Value x);
Value log(Value x);
Value log1p(Value x);
Value sqrt(Value x);
Value rsqrt(Value x);
Value square(Value x);
Value reciprocal(Value x);
Value sin(Value x);
Value cos(Value x);
Value tanh(Value x);
/// Gauss's error function.
Value erf(Value x);

/// 1 / (1 + e^-x).
Value sigmoid(Value x);
/// max(x, 0); the gradient at 0 is 0.
Value relu(Value x);
/// x Phi(x), Phi the normal distribution's cumulative function (Hendrycks and Gimpel 2016).
Value gelu(Value x);
/// Identity forward; no gradient flows back.
Value stop_gradient(Value x);

}  // namespace ops
}  // namespace sinew
