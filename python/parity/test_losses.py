"""Every loss: values a sample, reductions with and without weights, and the gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
import record_losses
from conftest import TOLERANCE
from record import arguments, wave

import sinew
from sinew import keras as ours


def python_arguments(given):
    return {name: tuple(value) if name == "axis" and isinstance(value, list) else value for name, value in given.items()}


class Slope(ours.Layer):
    """The gradient of a loss's values times wave(9)."""

    def __init__(self, loss, y_true) -> None:
        super().__init__(dtype="float64")
        self._loss, self._y_true = loss, y_true

    def call(self, y_pred):
        values = self._loss(self._y_true, y_pred)
        return sinew.gradients(values, [y_pred], wave(values.shape, 9))[0]


@pytest.mark.parametrize("case", record_losses.CASES, ids=[f"{name}{arguments(given)}-{kind}" for name, given, kind in record_losses.CASES])
def test_losses(case, comparison):
    name, given, kind = case
    given = python_arguments(given)
    y_true, y_pred = record_losses.data(kind)
    theirs, own = getattr(keras.losses, name), getattr(ours.losses, name)
    compared = comparison("losses", name)
    values = np.asarray(theirs(reduction="none", **given)(y_true, y_pred))
    weighted = values.shape[:1] == (len(record_losses.WEIGHTS),)
    weights = record_losses.WEIGHTS.reshape((-1,) + (1,) * (values.ndim - 1)) if weighted else None
    for reduction in ["none", *record_losses.REDUCTIONS]:
        wanted, found = theirs(reduction=reduction, **given), own(reduction=reduction, **given)
        compared.close(found(y_true, y_pred), wanted(y_true, y_pred), reduction, "float64", TOLERANCE["float64"])
        if weighted:
            compared.close(
                found(y_true, y_pred, weights), wanted(y_true, y_pred, weights), f"{reduction}, weighted", "float64", TOLERANCE["float64"]
            )
    total = lambda p: (theirs(reduction="none", **given).call(jnp.array(y_true), p) * wave(values.shape, 9)).sum()
    wanted = jax.grad(total)(jnp.array(y_pred))
    found = Slope(own(reduction="none", **given), y_true)(y_pred)
    compared.close(found, wanted, "the gradient", "float64", TOLERANCE["float64"])
    assert theirs.from_config(own(**given).get_config()).get_config() == theirs(**given).get_config()
