"""Keras's layers as a user of PyTorch would write them: one op where there is one, else a few.

A maker gets Keras's config and the weights as torch tensors in Keras's layouts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

Config = dict[str, Any]
#: From inputs and weights to the output and, perhaps, losses.
Forward = Callable[[list[Tensor], list[Tensor]], list[Tensor]]
Change = Callable[[Tensor], Tensor]


def to_channels_first(x: Tensor) -> Tensor:
    return x.movedim(-1, 1) if x.ndim > 2 else x


def from_channels_first(x: Tensor) -> Tensor:
    return x.movedim(1, -1) if x.ndim > 2 else x


@dataclass
class Weight:
    """A weight in PyTorch's layout."""

    value: Tensor
    #: Keras's numbers of what it holds, and how to get their gradients from its.
    keras: dict[int, Change]
    trainable: bool = True

    def named_gradients(self, layer: str, gradient: Tensor) -> dict[str, Tensor]:
        return {f"{layer}/{number}": change(gradient) for number, change in self.keras.items()}


@dataclass
class Equivalent:
    forward: Forward
    weights: list[Weight]
    #: Whether inputs and outputs have channels behind the batch.
    channels_first: bool = False


@dataclass
class Given:
    """What a maker makes its layer of."""

    name: str
    config: Config
    arrays: list[Tensor]
    inputs: list[Tensor]

    @property
    def rank(self) -> int:
        """Of space: 2 for Conv2D."""
        named = re.search(r"(\d)D", self.name)
        return int(named[1]) if named else self.inputs[0].ndim - 2

    def option(self, name: str, default: Any = None) -> Any:
        value = self.config.get(name)
        return default if value is None else value

    def function(self, template: str) -> Any:
        """F.conv2d for "conv{}d"."""
        return getattr(F, template.format(self.rank))

    def same(self, number: int, trainable: bool = True) -> Weight:
        return Weight(self.arrays[number], {number: lambda x: x}, trainable)

    def reshaped(self, number: int, change: Change, back: Change) -> Weight:
        return Weight(change(self.arrays[number]), {number: back})

    def permuted(self, number: int, *axes: int) -> Weight:
        back = [axes.index(axis) for axis in range(len(axes))]
        return self.reshaped(number, lambda x: x.permute(axes), lambda x: x.permute(back))

    def matrix(self, number: int, rows: int) -> Weight:
        """A kernel whose first axes, with as many elements as `rows`, are a product's inputs."""
        shape = self.arrays[number].shape
        return self.reshaped(number, lambda x: x.reshape(rows, -1).T, lambda x: x.T.reshape(shape))


Maker = Callable[[Given], Equivalent]
MAKERS: dict[str, Maker] = {}


def maker(*names: str) -> Callable[[Maker], Maker]:
    def add(function: Maker) -> Maker:
        MAKERS.update(dict.fromkeys(names, function))
        return function

    return add


def make(name: str, config: Config, arrays: list[np.ndarray], inputs: list[Tensor]) -> Equivalent:
    """Throws KeyError for what has no equivalent."""
    if name not in MAKERS:
        raise KeyError(f"PyTorch has no {name}")
    return MAKERS[name](Given(name, config, [torch.tensor(array) for array in arrays], inputs))


def function_of(change: Change, channels_first: bool = False) -> Equivalent:
    """A layer with one input and no weights."""
    return Equivalent(lambda x, w: [change(x[0])], [], channels_first)


ACTIVATIONS: dict[str | None, Change] = {
    None: lambda x: x,
    "linear": lambda x: x,
    "relu": F.relu,
    "gelu": F.gelu,
    "silu": F.silu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softplus": F.softplus,
    "selu": F.selu,
    "exponential": torch.exp,
}


# Core and activation.


@maker("Dense")
def dense(given: Given) -> Equivalent:
    activation = ACTIVATIONS[given.option("activation")]
    return Equivalent(
        lambda x, w: [activation(F.linear(x[0], w[0], w[1]))],
        [given.permuted(0, 1, 0), given.same(1)],
    )


@maker("EinsumDense")
def einsum_dense(given: Given) -> Equivalent:
    equation = given.config["equation"]
    return Equivalent(
        lambda x, w: [torch.einsum(equation, x[0], w[0]) + w[1]], [given.same(0), given.same(1)]
    )


@maker("Embedding", "ReversibleEmbedding")
def embedding(given: Given) -> Equivalent:
    return Equivalent(lambda x, w: [F.embedding(x[0], w[0])], [given.same(0)])


@maker("Masking")
def masking(given: Given) -> Equivalent:
    return function_of(lambda x: x * (x != 0).any(-1, keepdim=True))


@maker("Identity")
def identity(given: Given) -> Equivalent:
    return function_of(lambda x: x.view_as(x))


@maker("Activation")
def activation(given: Given) -> Equivalent:
    return function_of(ACTIVATIONS[given.config["activation"]])


@maker("ReLU")
def relu(given: Given) -> Equivalent:
    slope, limit, threshold = (
        given.config[name] for name in ("negative_slope", "max_value", "threshold")
    )
    return function_of(
        lambda x: torch.where(x < threshold, slope * (x - threshold), x.clamp(max=limit))
    )


@maker("LeakyReLU")
def leaky_relu(given: Given) -> Equivalent:
    slope = given.option("negative_slope", 0.3)
    return function_of(lambda x: F.leaky_relu(x, slope))


@maker("ELU")
def elu(given: Given) -> Equivalent:
    return function_of(F.elu)


@maker("PReLU")
def prelu(given: Given) -> Equivalent:
    """One slope an element, which F.prelu does not have."""
    return Equivalent(lambda x, w: [x[0].clamp(min=0) + w[0] * x[0].clamp(max=0)], [given.same(0)])


@maker("Softmax")
def softmax(given: Given) -> Equivalent:
    return function_of(lambda x: F.softmax(x, -1))


# The families with files of their own join the table.
from layers.workers import (  # noqa: E402, F401
    torch_merging,
    torch_normalising,
    torch_sequences,
    torch_spatial,
)
