"""Keras's keras.metrics."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew._arrays import as_array
from sinew.keras._generated import metrics as _generated
from sinew.keras._generated.metrics import *  # noqa: F403
from sinew.keras._get import lookup
from sinew.keras._metric import Metric as Metric


class MeanMetricWrapper(Metric):
    """The mean of a function of (y_true, y_pred) that gives one value a sample."""

    def __init__(
        self, fn: Any, name: str | None = None, dtype: Any = None, **arguments: Any
    ) -> None:
        self._fn = fn

        def values(y_true: Any, y_pred: Any) -> Any:
            return fn(y_true, y_pred, **arguments)

        self._metric = _core.function_metric(values, name or fn.__name__)
        self._fresh = True


class Mean(Metric):
    """The weighted mean of values."""

    def __init__(self, name: str = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self._total = self._weights = 0.0

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        import numpy as np

        values = as_array(values, "values", "float64")
        weights = np.ones_like(values) if sample_weight is None else as_array(sample_weight)
        weights = np.broadcast_to(weights, values.shape)
        self._total += float((values * weights).sum())
        self._weights += float(weights.sum())

    def result(self) -> float:
        return self._total / self._weights if self._weights else 0.0

    def reset_state(self) -> None:
        self._total = self._weights = 0.0

    def __call__(self, values: Any, sample_weight: Any = None) -> float:  # type: ignore[override]
        self.update_state(values, sample_weight)
        return self.result()


class Sum(Mean):
    """The weighted sum of values."""

    def __init__(self, name: str = "sum", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def result(self) -> float:
        return self._total


def get(identifier: Any) -> Any:
    return lookup(identifier, "metric", _generated)


def __getattr__(name: str) -> Any:
    """The losses among them are functions too."""
    if name.islower() or name.isupper():
        from sinew.keras import losses

        return getattr(losses, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
