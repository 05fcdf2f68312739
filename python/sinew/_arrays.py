"""What users give as arrays, as arrays that Sinew reads: without a copy where they are that already."""

from __future__ import annotations

from typing import Any

import numpy as np

_INTEGERS = {"i1": "int32", "i2": "int32", "u2": "int32", "u4": "int64"}


def _plain(value: Any, name: str) -> np.ndarray:
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array: fill it first, as by .filled(0)")
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if hasattr(value, "detach"):
        value = value.detach()
    if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
        return np.from_dlpack(value)
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is no array: {error}") from None


def _checked_unsigned(array: np.ndarray, name: str) -> np.ndarray:
    if array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} holds {array.max()}, which is too large for int64")
    return array.astype(np.int64)


def _readable(array: np.ndarray, name: str, floatx: str | None) -> np.ndarray:
    kind = array.dtype.kind
    if kind == "O":
        raise TypeError(
            f"{name} is an array of Python objects (dtype object): make it one of numbers, "
            "as by np.asarray(…, dtype='float32'); rows of different lengths must be padded first"
        )
    if kind not in "bfiu":
        raise TypeError(f"{name} is an array of dtype {array.dtype}: Sinew takes numbers and bools")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if kind == "f":
        wanted = floatx or ("float64" if array.dtype.itemsize == 8 else "float32")
        return array.astype(wanted, copy=False)
    if kind == "u" and array.dtype.itemsize == 8:
        return _checked_unsigned(array, name)
    return array.astype(_INTEGERS.get(array.dtype.str[1:], array.dtype), copy=False)


def as_array(value: Any, name: str = "the array", floatx: str | None = None) -> np.ndarray:
    """Row-major, aligned, of a dtype that Sinew has; floats as `floatx`, by default as they are
    (float16 as float32). Raises TypeError for what are no numbers."""
    array = _readable(_plain(value, name), name, floatx)
    if array.flags.c_contiguous and array.flags.aligned:
        return array
    return array.copy(order="C")
