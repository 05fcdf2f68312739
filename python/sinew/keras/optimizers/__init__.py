"""Keras's keras.optimizers."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew.keras.optimizers import schedules as schedules
from sinew.keras._generated.optimizers import *  # noqa: F403
from sinew.keras._optimizer import Optimizer as Optimizer


def get(identifier: Any) -> Optimizer:
    """An optimizer from a name, a config, a class or itself."""
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type):
        return identifier()
    if isinstance(identifier, dict):
        kind = globals().get(identifier["class_name"])
        if kind is None:  # by another name, or unknown
            kind = type(Optimizer._of(_core.make_optimizer(identifier["class_name"], {})))
        return kind.from_config(identifier.get("config") or {})
    if isinstance(identifier, str):
        return Optimizer._of(_core.optimizer_from_text(identifier))
    raise TypeError(f"an optimizer is a name or an object of keras.optimizers, not {identifier!r}")


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    return {"class_name": optimizer._handle.class_name, "config": optimizer.get_config()}


deserialize = get
