"""Arguments that every layer takes."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from sinew import _core
from sinew.keras._names import nearest

TAKEN = ("name", "trainable", "dtype", "input_shape", "batch_input_shape", "batch_shape", "input_dim")


def required(function: Any) -> list[str]:
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind in positional and parameter.default is parameter.empty
    ]


def policy(dtype: Any) -> str:
    name = getattr(dtype, "name", dtype)
    return name if isinstance(name, str) else np.dtype(dtype).name


def common_config(kind: str, keywords: dict[str, Any]) -> dict[str, Any]:
    """Arguments of every layer, as configs name them."""
    unknown = [name for name in keywords if name not in TAKEN]
    if unknown:
        raise TypeError(f"{kind}() got an unexpected argument {nearest(unknown[0], TAKEN)}")
    config = {name: keywords[name] for name in ("name", "trainable") if keywords.get(name) is not None}
    if keywords.get("dtype") is not None:
        config["dtype"] = policy(keywords["dtype"])
    else:
        config["dtype"] = _core.dtype_policy()
    shape = keywords.get("input_shape")
    batch = keywords.get("batch_input_shape") or keywords.get("batch_shape")
    if batch is not None:
        shape = tuple(batch)[1:]
        config["batch_shape"] = list(batch)
    elif keywords.get("input_dim") is not None:
        shape = (keywords["input_dim"],)
    if shape is not None:
        config["input_shape"] = [shape] if isinstance(shape, int) else list(shape)
    return config
