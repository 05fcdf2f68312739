"""Every initializer: the same numbers where none is drawn, otherwise the same distribution."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from sinew import keras as ours

EXACT = [
    ("Zeros", {}, (3, 2)), ("Ones", {}, (3, 2)), ("Constant", {"value": 0.25}, (3, 2)), ("Identity", {"gain": 2.0}, (3, 3)),
    ("STFT", {"side": "real", "window": "hann"}, (16, 1, 9)), ("STFT", {"side": "imag", "window": "hamming", "scaling": "density"}, (12, 1, 7)),
]
DRAWN = [
    ("RandomNormal", {"mean": 0.5, "stddev": 0.2}), ("RandomUniform", {"minval": -0.5, "maxval": 2.0}), ("TruncatedNormal", {"stddev": 0.3}),
    ("GlorotNormal", {}), ("GlorotUniform", {}), ("HeNormal", {}), ("HeUniform", {}), ("LecunNormal", {}), ("LecunUniform", {}),
    ("VarianceScaling", {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"}),
    ("VarianceScaling", {"scale": 0.5, "mode": "fan_avg", "distribution": "untruncated_normal"}),
]
SHAPES = [(300, 400), (5, 5, 40, 60)]


@pytest.mark.parametrize("name,given,shape", EXACT)
def test_numbers(name, given, shape, comparison):
    wanted = np.asarray(getattr(keras.initializers, name)(**given)(shape, dtype="float64"))
    found = getattr(ours.initializers, name)(**given)(shape, dtype="float64")
    comparison("initializers", name).close(found, wanted, "values", "float64", 1e-10)


def statistics(values):
    """Mean, deviation, and the quantiles of the distribution."""
    values = np.asarray(values, "float64").ravel()
    return np.array([values.mean(), values.std(), *np.quantile(values, [0.001, 0.1, 0.5, 0.9, 0.999])])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name,given", DRAWN)
def test_distributions(name, given, shape, comparison):
    wanted = statistics(getattr(keras.initializers, name)(seed=1, **given)(shape, dtype="float32"))
    found = statistics(getattr(ours.initializers, name)(seed=1, **given)(shape, dtype="float32"))
    # 60,000 draws know their quantiles to about a hundredth of the deviation, the outer ones to a tenth.
    error = np.abs(found - wanted) / wanted[1]
    assert (error[[0, 1, 3, 4, 5]] < 0.02).all() and (error[[2, 6]] < 0.15).all(), (found, wanted)
    comparison("initializers", name).close(found[1], wanted[1], "deviation", "deviation", 0.02)


@pytest.mark.parametrize("shape", [(40, 30), (30, 40), (3, 3, 4, 5)])
def test_orthogonal(shape, comparison):
    products = []
    for library in (keras, ours):
        matrix = np.asarray(library.initializers.Orthogonal(gain=2.0, seed=3)(shape, dtype="float64")).reshape(-1, shape[-1])
        matrix = matrix.T if matrix.shape[0] < matrix.shape[1] else matrix
        products.append(matrix.T @ matrix)
    comparison("initializers", "Orthogonal").close(products[1], products[0], "products of columns", "float64", 1e-10)
