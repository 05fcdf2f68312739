"""Keras's weights in PyTorch's names and layouts, and PyTorch's gradients back in Keras's.

Weights are called LAYER/NUMBER, as in get_weights(): `conv2d_0/0` is the first convolution's
kernel. Several of Keras's may make one of PyTorch's, one below the other (query, key and value).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

from compare.exchange import Arrays
from compare.models import TRANSFORMER_HEADS, TRANSFORMER_LAYERS, TRANSFORMER_WIDTH

Transform = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Entry:
    keras: str
    torch: str
    to_torch: Transform
    to_keras: Transform


def _same(array: np.ndarray) -> np.ndarray:
    return array


def _transposed(array: np.ndarray) -> np.ndarray:
    return array.T


def vector(keras: str, torch: str) -> Entry:
    return Entry(keras, torch, _same, _same)


def matrix(keras: str, torch: str) -> Entry:
    """(inputs, outputs) to (outputs, inputs): dense layers, and LSTMs, whose gates agree."""
    return Entry(keras, torch, _transposed, _transposed)


def dense(keras: str, torch: str) -> list[Entry]:
    return [matrix(f"{keras}/0", f"{torch}.weight"), vector(f"{keras}/1", f"{torch}.bias")]


def kernel(keras: str, torch: str) -> Entry:
    """(rows, columns, inputs, outputs) to (outputs, inputs, rows, columns)."""
    return Entry(keras, torch, lambda a: a.transpose(3, 2, 0, 1), lambda a: a.transpose(2, 3, 1, 0))


def flattened(keras: str, torch: str, rows: int, columns: int, channels: int) -> Entry:
    """A dense kernel behind Flatten: inputs are (rows, columns, channels), or channels first."""

    def to_torch(array: np.ndarray) -> np.ndarray:
        return (
            array.reshape(rows, columns, channels, -1)
            .transpose(3, 2, 0, 1)
            .reshape(array.shape[1], -1)
        )

    def to_keras(array: np.ndarray) -> np.ndarray:
        outputs = array.shape[0]
        return (
            array.reshape(outputs, channels, rows, columns)
            .transpose(2, 3, 1, 0)
            .reshape(-1, outputs)
        )

    return Entry(keras, torch, to_torch, to_keras)


def norm(keras: str, torch: str) -> list[Entry]:
    return [vector(f"{keras}/0", f"{torch}.weight"), vector(f"{keras}/1", f"{torch}.bias")]


def batch_norm(keras: str, torch: str) -> list[Entry]:
    return norm(keras, torch) + [
        vector(f"{keras}/2", f"{torch}.running_mean"),
        vector(f"{keras}/3", f"{torch}.running_var"),
    ]


def attention(keras: str, torch: str) -> list[Entry]:
    """Kernels (width, heads, key) to one (3 width, width), the output's to (width, width)."""
    width, heads = TRANSFORMER_WIDTH, TRANSFORMER_HEADS
    entries = []
    for part in range(3):
        entries.append(
            Entry(
                f"{keras}/{2 * part}",
                f"{torch}.in_proj_weight",
                lambda a: a.reshape(width, width).T,
                lambda a: a.T.reshape(width, heads, -1),
            )
        )
        entries.append(
            Entry(
                f"{keras}/{2 * part + 1}",
                f"{torch}.in_proj_bias",
                lambda a: a.reshape(width),
                lambda a: a.reshape(heads, -1),
            )
        )
    entries.append(
        Entry(
            f"{keras}/6",
            f"{torch}.out_proj.weight",
            lambda a: a.reshape(width, width).T,
            lambda a: a.T.reshape(heads, -1, width),
        )
    )
    entries.append(vector(f"{keras}/7", f"{torch}.out_proj.bias"))
    return entries


def cnn() -> list[Entry]:
    return [
        kernel("conv2d_0/0", "conv1.weight"),
        vector("conv2d_0/1", "conv1.bias"),
        kernel("conv2d_1/0", "conv2.weight"),
        vector("conv2d_1/1", "conv2.bias"),
        flattened("dense_0/0", "dense1.weight", 5, 5, 64),
        vector("dense_0/1", "dense1.bias"),
        *dense("dense_1", "dense2"),
    ]


def lstm() -> list[Entry]:
    entries = []
    for layer in range(3):
        entries.append(matrix(f"lstm_{layer}/0", f"lstm.weight_ih_l{layer}"))
        entries.append(matrix(f"lstm_{layer}/1", f"lstm.weight_hh_l{layer}"))
        entries.append(vector(f"lstm_{layer}/2", f"lstm.bias_ih_l{layer}"))
    return entries + dense("dense_0", "dense")


def mlp() -> list[Entry]:
    return dense("dense_0", "dense1") + dense("dense_1", "dense2") + dense("dense_2", "dense3")


def resnet20() -> list[Entry]:
    convolutions, norms = ["conv"], ["norm"]
    for block in range(9):
        convolutions += [f"blocks.{block}.conv1", f"blocks.{block}.conv2"]
        norms += [f"blocks.{block}.norm1", f"blocks.{block}.norm2"]
        if block in (3, 6):
            convolutions.append(f"blocks.{block}.shortcut")
    entries = [kernel(f"conv2d_{i}/0", f"{name}.weight") for i, name in enumerate(convolutions)]
    for i, name in enumerate(norms):
        entries += batch_norm(f"batchnormalization_{i}", name)
    return entries + dense("dense_0", "dense")


def transformer() -> list[Entry]:
    entries = []
    for layer in range(TRANSFORMER_LAYERS):
        torch = f"layers.{layer}"
        entries += norm(f"layernormalization_{2 * layer}", f"{torch}.norm1")
        entries += attention(f"multiheadattention_{layer}", f"{torch}.self_attn")
        entries += norm(f"layernormalization_{2 * layer + 1}", f"{torch}.norm2")
        entries += dense(f"dense_{2 * layer}", f"{torch}.linear1")
        entries += dense(f"dense_{2 * layer + 1}", f"{torch}.linear2")
    return entries + norm(f"layernormalization_{2 * TRANSFORMER_LAYERS}", "norm")


ENTRIES: dict[str, Callable[[], list[Entry]]] = {
    "cnn": cnn,
    "lstm": lstm,
    "mlp": mlp,
    "resnet20": resnet20,
    "transformer": transformer,
}


def to_torch(kind: str, weights: Arrays) -> Arrays:
    parts: dict[str, list[np.ndarray]] = {}
    for entry in ENTRIES[kind]():
        parts.setdefault(entry.torch, []).append(entry.to_torch(weights[entry.keras]))
    result = {name: np.ascontiguousarray(np.concatenate(some)) for name, some in parts.items()}
    # PyTorch's LSTMs add a second bias, which Keras's do not have.
    for name in list(result):
        if "bias_ih" in name:
            result[name.replace("bias_ih", "bias_hh")] = np.zeros_like(result[name])
    return result


def to_keras(kind: str, gradients: Arrays) -> Arrays:
    """The gradients that are there; running statistics have none."""
    entries = [entry for entry in ENTRIES[kind]() if entry.torch in gradients]
    shares = {name: [entry for entry in entries if entry.torch == name] for name in gradients}
    result = {}
    for name, owners in shares.items():
        for entry, part in zip(owners, np.split(gradients[name], len(owners)) if owners else []):
            result[entry.keras] = np.ascontiguousarray(entry.to_keras(part))
    return result
