"""What tests/nn/keras/*.h hold: values that Keras computes in float64, with JAX behind it.

    pip install keras==3.15.1 "jax[cpu]" scipy
    KERAS_BACKEND=jax python tests/nn/keras/record.py

Inputs are made by formulas that the tests repeat (tests/nn/keras/inputs.h); a case is a line.
"""

import importlib
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras
import numpy as np
from keras.src.backend.common import dtypes

keras.config.set_floatx("float64")
# On JAX Keras computes means, tanh and others of float64 in float32; so it does not on TensorFlow.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
HERE = pathlib.Path(__file__).parent


def wave(shape, phase):
    """sin(0.7 i + phase)."""
    return np.sin(0.7 * np.arange(np.prod(shape)) + phase).reshape(shape)


def number(value):
    value = float(value)
    if np.isnan(value):
        return "kNaN"
    if np.isinf(value):
        return "kInf" if value > 0 else "-kInf"
    return repr(value)


def numbers(values):
    return "{" + ", ".join(number(v) for v in np.asarray(values, "float64").ravel()) + "}"


def text(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(name, comment, declarations):
    lines = ["// clang-format off", "#pragma once", "", "#include <limits>", "#include <vector>", ""]
    lines += [f"/// {comment} Recorded by record.py from Keras {keras.__version__}.", "namespace sinew::keras {", ""]
    lines += ["inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();"] if "kNaN" in str(declarations) else []
    lines += ["inline constexpr double kInf = std::numeric_limits<double>::infinity();"] if "kInf" in str(declarations) else []
    lines += declarations + ["", "}  // namespace sinew::keras", ""]
    (HERE / name).write_text("\n".join(lines))


def arguments(given):
    """Python's arguments as an identifier has them."""

    def one(value):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return f'"{value}"'
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(one(v) for v in value) + "]"
        return repr(value)

    inside = ", ".join(f"{key}={one(value)}" for key, value in given.items())
    return f"({inside})" if inside else ""


if __name__ == "__main__":
    for path in sorted(HERE.glob("record_*.py")):
        importlib.import_module(path.stem).record()
