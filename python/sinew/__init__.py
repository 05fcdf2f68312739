"""Sinew: Keras in C++. `sinew.keras` has Keras 3's names; models run as compiled programs."""

from __future__ import annotations

import importlib
from typing import Any

from sinew import _core
from sinew._core import (
    DTypeError,
    Error,
    FileError,
    InternalError,
    MemoryError,
    ShapeError,
    ValueError,
)

__version__: str = _core.__version__

__all__ = [
    "DTypeError",
    "Error",
    "FileError",
    "InternalError",
    "MemoryError",
    "ShapeError",
    "SinewClassifier",
    "SinewRegressor",
    "SummaryWriter",
    "ValueError",
    "__version__",
    "find_learning_rate",
    "gradients",
    "keras",
]


def __getattr__(name: str) -> Any:
    if name == "keras":
        return importlib.import_module("sinew.keras")
    if name == "SummaryWriter":
        return importlib.import_module("sinew.summary").SummaryWriter
    if name == "find_learning_rate":
        return importlib.import_module("sinew._learning_rate").find_learning_rate
    if name == "gradients":
        return importlib.import_module("sinew._gradients").gradients
    if name in ("SinewClassifier", "SinewRegressor"):
        return getattr(importlib.import_module("sinew.sklearn"), name)
    raise AttributeError(f"module 'sinew' has no attribute {name!r}")
