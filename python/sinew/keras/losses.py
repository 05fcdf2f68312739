"""Keras's keras.losses: classes, and the same as functions."""

from __future__ import annotations

from typing import Any, Callable

from sinew.keras._generated import losses as _generated
from sinew.keras._generated.losses import *  # noqa: F403
from sinew.keras._get import class_named, lookup
from sinew.keras._loss import Loss as Loss


def get(identifier: Any) -> Any:
    return lookup(identifier, "loss", _generated)


def _function(name: str) -> Callable[..., Any]:
    kind = class_named(name, "loss", _generated)

    def loss(y_true: Any, y_pred: Any, **arguments: Any) -> Any:
        return kind(**arguments).call(y_true, y_pred)

    loss.__name__ = loss.__qualname__ = name
    loss.__doc__ = kind.__doc__
    loss._sinew_name = name  # type: ignore[attr-defined]
    return loss


def __getattr__(name: str) -> Any:
    """mean_squared_error, mse, MSE, … as functions that give one value a sample."""
    if name in _generated.CLASS_OF or name.lower() in _generated.CLASS_OF:
        function = globals()[name] = _function(name.lower())
        return function
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
