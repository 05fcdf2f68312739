"""Keras on TensorFlow, its step compiled by XLA or not.

usage: python -m compare.workers.keras_worker jit|no-jit
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np
import tensorflow as tf

from compare import exchange
from compare.workers.keras_pipeline import Pipeline
from compare.workers.protocol import Request, Worker

JIT = sys.argv[1] == "jit"


class Network:
    """A model whose step is Keras's train_step in one tf.function: fit() without its loop."""

    def __init__(self, request: Request) -> None:
        self.training: bool = request["training"]
        self.model = keras.models.model_from_json(request["config"])
        self.weights = exchange.load(request["weights"])
        self.load_weights()
        data = exchange.load(request["data"])
        self.x, self.y = tf.constant(data["x"]), tf.constant(data["y"])
        self.model.compile(
            optimizer=keras.optimizers.Adam(1e-3), loss=request["loss"], jit_compile=JIT
        )
        self.model.optimizer.build(self.model.trainable_variables)
        self.train = tf.function(self.model.train_step, jit_compile=JIT)
        self.predict = tf.function(self._predict, jit_compile=JIT)
        self.gradients = tf.function(self._gradients, jit_compile=JIT)

    def load_weights(self) -> None:
        for layer in self.model.layers:
            count = len(layer.weights)
            layer.set_weights([self.weights[f"{layer.name}/{number}"] for number in range(count)])

    def _predict(self, x: tf.Tensor) -> tf.Tensor:
        return self.model(x, training=False)

    def _gradients(self, x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            loss = self.model.compute_loss(x, y, self.model(x, training=True))
        return loss, tape.gradient(
            loss, [variable.value for variable in self.model.trainable_variables]
        )

    def step(self) -> None:
        if self.training:
            self.train((self.x, self.y))
        else:
            self.predict(self.x)

    def check(self) -> dict[str, np.ndarray]:
        self.load_weights()
        result = {"output": self.predict(self.x).numpy()}
        if self.training:
            loss, gradients = self.gradients(self.x, self.y)
            result["loss"] = loss.numpy()
            names = {
                id(weight): f"{layer.name}/{number}"
                for layer in self.model.layers
                for number, weight in enumerate(layer.weights)
            }
            for variable, gradient in zip(self.model.trainable_variables, gradients):
                result[names[id(variable)]] = gradient.numpy()
        return result


def make(request: Request) -> tuple[Any, str]:
    tf.config.threading.set_intra_op_parallelism_threads(request["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(1)
    task = Pipeline(request) if request["kind"] == "pipeline" else Network(request)
    return task, f"{keras.__version__} (TensorFlow {tf.__version__})"


if __name__ == "__main__":
    Worker(make).serve()
