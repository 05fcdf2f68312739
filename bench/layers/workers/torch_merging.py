"""Merging and reshaping."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from layers.workers.torch_layers import Equivalent, Given, function_of, maker


@maker("Add")
def add(given: Given) -> Equivalent:
    return Equivalent(lambda x, w: [x[0] + x[1] + x[2]], [])


@maker("Average")
def average(given: Given) -> Equivalent:
    return Equivalent(lambda x, w: [(x[0] + x[1] + x[2]) / 3], [])


@maker("Maximum")
def maximum(given: Given) -> Equivalent:
    return Equivalent(lambda x, w: [torch.maximum(torch.maximum(x[0], x[1]), x[2])], [])


@maker("Minimum")
def minimum(given: Given) -> Equivalent:
    return Equivalent(lambda x, w: [torch.minimum(torch.minimum(x[0], x[1]), x[2])], [])


@maker("Multiply")
def multiply(given: Given) -> Equivalent:
    return Equivalent(lambda x, w: [x[0] * x[1] * x[2]], [])


@maker("Subtract")
def subtract(given: Given) -> Equivalent:
    return Equivalent(lambda x, w: [x[0] - x[1]], [])


@maker("Concatenate")
def concatenate(given: Given) -> Equivalent:
    axis = given.option("axis", -1)
    return Equivalent(lambda x, w: [torch.cat(x, axis)], [])


@maker("Dot")
def dot(given: Given) -> Equivalent:
    """Of matrices, their features; of vectors, one number a pair."""

    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        a, b = x
        if given.option("normalize", False):
            a, b = F.normalize(a, dim=1), F.normalize(b, dim=1)
        if a.ndim == 2:
            return [(a * b).sum(1, keepdim=True)]
        return [torch.bmm(a, b.transpose(1, 2))]

    return Equivalent(forward, [])


@maker("Flatten")
def flatten(given: Given) -> Equivalent:
    return function_of(lambda x: x.flatten(1))


@maker("Reshape")
def reshape(given: Given) -> Equivalent:
    shape = given.config["target_shape"]
    return function_of(lambda x: x.reshape(x.shape[0], *shape))


@maker("Permute")
def permute(given: Given) -> Equivalent:
    """In row-major order, as the others have it, not as a view."""
    axes = [0, *given.config["dims"]]
    return function_of(lambda x: x.permute(axes).contiguous())


@maker("RepeatVector")
def repeat_vector(given: Given) -> Equivalent:
    count = given.config["n"]
    return function_of(lambda x: x[:, None].repeat(1, count, 1))
