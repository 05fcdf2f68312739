"""Sinew beside real Keras, in one process: every layer, loss, metric, optimizer, initializer and activation made in both from one
config. Keras computes on JAX, which has float64.

    scripts/keras-parity [PYTEST-OPTION…]

`--write-parity FILE` keeps the largest relative errors that were seen, which docs/keras-parity.md tells.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import pytest

pytest.importorskip("jax", reason="real Keras is absent: scripts/keras-parity installs it")
keras = pytest.importorskip("keras", reason="real Keras is absent: scripts/keras-parity installs it")

SOURCE = pathlib.Path(__file__).parents[2]
# The records' scripts, whose cases are compared here too.
sys.path += [str(SOURCE / "tests/nn"), str(SOURCE / "tests/nn/keras"), str(pathlib.Path(__file__).parent)]

import numpy as np
from keras.src.backend.common import dtypes

import sinew.keras

# On JAX Keras computes means, tanh and others of float64 in float32; so it does not on TensorFlow.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

#: What a comparison may differ by, as a share of the largest element.
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}

_errors: dict[str, dict[str, dict[str, float]]] = {}


@pytest.fixture(autouse=True)
def fresh():
    keras.utils.clear_session()
    keras.config.set_floatx("float64")
    sinew.keras.utils.clear_session()
    sinew.keras.config.set_floatx("float64")
    yield


class Comparison:
    """What is compared of one object; keeps the largest error."""

    def __init__(self, kind: str, name: str) -> None:
        self.entry = _errors.setdefault(kind, {}).setdefault(name, {})

    def close(self, found, wanted, what: str, column: str | None, tolerance: float, least: float = 1e-3) -> None:
        found, wanted = np.asarray(found, "float64"), np.asarray(wanted, "float64")
        assert found.shape == wanted.shape, f"{what}: shape {found.shape} instead of {wanted.shape}"
        if wanted.size == 0:
            return
        assert (np.isnan(found) == np.isnan(wanted)).all(), f"{what}: NaN in other places"
        infinite = np.isinf(wanted)
        assert (found[infinite] == wanted[infinite]).all(), f"{what}: other infinities"
        finite = np.isfinite(wanted)
        scale = max(np.max(np.abs(wanted[finite]), initial=0), least)
        error = float(np.max(np.abs(found[finite] - wanted[finite]), initial=0) / scale)
        if column:
            self.entry[column] = max(self.entry.get(column, 0.0), error)
        assert error <= tolerance, f"{what}: {error:.2e} of the largest element, {tolerance:.0e} is allowed"


@pytest.fixture
def comparison():
    return Comparison


def pytest_addoption(parser):
    parser.addoption("--write-parity", metavar="FILE", help="keep the largest errors as JSON")


def pytest_sessionfinish(session):
    path = session.config.getoption("--write-parity")
    if not path:
        return
    lines = ",\n".join(
        f"{json.dumps(kind)}: {{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(_rounded(entry))}" for name, entry in sorted(entries.items())) + "\n}"
        for kind, entries in sorted(_errors.items())
    )
    pathlib.Path(path).write_text(f'{{"keras": "{keras.__version__}",\n{lines}\n}}\n')


def _rounded(entry: dict[str, float]) -> dict[str, float]:
    return {column: float(f"{error:.1e}") for column, error in sorted(entry.items())}
