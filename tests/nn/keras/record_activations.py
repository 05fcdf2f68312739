"""activations.h: values and derivatives."""

import jax
import numpy as np
from keras import activations

from record import arguments, numbers, text, wave, write

POINTS = [-30, -3.3, -1.2, -0.7, -0.3, -1e-3, 0, 1e-3, 0.3, 0.7, 1.2, 2.9, 5.9, 6.3, 30]
LARGE = [-1e30, -1e19, -1e10, -1e4, -1e2, 1e2, 1e4, 1e10, 1e19, 1e30]
ELEMENTWISE = [
    ("celu", {}), ("celu", {"alpha": 0.5}), ("elu", {}), ("elu", {"alpha": 0.5}), ("exponential", {}),
    ("gelu", {}), ("gelu", {"approximate": True}), ("hard_shrink", {}), ("hard_shrink", {"threshold": 1.5}),
    ("hard_sigmoid", {}), ("hard_silu", {}), ("hard_swish", {}), ("hard_tanh", {}), ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.3}), ("linear", {}), ("log_sigmoid", {}), ("mish", {}), ("relu", {}),
    ("relu", {"negative_slope": 0.1}), ("relu", {"max_value": 6.0}), ("relu", {"max_value": 2.0}),
    ("relu", {"threshold": 1.0}), ("relu", {"negative_slope": 0.1, "max_value": 2.0, "threshold": 1.0}),
    ("relu", {"negative_slope": 0.1, "threshold": -1.0}), ("relu6", {}), ("selu", {}), ("sigmoid", {}), ("silu", {}),
    ("swish", {}), ("soft_shrink", {}), ("soft_shrink", {"threshold": 1.5}), ("softplus", {}), ("softsign", {}),
    ("sparse_plus", {}), ("sparse_sigmoid", {}), ("squareplus", {}), ("squareplus", {"b": 0.5}), ("tanh", {}),
    ("tanh_shrink", {}), ("threshold", {"threshold": 0.5, "default_value": -2.0}),
]
ALONG_AXIS = [
    ("glu", {}), ("glu", {"axis": 1}), ("log_softmax", {}), ("log_softmax", {"axis": 1}), ("softmax", {}),
    ("softmax", {"axis": 1}),
    # Not sparsemax: of several rows, Keras 3.15's do not sum to 1.
]


def record():
    lines = [
        "/// Values and derivatives of an element-wise function at `kPoints` and at `kLarge`; NaN where left and right",
        "/// derivative differ.",
        "struct Activation { const char* identifier; std::vector<double> y, slope, large, large_slope; };",
        f"inline const std::vector<double> kPoints = {numbers(POINTS)};",
        f"inline const std::vector<double> kLarge = {numbers(LARGE)};",
        "inline const std::vector<Activation> kActivations = {",
    ]
    for name, given in ELEMENTWISE:
        function = lambda x: getattr(activations, name)(x, **given)
        slope = jax.vmap(jax.grad(function))
        points = np.array(POINTS, "float64")
        slopes = np.array(slope(points))
        kink = np.abs(np.array(slope(points - 1e-7)) - np.array(slope(points + 1e-7))) > 1e-3
        slopes[kink] = np.nan
        large = np.array(LARGE)
        lines.append(
            f"    {{{text(name + arguments(given))}, {numbers(function(points))}, {numbers(slopes)}, "
            f"{numbers(function(large))}, {numbers(slope(large))}}},"
        )
    lines += [
        "};",
        "/// y of x = 2 wave({2, 4, 6}, 0.4), and the gradient of sum(y * wave(9)).",
        "struct AxisActivation { const char* identifier; std::vector<double> y, slope; };",
        "inline const std::vector<AxisActivation> kAxisActivations = {",
    ]
    x = 2 * wave((2, 4, 6), 0.4)
    for name, given in ALONG_AXIS:
        function = lambda x: getattr(activations, name)(x, **given)
        y = function(x)
        slope = jax.grad(lambda x: (function(x) * wave(y.shape, 9)).sum())(x)
        lines.append(f"    {{{text(name + arguments(given))}, {numbers(y)}, {numbers(slope)}}},")
    write("activations.h", "Keras's activations.", lines + ["};"])
