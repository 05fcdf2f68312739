"""Keras's keras.regularizers."""

from __future__ import annotations

from typing import Any

from sinew.keras._get import lookup
from sinew.keras._generated import regularizers as _generated
from sinew.keras._generated.regularizers import *  # noqa: F403
from sinew.keras._regularizer import Regularizer as Regularizer


def get(identifier: Any) -> Any:
    """An object from a name, a config or a class; functions and None are passed through."""
    return lookup(identifier, "regularizer", _generated)


def serialize(regularizer: Regularizer) -> dict[str, Any]:
    return {"class_name": type(regularizer).__name__, "config": regularizer.get_config()}


def deserialize(config: dict[str, Any]) -> Any:
    return get(config)


def l1(l1: float = 0.01) -> Regularizer:
    return _generated.L1(l1)


def l2(l2: float = 0.01) -> Regularizer:
    return _generated.L2(l2)


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> Regularizer:
    return _generated.L1L2(l1, l2)
