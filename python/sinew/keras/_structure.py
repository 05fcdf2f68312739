"""Tensors within nested lists, tuples and dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sinew import _core
from sinew.keras._variable import Variable


def is_tensor(x: Any) -> bool:
    if isinstance(x, (_core.KerasTensor, _core.Value, np.ndarray, Variable)):
        return True
    return hasattr(x, "__array__") or hasattr(x, "__dlpack__")


def flatten(structure: Any) -> list[Any]:
    """The tensors, in order; a list of numbers is one as well."""
    if is_tensor(structure):
        return [structure]
    if isinstance(structure, dict):
        return [tensor for value in structure.values() for tensor in flatten(value)]
    if isinstance(structure, (list, tuple)):
        if structure and _is_numbers(structure):
            return [np.asarray(structure)]
        return [tensor for item in structure for tensor in flatten(item)]
    return []


def _is_numbers(structure: Any) -> bool:
    if isinstance(structure, (list, tuple)):
        return bool(structure) and all(map(_is_numbers, structure))
    return isinstance(structure, (int, float)) and not isinstance(structure, bool)


def place(structure: Any, tensors: list[Any]) -> Any:
    """The structure with other tensors in the place of its own."""
    return _placed(structure, iter(tensors))


def _placed(structure: Any, rest: Iterator[Any]) -> Any:
    if is_tensor(structure) or structure is _HOLE:
        return next(rest)
    if isinstance(structure, dict):
        return {name: _placed(value, rest) for name, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        if structure and _is_numbers(structure):
            return next(rest)
        return type(structure)(_placed(item, rest) for item in structure)
    return structure


class _Hole:
    """Where a tensor stood."""


_HOLE = _Hole()


def holes(structure: Any) -> Any:
    return place(structure, [_HOLE] * len(flatten(structure)))


def pack_like(structure: Any, tensors: list[Any]) -> Any:
    """The tensors as the structure of holes has them."""
    return _placed(structure, iter(tensors))
