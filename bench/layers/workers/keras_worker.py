"""A layer in Keras on TensorFlow, its step compiled by XLA or not.

usage: python -m layers.workers.keras_worker jit|no-jit
"""

from __future__ import annotations

import gc
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np
import tensorflow as tf

from compare import exchange
from compare.workers.protocol import Request, Worker

JIT = sys.argv[1] == "jit"


class Layer:
    """Its output and gradients in one tf.function."""

    def __init__(self, request: Request) -> None:
        self.training: bool = request["training"]
        self.model = keras.models.model_from_json(request["config"])
        self.weights = exchange.load(request["weights"])
        self.load_weights()
        data = exchange.load(request["data"])
        count = len(self.model.inputs)
        self.inputs = [tf.constant(data[f"x{number}"]) for number in range(count)]
        self.upstream = tf.constant(data["upstream"])
        self.function = tf.function(self._step, jit_compile=JIT)

    def load_weights(self) -> None:
        layer = self.model.layers[-1]
        arrays = [self.weights[f"{layer.name}/{number}"] for number in range(len(layer.weights))]
        # By hand: a dropout's generator is no weight of Sinew's.
        for weight, array in zip(layer.weights, arrays):
            weight.assign(array)

    def _step(
        self, inputs: list[tf.Tensor], upstream: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        floating = [x for x in inputs if x.dtype.is_floating]
        with tf.GradientTape() as tape:
            tape.watch(floating)
            joined = inputs if len(inputs) > 1 else inputs[0]
            targets = [self.model(joined, training=self.training), *self.model.losses]
        sources = floating + [weight.value for weight in self.model.trainable_variables]
        ones = [tf.ones_like(loss) for loss in targets[1:]]
        slopes = tape.gradient(
            targets, sources, [upstream, *ones], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        # An embedding's is a list of rows; the others' are whole.
        return targets[0], [tf.convert_to_tensor(slope) for slope in slopes]

    def step(self) -> None:
        self.function(self.inputs, self.upstream)

    def check(self) -> dict[str, np.ndarray]:
        self.load_weights()
        output, slopes = self.function(self.inputs, self.upstream)
        names = [f"x{i}" for i, x in enumerate(self.inputs) if x.dtype.is_floating]
        layer = self.model.layers[-1]
        names += [f"{layer.name}/{i}" for i, weight in enumerate(layer.weights) if weight.trainable]
        return {"output": output.numpy()} | {
            name: slope.numpy() for name, slope in zip(names, slopes)
        }


def make(request: Request) -> tuple[Layer, str]:
    # What the case before has left.
    keras.backend.clear_session()
    gc.collect()
    return Layer(request), f"{keras.__version__} (TensorFlow {tf.__version__})"


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(int(os.environ["OMP_NUM_THREADS"]))
    tf.config.threading.set_inter_op_parallelism_threads(1)
    Worker(make).serve()
