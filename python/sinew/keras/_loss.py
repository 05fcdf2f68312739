"""Base of losses."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew.keras._configured import Configured
from sinew.keras.ops._dispatch import floating, graph_function, value


class Loss(Configured):
    """How far predictions are from the truth. A subclass of one's own defines
    `call(y_true, y_pred)`, a formula in `keras.ops` that gives one value a sample."""

    def __init__(
        self, name: str | None = None, reduction: str = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        if reduction not in ("sum_over_batch_size", "mean", None):
            raise ValueError(f"a loss of one's own is reduced by its mean, not by {reduction!r}")
        self.name = name or type(self).__name__
        self.reduction = reduction

    def _configure(self, *, name: str | None = None, **config: Any) -> None:
        super()._configure(**config)
        self.name = name or self._handle().name
        self.reduction = config.get("reduction")

    def _handle(self) -> Any:
        if not self._class_name:
            return _core.function_loss(self.call, self.name)
        return _core.make_loss(self._class_name, self._plain_config())

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return _values(self._handle(), y_true, y_pred)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return _reduced(self._handle(), y_true, y_pred, sample_weight)


@graph_function
def _values(handle: Any, y_true: Any, y_pred: Any) -> Any:
    return handle.values(value(y_true), floating(y_pred))


@graph_function
def _reduced(handle: Any, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
    weight = None if sample_weight is None else floating(sample_weight)
    return handle(_target(y_true), floating(y_pred), weight)


def _target(y_true: Any) -> Any:
    y_true = value(y_true)
    return y_true if "int" in y_true.dtype else floating(y_true)
