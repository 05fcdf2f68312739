"""What fit(), evaluate() and predict() are given: arrays, or anything that yields batches of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sinew.keras import config
from sinew.keras._structure import is_tensor
from sinew._arrays import as_array


def arrays(data: Any, role: str, names: list[str] | None = None) -> list[np.ndarray]:
    """One array an input or output, from an array, a list of them or a dictionary by names."""
    if data is None:
        return []
    floatx = config.floatx()
    if isinstance(data, Mapping) and not hasattr(data, "__array__"):
        return [as_array(item, f"{role}[{name!r}]", floatx) for name, item in _ordered(data, role, names)]
    if isinstance(data, (list, tuple)) and any(is_tensor(item) for item in data):
        return [as_array(item, f"{role}[{i}]", floatx) for i, item in enumerate(data)]
    return [as_array(data, role, floatx)]


def _ordered(
    data: Mapping[str, Any], role: str, names: list[str] | None
) -> list[tuple[str, Any]]:
    if names is None or len(names) != len(data):
        return list(data.items())
    missing = [name for name in names if name not in data]
    if missing:
        raise ValueError(f"{role} has no {missing[0]!r}; it has {sorted(data)}")
    return [(name, data[name]) for name in names]


def is_batches(data: Any) -> bool:
    """Whether it yields batches instead of being an array: a generator, a loader, a dataset."""
    if data is None or is_tensor(data) or isinstance(data, (list, tuple, Mapping, str)):
        return False
    return hasattr(data, "__iter__") or hasattr(data, "__next__") or hasattr(data, "__getitem__")


def passes(data: Any) -> Iterator[Iterator[Any]]:
    """One iterator an epoch; a generator's epochs go on where the last one ended."""
    if hasattr(data, "__next__"):
        while True:
            yield data
    while True:
        yield iter(data) if hasattr(data, "__iter__") else _items(data)
        if hasattr(data, "on_epoch_end"):
            data.on_epoch_end()


def _items(data: Any) -> Iterator[Any]:
    for index in range(len(data)):
        yield data[index]


def batch_count(data: Any, steps: int | None) -> int | None:
    if steps is not None:
        return int(steps)
    try:
        return len(data)
    except TypeError:
        return None


def unpack(batch: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight) of a batch as generators, tf.data and PyTorch's loaders give them."""
    if not isinstance(batch, (tuple, list)):
        return batch, None, None
    if len(batch) > 3 or not batch:
        raise ValueError(f"a batch is x, (x, y) or (x, y, sample_weight), not {len(batch)} things")
    return (*batch, None, None)[:3]  # type: ignore[return-value]


unpack_x_y_sample_weight = unpack
