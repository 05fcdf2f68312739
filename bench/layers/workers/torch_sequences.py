"""Attention and recurrent layers."""

from __future__ import annotations

from typing import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from layers.workers.torch_layers import (
    MAKERS,
    Equivalent,
    Given,
    Weight,
    from_channels_first,
    maker,
    to_channels_first,
)


@maker("Attention")
def attention(given: Given) -> Equivalent:
    return Equivalent(
        lambda x, w: [F.scaled_dot_product_attention(x[0], x[1], x[1], scale=1.0)], []
    )


@maker("AdditiveAttention")
def additive_attention(given: Given) -> Equivalent:
    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        query, value = x
        scores = (w[0] * torch.tanh(query[:, :, None] + value[:, None])).sum(-1)
        return [torch.softmax(scores, -1) @ value]

    return Equivalent(forward, [given.same(0)])


@maker("MultiHeadAttention", "GroupQueryAttention")
def heads(given: Given) -> Equivalent:
    """Query, key, value and output: each a kernel (features, heads, width) and a bias."""
    width = given.inputs[0].shape[-1]
    weights = []
    for number in (0, 2, 4):
        bias = given.arrays[number + 1].shape
        weights.append(given.matrix(number, width))
        weights.append(
            given.reshaped(number + 1, torch.flatten, lambda x, shape=bias: x.reshape(shape))
        )
    query_heads, size = given.arrays[0].shape[1:]
    repeats = query_heads // given.arrays[2].shape[1]
    weights += [given.matrix(6, query_heads * size), given.same(7)]

    def split(x: Tensor) -> Tensor:
        return x.unflatten(-1, (-1, size)).transpose(1, 2)

    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        query = split(F.linear(x[0], w[0], w[1]))
        key, value = split(F.linear(x[1], w[2], w[3])), split(F.linear(x[1], w[4], w[5]))
        if repeats > 1:
            key, value = (one.repeat_interleave(repeats, dim=1) for one in (key, value))
        found = F.scaled_dot_product_attention(query, key, value)
        return [F.linear(found.transpose(1, 2).flatten(2), w[6], w[7])]

    return Equivalent(forward, weights)


# Recurrent layers: PyTorch's modules, which read the weights that are handed to them.


def _gates(order: list[int]) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
    """To PyTorch's order of the gates along the last axis, and back."""

    def take(x: Tensor, places: list[int]) -> Tensor:
        parts = x.chunk(len(places), -1)
        return torch.cat([parts[place] for place in places], -1)

    back = [order.index(place) for place in range(len(order))]
    return lambda x: take(x, order), lambda x: take(x, back)


#: Keras's GRU has update, reset, new; PyTorch's reset, update, new.
ORDERS = {"LSTM": [0, 1, 2, 3], "GRU": [1, 0, 2], "SimpleRNN": [0]}
MODULES = {"LSTM": nn.LSTM, "GRU": nn.GRU, "SimpleRNN": nn.RNN}


def _cell(given: Given, kind: str, first: int) -> list[Weight]:
    """The kernels and the bias of one cell."""
    to, back = _gates(ORDERS[kind])
    kernels = [
        given.reshaped(number, lambda x: to(x).T, lambda x: back(x.T))
        for number in (first, first + 1)
    ]
    return [*kernels, given.reshaped(first + 2, to, back)]


def _recurrent(
    given: Given, kind: str, units: int, layers: int, both: bool, sequences: bool
) -> Equivalent:
    features = given.inputs[0].shape[-1]
    module = MODULES[kind](features, units, layers, batch_first=True, bidirectional=both)
    cells = layers * (1 + both)
    weights = [weight for cell in range(cells) for weight in _cell(given, kind, 3 * cell)]

    def biases(bias: Tensor) -> tuple[Tensor, ...]:
        """PyTorch has two: Keras's GRU too, the others have one."""
        return bias.unbind(0) if bias.ndim == 2 else (bias, torch.zeros_like(bias))

    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        named = {}
        for cell, names in enumerate(module._all_weights):
            kernel, recurrent, bias = w[3 * cell : 3 * cell + 3]
            named |= dict(zip(names, (kernel, recurrent, *biases(bias))))
        output = torch.func.functional_call(module, named, (x[0],))[0]
        return [output if sequences else output[:, -1]]

    return Equivalent(forward, weights)


@maker("LSTM", "GRU", "SimpleRNN")
def recurrent(given: Given) -> Equivalent:
    sequences = given.option("return_sequences", False)
    return _recurrent(given, given.name, given.config["units"], 1, False, sequences)


@maker("RNN")
def stacked(given: Given) -> Equivalent:
    cells = given.config["cell"]["config"]["cells"]
    kind, units = cells[0]["class_name"].removesuffix("Cell"), cells[0]["config"]["units"]
    return _recurrent(given, kind, units, len(cells), False, given.config["return_sequences"])


@maker("Bidirectional")
def bidirectional(given: Given) -> Equivalent:
    inner = given.config["layer"]
    config = inner["config"]
    return _recurrent(
        given, inner["class_name"], config["units"], 1, True, config["return_sequences"]
    )


@maker("TimeDistributed")
def time_distributed(given: Given) -> Equivalent:
    """All steps as one batch."""
    inner = given.config["layer"]
    flat = [given.inputs[0].flatten(0, 1)]
    layer = MAKERS[inner["class_name"]](
        Given(inner["class_name"], inner["config"], given.arrays, flat)
    )

    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        steps = x[0].shape[1]
        samples = x[0].flatten(0, 1)
        if layer.channels_first:
            samples = to_channels_first(samples)
        (output,) = layer.forward([samples], w)
        if layer.channels_first:
            output = from_channels_first(output)
        return [output.unflatten(0, (-1, steps))]

    return Equivalent(forward, layer.weights)


@maker("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def conv_lstm(given: Given) -> Equivalent:
    """PyTorch has none: the inputs' convolutions as one, then step by step."""
    rank, convolve = given.rank, given.function("conv{}d")
    padding = given.config["kernel_size"] // 2
    axes = (rank + 1, rank, *range(rank))
    weights = [given.permuted(0, *axes), given.permuted(1, *axes), given.same(2)]
    last = rank + 1

    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        batch, steps = x[0].shape[:2]
        flat = x[0].flatten(0, 1).movedim(-1, 1)
        inputs = convolve(flat, w[0], w[2], 1, padding).unflatten(0, (batch, steps))
        hidden = cell = torch.zeros_like(inputs[:, 0]).chunk(4, 1)[0]
        outputs = []
        for step in range(steps):
            gates = inputs[:, step] + convolve(hidden, w[1], None, 1, padding)
            enter, forget, new, leave = gates.chunk(4, 1)
            cell = torch.sigmoid(forget) * cell + torch.sigmoid(enter) * torch.tanh(new)
            hidden = torch.sigmoid(leave) * torch.tanh(cell)
            outputs.append(hidden)
        return [torch.stack(outputs, 1).movedim(2, last + 1)]

    return Equivalent(forward, weights)
