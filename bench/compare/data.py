"""The data of the workloads: the same numbers in every run."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from compare.exchange import Arrays
from compare.workloads import PIPELINE_IMAGES, Workload


def batch(workload: Workload) -> Arrays:
    """Inputs "x" and targets "y" of one step."""
    network = workload.network
    random = np.random.default_rng(1)
    shape = (workload.batch, *network.input_shape)
    if network.classes == 0:
        target = (workload.batch, *network.output_shape)
        return {
            name: random.normal(0, 1, s).astype(np.float32)
            for name, s in (("x", shape), ("y", target))
        }
    x = random.uniform(0, 1, shape).astype(np.float32)
    labels = random.integers(0, network.classes, workload.batch)
    if workload.distinct is not None:
        repeated = np.arange(workload.batch) % workload.distinct
        x, labels = x[repeated], labels[repeated]
    if network.loss == "sparse_categorical_crossentropy":
        return {"x": x, "y": labels.astype(np.int64)}
    return {"x": x, "y": np.eye(network.classes, dtype=np.float32)[labels]}


def write_images(path: Path) -> None:
    """An IDX file of random images, as Fashion-MNIST's."""
    header = struct.pack(">IIII", 0x00000803, PIPELINE_IMAGES, 28, 28)
    pixels = np.random.default_rng(1).integers(0, 256, PIPELINE_IMAGES * 784, dtype=np.uint8)
    path.write_bytes(header + pixels.tobytes())
