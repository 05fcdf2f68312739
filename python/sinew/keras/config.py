"""Keras's keras.config."""

from __future__ import annotations

from sinew import _core

_floatx = "float32"
_epsilon = 1e-7


def floatx() -> str:
    """The floating type of layers and of the arrays that are given to models."""
    return _floatx


def set_floatx(value: str) -> None:
    global _floatx
    if value not in ("float32", "float64"):
        raise ValueError(f"floatx is 'float32' or 'float64', not {value!r}")
    _floatx = value
    _core.set_dtype_policy(value)


def epsilon() -> float:
    return _epsilon


def set_epsilon(value: float) -> None:
    global _epsilon
    _epsilon = float(value)


def image_data_format() -> str:
    return "channels_last"


def backend() -> str:
    return "sinew"


def set_dtype_policy(policy: str) -> None:
    """Of layers made from now on: "float32", "float64", "bfloat16" or "mixed_bfloat16"."""
    _core.set_dtype_policy(getattr(policy, "name", policy))


def dtype_policy() -> str:
    return _core.dtype_policy()
