"""Shape, order and selection."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sinew import _core
from sinew.keras.config import floatx
from sinew.keras.ops._dispatch import graph_function, value

_ops = _core.ops


def shape(x: Any) -> tuple[int, ...]:
    return tuple(getattr(x, "shape", None) or np.shape(x))


@graph_function
def reshape(x: Any, newshape: Any) -> Any:
    newshape = [newshape] if isinstance(newshape, int) else list(newshape)
    return _ops.reshape(value(x), newshape)


@graph_function
def ravel(x: Any) -> Any:
    return _ops.reshape(value(x), [-1])


@graph_function
def transpose(x: Any, axes: Any = None) -> Any:
    return _ops.transpose(value(x), list(axes or []))


@graph_function
def moveaxis(x: Any, source: int, destination: int) -> Any:
    x = value(x)
    order = [axis for axis in range(x.ndim) if axis != source % x.ndim]
    order.insert(destination % x.ndim, source % x.ndim)
    return _ops.transpose(x, order)


@graph_function
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    x = value(x)
    order = list(range(x.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return _ops.transpose(x, order)


@graph_function
def expand_dims(x: Any, axis: int) -> Any:
    return _ops.expand_dims(value(x), axis)


@graph_function
def squeeze(x: Any, axis: Any = None) -> Any:
    x = value(x)
    if axis is None:
        axis = [i for i, extent in enumerate(x.shape) if extent == 1]
    axes = [axis] if isinstance(axis, int) else list(axis)
    for one in sorted((a % x.ndim for a in axes), reverse=True):
        x = _ops.squeeze(x, one)
    return x


@graph_function
def broadcast_to(x: Any, shape: Any) -> Any:
    return _ops.broadcast_to(value(x), list(shape))


@graph_function
def concatenate(xs: Any, axis: int = 0) -> Any:
    return _ops.concatenate([value(x) for x in xs], axis)


@graph_function
def stack(x: Any, axis: int = 0) -> Any:
    return _ops.stack([value(item) for item in x], axis)


@graph_function
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    x = value(x)
    extent = x.shape[axis]
    if isinstance(indices_or_sections, int):
        if extent % indices_or_sections:
            raise ValueError(
                f"an axis of {extent} cannot be split into {indices_or_sections} equal parts"
            )
        step = extent // indices_or_sections
        bounds = list(range(step, extent, step))
    else:
        bounds = list(indices_or_sections)
    edges = [0, *bounds, extent]
    return [_ops.slice(x, axis, a, b, 1) for a, b in zip(edges, edges[1:])]


@graph_function
def flip(x: Any, axis: Any = None) -> Any:
    x = value(x)
    axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    return _ops.flip(x, list(axes))


@graph_function
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0.0) -> Any:
    if mode != "constant":
        raise ValueError(f"pad() knows mode 'constant', not {mode!r}")
    x = value(x)
    widths = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2))
    before, after = widths[:, 0].tolist(), widths[:, 1].tolist()
    return _ops.pad(x, before, after, float(constant_values or 0.0))


@graph_function
def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    x = value(x)
    if axis is None:
        x, axis = _ops.reshape(x, [-1]), 0
    indices = value(np.asarray(indices) if not isinstance(indices, _core.Value) else indices)
    axis %= x.ndim
    if axis == 0:
        return _ops.gather(x, indices)
    order = [axis, *(a for a in range(x.ndim) if a != axis)]
    found = _ops.gather(_ops.transpose(x, order), indices)
    rank = indices.ndim
    back = [*range(rank, rank + axis), *range(rank), *range(rank + axis, found.ndim)]
    return _ops.transpose(found, back)


@graph_function
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    x = value(x)
    x = x if "int" in x.dtype else _ops.cast(x, "int64")
    hot = _ops.one_hot(x, num_classes, dtype or floatx())
    return hot if axis in (-1, hot.ndim - 1) else moveaxis(hot, -1, axis)


@graph_function
def repeat(x: Any, repeats: int, axis: int | None = None) -> Any:
    x = value(x)
    if axis is None:
        x, axis = _ops.reshape(x, [-1]), 0
    axis %= x.ndim
    spread = _ops.expand_dims(x, axis + 1)
    extents = list(spread.shape)
    extents[axis + 1] = repeats
    final = list(x.shape)
    final[axis] *= repeats
    return _ops.reshape(_ops.broadcast_to(spread, extents), final)


@graph_function
def tile(x: Any, repeats: Any) -> Any:
    x = value(x)
    repeats = [repeats] if isinstance(repeats, int) else list(repeats)
    repeats = [1] * (x.ndim - len(repeats)) + repeats
    for axis, count in enumerate(repeats):
        if count > 1:
            x = _ops.concatenate([x] * count, axis)
    return x


@graph_function
def full(shape: Any, fill_value: float, dtype: Any = None) -> Any:
    shape = [shape] if isinstance(shape, int) else list(shape)
    return _ops.full(shape, float(fill_value), dtype or floatx())


def zeros(shape: Any, dtype: Any = None) -> Any:
    return full(shape, 0.0, dtype)


def ones(shape: Any, dtype: Any = None) -> Any:
    return full(shape, 1.0, dtype)


@graph_function
def full_like(x: Any, fill_value: float, dtype: Any = None) -> Any:
    x = value(x)
    return _ops.full(list(x.shape), float(fill_value), dtype or x.dtype)


@graph_function
def arange(start: float, stop: float | None = None, step: float = 1, dtype: Any = None) -> Any:
    if stop is None:
        start, stop = 0, start
    whole = all(isinstance(x, int) for x in (start, stop, step))
    dtype = dtype or ("int32" if whole else floatx())
    numbers = _ops.arange(max(0, math.ceil((stop - start) / step)), dtype)
    if step != 1:
        numbers = _ops.multiply(numbers, _ops.scalar_like(numbers, float(step)))
    return _ops.add(numbers, _ops.scalar_like(numbers, float(start))) if start else numbers


@graph_function
def get_item(x: Any, key: Any) -> Any:
    """x[key] for numbers, slices, None and an ellipsis."""
    x = value(x)
    keys = list(key) if isinstance(key, tuple) else [key]
    used = sum(1 for k in keys if k is not None and k is not Ellipsis)
    if used > x.ndim:
        raise IndexError(f"{used} indices for a tensor of shape {x.shape}")
    if Ellipsis in keys:
        at = keys.index(Ellipsis)
        keys[at : at + 1] = [slice(None)] * (x.ndim - used)
    axis = 0
    for one in keys:
        if one is None:
            x = _ops.expand_dims(x, axis)
            axis += 1
        elif isinstance(one, slice):
            x = _sliced(x, axis, one)
            axis += 1
        elif isinstance(one, (int, np.integer)):
            x = _ops.select(x, axis, int(one))
        else:
            raise TypeError(f"a tensor is indexed by numbers and slices, not {one!r}: see take()")
    return x


def _sliced(x: _core.Value, axis: int, part: slice) -> _core.Value:
    if part == slice(None):
        return x
    begin, end, step = part.indices(x.shape[axis])
    if step > 0:
        return _ops.slice(x, axis, begin, max(begin, end), step)
    if step == -1 and begin == x.shape[axis] - 1 and end == -1:
        return _ops.flip(x, [axis])
    raise ValueError(f"a slice of step {step} is not supported: use flip()")


__all__ = [
    "arange", "broadcast_to", "concatenate", "expand_dims", "flip", "full", "full_like", "get_item",
    "moveaxis", "one_hot", "ones", "pad", "ravel", "repeat", "reshape", "shape", "split", "squeeze",
    "stack", "swapaxes", "take", "tile", "transpose", "zeros",
]
