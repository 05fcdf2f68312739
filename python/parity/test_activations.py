"""Every activation: values and slopes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
import record_activations
from conftest import TOLERANCE
from record import arguments, wave

import sinew
from sinew import keras as ours

CASES = [(*case, np.array(record_activations.POINTS, "float64")[None]) for case in record_activations.ELEMENTWISE]
CASES += [(*case, 2 * wave((2, 4, 6), 0.4)) for case in record_activations.ALONG_AXIS]


class Slope(ours.Layer):
    def __init__(self, function, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self._function = function

    def call(self, x):
        y = self._function(x)
        return [y, *sinew.gradients(y, [x], wave(y.shape, 9).astype(y.dtype))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=[f"{name}{arguments(given)}" for name, given, _ in CASES])
def test_activations(case, dtype, comparison):
    name, given, x = case
    x = x.astype(dtype)
    theirs = lambda x: getattr(keras.activations, name)(x, **given)
    y, slope = Slope(lambda x: getattr(ours.activations, name)(x, **given), dtype)(x)
    compared = comparison("activations", name)
    wanted = np.asarray(theirs(jnp.array(x)))
    compared.close(y, wanted, "values", dtype, TOLERANCE[dtype])
    by = lambda x: jax.grad(lambda x: (theirs(x) * wave(wanted.shape, 9).astype(dtype)).sum())(jnp.array(x))
    # At a kink there are two slopes.
    step = 1e-3 if dtype == "float32" else 1e-7
    smooth = np.abs(np.asarray(by(x - step)) - np.asarray(by(x + step))) < 1e-2
    compared.close(slope[smooth], np.asarray(by(x))[smooth], "slopes", dtype, TOLERANCE[dtype])
