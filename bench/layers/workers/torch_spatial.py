"""Convolution, pooling, and what changes the extents of images: inputs are channels first."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from layers.workers.torch_layers import (
    ACTIVATIONS,
    Equivalent,
    Given,
    Weight,
    function_of,
    maker,
)

RANKED = ("1D", "2D", "3D")


def every_rank(name: str) -> list[str]:
    return [name.replace("?", rank) for rank in RANKED]


def one(value: Any) -> int:
    """A number, or a list of the same one."""
    return value[0] if isinstance(value, (list, tuple)) else value


def _kernel(given: Given, number: int = 0) -> Weight:
    """(space…, inputs, outputs) to (outputs, inputs, space…); transposed ones swap them."""
    rank = given.rank
    return given.permuted(number, rank + 1, rank, *range(rank))


def _depthwise(given: Given) -> Weight:
    """(space…, channels, multiplier) to (channels × multiplier, 1, space…)."""
    rank = given.rank
    shape = given.arrays[0].shape

    def change(x: Tensor) -> Tensor:
        return x.permute(rank, rank + 1, *range(rank)).reshape(-1, 1, *shape[:rank])

    def back(x: Tensor) -> Tensor:
        channels_first = x.reshape(*shape[rank:], *shape[:rank])
        return channels_first.permute(*range(2, rank + 2), 0, 1)

    return given.reshaped(0, change, back)


@maker(*every_rank("Conv?"))
def convolution(given: Given) -> Equivalent:
    size, dilation = one(given.config["kernel_size"]), one(given.option("dilation_rate", 1))
    padding, stride = given.option("padding", "valid"), one(given.option("strides", 1))
    groups, convolve = given.option("groups", 1), given.function("conv{}d")
    activation = ACTIVATIONS[given.option("activation")]
    before = dilation * (size - 1) if padding == "causal" else 0
    # Strided and "same": what Keras adds falls unevenly, and is cut off where it is too much.
    extents = given.inputs[0].shape[1:-1]
    pads: list[int] = []
    if padding == "same" and stride > 1:
        for extent in reversed(extents):
            total = max((-(-extent // stride) - 1) * stride + size - extent, 0)
            pads += [total // 2, total - total // 2]
    elif before:
        pads = [before, 0]
    around = size // 2 * dilation if padding == "same" and stride == 1 else 0

    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        padded = F.pad(x[0], pads) if pads else x[0]
        return [activation(convolve(padded, w[0], w[1], stride, around, dilation, groups))]

    return Equivalent(forward, [_kernel(given), given.same(1)], channels_first=True)


@maker(*every_rank("Conv?Transpose"))
def transposed(given: Given) -> Equivalent:
    stride, convolve = one(given.config["strides"]), given.function("conv_transpose{}d")
    return Equivalent(
        lambda x, w: [convolve(x[0], w[0], w[1], stride)],
        [_kernel(given), given.same(1)],
        channels_first=True,
    )


@maker(*every_rank("DepthwiseConv?")[:2])
def depthwise(given: Given) -> Equivalent:
    stride, convolve = one(given.option("strides", 1)), given.function("conv{}d")
    padding = one(given.config["kernel_size"]) // 2 if given.option("padding") == "same" else 0
    channels = given.inputs[0].shape[-1]
    return Equivalent(
        lambda x, w: [convolve(x[0], w[0], w[1], stride, padding, 1, channels)],
        [_depthwise(given), given.same(1)],
        channels_first=True,
    )


@maker(*every_rank("SeparableConv?")[:2])
def separable(given: Given) -> Equivalent:
    padding, convolve = one(given.config["kernel_size"]) // 2, given.function("conv{}d")
    channels = given.inputs[0].shape[-1]

    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        each = convolve(x[0], w[0], None, 1, padding, 1, channels)
        return [convolve(each, w[1], w[2])]

    weights = [_depthwise(given), _kernel(given, 1), given.same(2)]
    return Equivalent(forward, weights, channels_first=True)


@maker(*every_rank("MaxPooling?"), *every_rank("AveragePooling?"))
def pooling(given: Given) -> Equivalent:
    kind = "max_pool{}d" if given.name.startswith("Max") else "avg_pool{}d"
    size, pool = one(given.config["pool_size"]), given.function(kind)
    stride = one(given.option("strides", size))
    return function_of(lambda x: pool(x, size, stride), channels_first=True)


@maker(*every_rank("GlobalMaxPooling?"), *every_rank("GlobalAveragePooling?"))
def global_pooling(given: Given) -> Equivalent:
    axes = tuple(range(2, given.rank + 2))
    reduce = torch.amax if "Max" in given.name else torch.mean
    return function_of(lambda x: reduce(x, axes), channels_first=True)


@maker(*every_rank("AdaptiveMaxPooling?"), *every_rank("AdaptiveAveragePooling?"))
def adaptive_pooling(given: Given) -> Equivalent:
    kind = "adaptive_max_pool{}d" if "Max" in given.name else "adaptive_avg_pool{}d"
    size, pool = one(given.config["output_size"]), given.function(kind)
    return function_of(lambda x: pool(x, size), channels_first=True)


@maker(*every_rank("UpSampling?"))
def up_sampling(given: Given) -> Equivalent:
    size, mode = one(given.config["size"]), given.option("interpolation", "nearest")
    align = None if mode == "nearest" else False
    return function_of(
        lambda x: F.interpolate(x, scale_factor=size, mode=mode, align_corners=align),
        channels_first=True,
    )


@maker(*every_rank("ZeroPadding?"))
def zero_padding(given: Given) -> Equivalent:
    pads = [one(given.config["padding"])] * 2 * given.rank
    return function_of(lambda x: F.pad(x, pads), channels_first=True)


@maker(*every_rank("Cropping?"))
def cropping(given: Given) -> Equivalent:
    """Of channels-last tensors: a slice has no need of another order."""
    cut = one(given.config["cropping"])
    part = (slice(None), *[slice(cut, -cut)] * given.rank)
    return function_of(lambda x: x[part].contiguous())
