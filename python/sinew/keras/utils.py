"""Keras's keras.utils."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from sinew import _core
from sinew.keras._data import unpack_x_y_sample_weight as unpack_x_y_sample_weight
from sinew.keras.saving import custom_object_scope as custom_object_scope
from sinew.keras.saving import get_custom_objects as get_custom_objects
from sinew.keras.saving import register_keras_serializable as register_keras_serializable


def set_random_seed(seed: int) -> None:
    """Of Sinew, NumPy and Python."""
    if not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ValueError(f"a seed is a whole number from 0 to 2^32 - 1, not {seed!r}")
    random.seed(seed)
    np.random.seed(seed)
    _core.set_random_seed(seed)


def clear_session() -> None:
    _core.clear_session()


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """Class numbers as one-hot rows."""
    x = np.asarray(x, dtype="int64")
    if x.ndim > 1 and x.shape[-1] == 1:
        x = x[..., 0]
    if num_classes is None:
        num_classes = int(x.max()) + 1
    if x.size and (x.min() < 0 or x.max() >= num_classes):
        raise ValueError(f"class numbers lie in [0, {num_classes}), but there are {x.min()} to {x.max()}")
    return np.eye(num_classes, dtype="float32")[x]


def normalize(x: Any, axis: int = -1, order: int = 2) -> np.ndarray:
    x = np.asarray(x)
    length = np.linalg.norm(x, order, axis, keepdims=True)
    return x / np.where(length == 0, 1, length)


class Sequence:
    """Base of data that gives its batches by number: `__len__` and `__getitem__`."""

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = workers

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def on_epoch_end(self) -> None:
        """Between epochs, as to shuffle."""

    def __iter__(self) -> Any:
        for index in range(len(self)):
            yield self[index]


PyDataset = Sequence


def plot_model(model: Any, to_file: str = "model.dot", show_shapes: bool = False, **unused: Any) -> None:
    """The layers as a graph in Graphviz's language."""
    import json

    lines = ["digraph model {", "  node [shape=box];"]
    config = json.loads(model.to_json())["config"]
    previous = None
    for entry in config["layers"]:
        name = entry["config"]["name"]
        lines.append(f'  "{name}" [label="{name}\\n{entry["class_name"]}"];')
        sources = _sources(entry.get("inbound_nodes"))
        if sources is None and previous is not None:
            sources = [previous]
        lines += [f'  "{source}" -> "{name}";' for source in sources or []]
        previous = name
    with open(to_file, "w", encoding="utf-8") as file:
        file.write("\n".join([*lines, "}"]) + "\n")


def _sources(nodes: Any) -> list[str] | None:
    if nodes is None:
        return None
    found: list[str] = []

    def look(item: Any) -> None:
        if isinstance(item, dict):
            if "keras_history" in item:
                found.append(item["keras_history"][0])
            for value in item.values():
                look(value)
        elif isinstance(item, list):
            for value in item:
                look(value)

    look(nodes)
    return found
