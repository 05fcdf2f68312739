"""Base of regularizers."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew.keras._configured import Configured
from sinew.keras.ops._dispatch import graph_function, value


class Regularizer(Configured):
    """A penalty on a weight. A subclass defines `__call__(x)`, a formula in `keras.ops`."""

    def __call__(self, x: Any) -> Any:
        return _apply(self._identifier(), x)


@graph_function
def _apply(identifier: str, x: Any) -> Any:
    return _core.regularizer_value(identifier, value(x))
