"""Keras's keras.random, for training within a layer's call: keyed by the training's seed and step."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew.keras.config import floatx


def uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    drawn = _core.ops.random_uniform(list(shape), dtype or floatx())
    return drawn * (maxval - minval) + minval


def normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    return _core.ops.random_normal(list(shape), dtype or floatx()) * stddev + mean
