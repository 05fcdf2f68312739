"""An epoch of images through tf.data, the pipeline that Keras recommends."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from compare.workers.protocol import Request


class Pipeline:
    def __init__(self, request: Request) -> None:
        self.path: str = request["images"]
        self.batch: int = request["batch"]

    def step(self) -> float:
        pixels = np.fromfile(self.path, np.uint8, offset=16).reshape(-1, 28, 28)
        # Batches are gathered as bytes and scaled then: a quarter of the memory traffic.
        data = (
            tf.data.Dataset.from_tensor_slices(pixels)
            .shuffle(len(pixels))
            .batch(self.batch)
            .map(
                lambda batch: tf.cast(batch, tf.float32) / 255.0,
                num_parallel_calls=tf.data.AUTOTUNE,
            )
            .prefetch(tf.data.AUTOTUNE)
        )
        total = 0.0
        for batch in data.as_numpy_iterator():
            total += float(batch[:, 0, 0].sum())
        return total

    check = step
