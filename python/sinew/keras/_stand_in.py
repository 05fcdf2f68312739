"""Lets sinew.keras answer to the names keras, tensorflow and tensorflow.keras in this process."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import Any

_PREFIXES = ("tensorflow.keras", "tf_keras", "keras")


def _own_name(name: str) -> str | None:
    for prefix in _PREFIXES:
        if name == prefix or name.startswith(prefix + "."):
            return "sinew.keras" + name[len(prefix) :]
    return None


class _Alias(importlib.abc.Loader):
    """The module of ours, under another name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: Any) -> ModuleType:
        module = importlib.import_module(self.name)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name == "tensorflow":
            return importlib.machinery.ModuleSpec(name, _TensorFlow(), is_package=True)
        own = _own_name(name)
        if own is None:
            return None
        return importlib.machinery.ModuleSpec(name, _Alias(own))


class _TensorFlow(importlib.abc.Loader):
    """As much of tensorflow as scripts about Keras use."""

    def create_module(self, spec: Any) -> ModuleType:
        return ModuleType("tensorflow")

    def exec_module(self, module: ModuleType) -> None:
        from sinew import keras

        random = ModuleType("tensorflow.random")
        random.set_seed = keras.utils.set_random_seed  # type: ignore[attr-defined]
        module.__dict__.update(
            __version__="2.0 (sinew)", keras=keras, random=random, nn=keras.activations,
            __getattr__=_missing,
        )


def _missing(name: str) -> Any:
    raise AttributeError(
        f"tensorflow.{name} is not there: this is Sinew, which stands for tensorflow.keras only"
    )


def install() -> None:
    """From now on, in this process."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
