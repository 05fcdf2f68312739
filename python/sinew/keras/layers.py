"""Keras's keras.layers."""

from __future__ import annotations

from typing import Any, Callable

from sinew import _core
from sinew.keras import config as _config
from sinew.keras._generated.layers import *  # noqa: F403
from sinew.keras._layer import Layer as Layer
from sinew.keras._layer import layer_of as layer_of


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    name: str | None = None,
    batch_shape: Any = None,
    sparse: bool | None = None,
) -> _core.KerasTensor:
    """Where a model begins: the shape of a sample. Stateful layers need to know `batch_size`."""
    if batch_shape is not None:
        batch_size, *shape = batch_shape
    if shape is None:
        raise ValueError("Input() needs the shape of a sample, as in Input((28, 28, 1))")
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return _core.Input(shape, str(dtype or _config.floatx()), name or "", batch_size)


class InputLayer(Layer):
    """Input() as a layer, for Sequential."""

    _class_name = "InputLayer"

    def __init__(self, shape: Any = None, dtype: Any = None, name: str | None = None, **keywords: Any):
        batch_size = keywords.get("batch_size")
        if keywords.get("batch_shape") is not None:
            batch_size, *shape = keywords["batch_shape"]
        shape = keywords.get("input_shape") or shape
        tensor = Input(shape, batch_size, dtype=dtype, name=name)
        object.__setattr__(self, "_tensor", tensor)
        object.__setattr__(self, "_handle", tensor.layer)


class Lambda(Layer):
    """Any function as a layer; a model with one cannot be saved."""

    def __init__(self, function: Callable[..., Any], output_shape: Any = None, **keywords: Any) -> None:
        arguments = keywords.pop("arguments", None) or {}
        super().__init__(**keywords)
        self.function = function
        self.arguments = arguments

    def call(self, inputs: Any) -> Any:
        return self.function(inputs, **self.arguments)

    def get_config(self) -> dict[str, Any]:
        raise ValueError(
            f"layer {self.name!r} is a Lambda, a function of the program, and cannot be saved: "
            "write a class derived from Layer"
        )


def add(inputs: Any, **keywords: Any) -> Any:
    return Add(**keywords)(inputs)  # noqa: F405


def subtract(inputs: Any, **keywords: Any) -> Any:
    return Subtract(**keywords)(inputs)  # noqa: F405


def multiply(inputs: Any, **keywords: Any) -> Any:
    return Multiply(**keywords)(inputs)  # noqa: F405


def average(inputs: Any, **keywords: Any) -> Any:
    return Average(**keywords)(inputs)  # noqa: F405


def maximum(inputs: Any, **keywords: Any) -> Any:
    return Maximum(**keywords)(inputs)  # noqa: F405


def minimum(inputs: Any, **keywords: Any) -> Any:
    return Minimum(**keywords)(inputs)  # noqa: F405


def concatenate(inputs: Any, axis: int = -1, **keywords: Any) -> Any:
    return Concatenate(axis=axis, **keywords)(inputs)  # noqa: F405


def deserialize(config: dict[str, Any]) -> Layer:
    """A layer from {"class_name": …, "config": …}."""
    kind = globals().get(config["class_name"])
    if kind is None:
        return layer_of(_core.make_layer(config["class_name"], config["config"]))
    return kind.from_config(config["config"])


def serialize(layer: Layer) -> dict[str, Any]:
    return {"class_name": type(layer).__name__, "config": layer.get_config()}


# Keras's other names of the same classes.
MaxPool1D = MaxPooling1D  # noqa: F405
MaxPool2D = MaxPooling2D  # noqa: F405
MaxPool3D = MaxPooling3D  # noqa: F405
AvgPool1D = AveragePooling1D  # noqa: F405
AvgPool2D = AveragePooling2D  # noqa: F405
AvgPool3D = AveragePooling3D  # noqa: F405
GlobalMaxPool1D = GlobalMaxPooling1D  # noqa: F405
GlobalMaxPool2D = GlobalMaxPooling2D  # noqa: F405
GlobalAvgPool1D = GlobalAveragePooling1D  # noqa: F405
GlobalAvgPool2D = GlobalAveragePooling2D  # noqa: F405
Convolution1D = Conv1D  # noqa: F405
Convolution2D = Conv2D  # noqa: F405
Convolution3D = Conv3D  # noqa: F405
