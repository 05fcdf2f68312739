"""Base of initializers."""

from __future__ import annotations

from typing import Any

import numpy as np

from sinew import _core
from sinew.keras._configured import Configured


class Initializer(Configured):
    """How a weight gets its first value. A subclass defines `__call__(shape, dtype)`."""

    def __call__(self, shape: Any, dtype: Any = None) -> np.ndarray:
        """Numbers as a layer that is made now would draw them for its first weight."""
        return _core.draw(self._identifier(), tuple(shape), str(np.dtype(dtype or "float32")))
