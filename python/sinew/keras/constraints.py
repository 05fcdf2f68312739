"""Keras's keras.constraints."""

from __future__ import annotations

from typing import Any

from sinew.keras._get import lookup
from sinew.keras._generated import constraints as _generated
from sinew.keras._generated.constraints import *  # noqa: F403
from sinew.keras._constraint import Constraint as Constraint


def get(identifier: Any) -> Any:
    """An object from a name, a config or a class; functions and None are passed through."""
    return lookup(identifier, "constraint", _generated)


def serialize(constraint: Constraint) -> dict[str, Any]:
    return {"class_name": type(constraint).__name__, "config": constraint.get_config()}


def deserialize(config: dict[str, Any]) -> Any:
    return get(config)
