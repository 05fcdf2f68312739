"""Derivatives as Values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sinew import _core
from sinew.keras.ops._dispatch import value


def gradients(target: Any, sources: Sequence[Any], cotangent: Any = None) -> list[_core.Value]:
    """Gradients of sum(target * cotangent) with respect to `sources`, Values or weights, in the call
    of a layer, loss or metric; no `cotangent` means ones. They are Values like others, which a loss
    may hold and training differentiates again; where `target` does not depend on a source, zeros."""
    target = value(target)
    along = None if cotangent is None else value(cotangent, target)
    return _core.gradients(target, [value(source) for source in sources], along)
