"""Base of constraints."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew.keras._configured import Configured
from sinew.keras.ops._dispatch import graph_function, value


class Constraint(Configured):
    """What a weight must fulfil. A subclass defines `__call__(w)`, a formula in `keras.ops`."""

    def __call__(self, w: Any) -> Any:
        return _apply(self._identifier(), w)


@graph_function
def _apply(identifier: str, x: Any) -> Any:
    return _core.constraint_value(identifier, value(x))
