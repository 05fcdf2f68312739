"""Convolution, pooling and losses as functions."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew.keras.ops._dispatch import floating, graph_function, promote, value

_ops = _core.ops


def _each(number: Any, axes: int) -> list[int]:
    return [number] * axes if isinstance(number, int) else list(number)


def _padding(x: _core.Value, window: list[int], strides: list[int], dilation: list[int], padding: str) -> list[int]:
    if padding == "valid":
        return []
    if padding != "same":
        raise ValueError(f"padding is 'valid' or 'same', not {padding!r}")
    result: list[int] = []
    for axis, (cells, stride, rate) in enumerate(zip(window, strides, dilation)):
        result += _ops.same_padding(x.shape[axis + 1], cells, stride, rate)
    return result


@graph_function
def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    x, kernel = promote(floating(inputs), kernel)
    axes = x.ndim - 2
    strides, dilation = _each(strides, axes), _each(dilation_rate, axes)
    border = _padding(x, list(kernel.shape[:axes]), strides, dilation, padding)
    return _ops.conv(x, kernel, strides, border, dilation, x.shape[-1] // kernel.shape[-2])


def _pool(compute: Any, inputs: Any, pool_size: Any, strides: Any, padding: str) -> Any:
    x = floating(inputs)
    axes = x.ndim - 2
    window = _each(pool_size, axes)
    steps = window if strides is None else _each(strides, axes)
    return compute(x, window, steps, _padding(x, window, steps, [1] * axes, padding))


@graph_function
def max_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid") -> Any:
    return _pool(_ops.max_pool, inputs, pool_size, strides, padding)


@graph_function
def average_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid") -> Any:
    return _pool(_ops.average_pool, inputs, pool_size, strides, padding)


@graph_function
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
) -> Any:
    """(batch, steps, heads, width), as Keras has it."""
    q, k, v = (_ops.transpose(floating(x), [0, 2, 1, 3]) for x in (query, key, value))
    result = _ops.attention(q, k, v, mask, scale, is_causal)
    return _ops.transpose(result, [0, 2, 1, 3])


def _loss_values(class_name: str, target: Any, output: Any, **config: Any) -> Any:
    return _core.make_loss(class_name, config).values(value(target), floating(output))


@graph_function
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """One value an element."""
    shape = list(value(output).shape)
    flat = [*shape, 1]
    values = _loss_values(
        "BinaryCrossentropy",
        _ops.reshape(floating(target), flat),
        _ops.reshape(floating(output), flat),
        from_logits=from_logits,
    )
    return _ops.reshape(values, shape)


@graph_function
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    return _loss_values("CategoricalCrossentropy", floating(target), output, from_logits=from_logits)


@graph_function
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    return _loss_values("SparseCategoricalCrossentropy", target, output, from_logits=from_logits)


__all__ = [
    "average_pool", "binary_crossentropy", "categorical_crossentropy", "conv",
    "dot_product_attention", "max_pool", "sparse_categorical_crossentropy",
]
