"""What the functions of keras.activations do."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew.keras.ops._dispatch import graph_function, value


def activation(name: str, x: Any, **arguments: Any) -> Any:
    """On Values, KerasTensors or arrays."""
    return _apply(_core.identifier(name, arguments) if arguments else name, x)


@graph_function
def _apply(identifier: str, x: Any) -> Any:
    return _core.ops.activation(identifier, value(x))
