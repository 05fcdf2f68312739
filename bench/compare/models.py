"""The networks that are compared, each declared once, as Keras 3's JSON.

Sinew and Keras build their models from this text; the other systems' versions
(workers/torch_models.py, workers/onnx_models.py, libtorch/models.h) are written by hand, as their
users would, and checked against it. FLOPs are counted here for all: multiply-adds of convolutions,
products and recurrences, two a multiply-add.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Network:
    """A model's JSON, what it is trained on, and its arithmetic a sample."""

    kind: str
    config: str
    input_shape: tuple[int, ...]
    loss: str
    #: Classes, or 0 where the target has the output's shape.
    classes: int
    output_shape: tuple[int, ...]
    forward_flops: float
    #: What the first layer would spend on the gradient of the data, which nobody asks for.
    unneeded_flops: float

    def flops(self, batch: int, training: bool) -> float:
        one = 3 * self.forward_flops - self.unneeded_flops if training else self.forward_flops
        return batch * one


#: Layers that take their inputs as one list; the others, as attention by heads, take them one by one.
LISTS = ("Add", "AdditiveAttention", "Attention", "Average", "Concatenate", "Dot", "Maximum")
LISTS += ("Minimum", "Multiply", "Subtract")


class Builder:
    """Calls of layers, written as the nodes of a functional model."""

    def __init__(self, input_shape: tuple[int, ...], dtype: str = "float32") -> None:
        self.layers: list[dict[str, Any]] = []
        self.counts: dict[str, int] = {}
        self.inputs: list[str] = []
        self.first = self.input(input_shape, dtype)

    def input(self, shape: tuple[int, ...], dtype: str = "float32") -> str:
        config = {"batch_shape": [None, *shape], "dtype": dtype}
        self.inputs.append(self._append("InputLayer", [], config, "input"))
        return self.inputs[-1]

    def _append(self, kind: str, inputs: list[str], config: dict[str, Any], base: str) -> str:
        count = self.counts.get(base, 0)
        self.counts[base] = count + 1
        name = f"{base}_{count}"
        tensors = [
            {
                "class_name": "__keras_tensor__",
                "config": {"shape": [None], "dtype": "float32", "keras_history": [source, 0, 0]},
            }
            for source in inputs
        ]
        args = [tensors] if kind in LISTS else tensors
        self.layers.append(
            {
                "module": "keras.layers",
                "class_name": kind,
                "registered_name": None,
                "name": name,
                "config": {"name": name, **config},
                "inbound_nodes": [{"args": args, "kwargs": {}}] if inputs else [],
            }
        )
        return name

    def __call__(self, kind: str, *inputs: str, **config: Any) -> str:
        return self._append(kind, list(inputs), config, kind.lower())

    def finish(self, output: str) -> str:
        return json.dumps(
            {
                "module": "keras.src.models.functional",
                "class_name": "Functional",
                "registered_name": "Functional",
                "config": {
                    "name": "network",
                    "trainable": True,
                    "layers": self.layers,
                    "input_layers": [[name, 0, 0] for name in self.inputs],
                    "output_layers": [[output, 0, 0]],
                },
            }
        )


def conv_flops(side: int, kernel: int, inputs: int, outputs: int) -> float:
    return 2.0 * side * side * kernel * kernel * inputs * outputs


def cnn() -> Network:
    """The tutorial's convolutional network."""
    net = Builder((28, 28, 1))
    x = net("Conv2D", net.first, filters=32, kernel_size=[3, 3], activation="relu")
    x = net("MaxPooling2D", x, pool_size=[2, 2])
    x = net("Conv2D", x, filters=64, kernel_size=[3, 3], activation="relu")
    x = net("MaxPooling2D", x, pool_size=[2, 2])
    x = net("Flatten", x)
    x = net("Dense", x, units=128, activation="relu")
    x = net("Dense", x, units=10, activation="softmax")
    first = conv_flops(26, 3, 1, 32)
    forward = first + conv_flops(11, 3, 32, 64) + 2 * (1600 * 128 + 128 * 10)
    return Network(
        "cnn",
        net.finish(x),
        (28, 28, 1),
        "sparse_categorical_crossentropy",
        10,
        (10,),
        forward,
        first,
    )


def lstm(steps: int, features: int, classes: int) -> Network:
    """The tutorial's stacked LSTM."""
    net = Builder((steps, features))
    x = net.first
    for last in (False, False, True):
        x = net("LSTM", x, units=128, return_sequences=not last)
    x = net("Dense", x, units=classes, activation="softmax")
    first = 2.0 * steps * features * 512
    forward = first + 2.0 * steps * 512 * (128 * 5) + 2 * 128 * classes
    return Network(
        "lstm",
        net.finish(x),
        (steps, features),
        "categorical_crossentropy",
        classes,
        (classes,),
        forward,
        first,
    )


def mlp() -> Network:
    net = Builder((784,))
    x = net("Dense", net.first, units=512, activation="relu")
    x = net("Dense", x, units=512, activation="relu")
    x = net("Dense", x, units=10, activation="softmax")
    first = 2.0 * 784 * 512
    forward = first + 2.0 * (512 * 512 + 512 * 10)
    return Network(
        "mlp", net.finish(x), (784,), "sparse_categorical_crossentropy", 10, (10,), forward, first
    )


def resnet20() -> Network:
    """ResNet-20 (He et al. 2015, section 4.2), with 1 x 1 convolutions where the width grows."""
    net = Builder((32, 32, 3))

    def conv(x: str, filters: int, kernel: int, stride: int) -> str:
        return net(
            "Conv2D",
            x,
            filters=filters,
            kernel_size=[kernel, kernel],
            strides=[stride, stride],
            padding="same",
            use_bias=False,
        )

    def norm(x: str) -> str:
        return net("BatchNormalization", x, momentum=0.9, epsilon=1e-5)

    x = net("Activation", norm(conv(net.first, 16, 3, 1)), activation="relu")
    first = conv_flops(32, 3, 3, 16)
    forward, width = first, 16
    for filters, side in ((16, 32), (32, 16), (64, 8)):
        for _ in range(3):
            stride = filters // width
            y = net("Activation", norm(conv(x, filters, 3, stride)), activation="relu")
            y = norm(conv(y, filters, 3, 1))
            forward += conv_flops(side, 3, width, filters) + conv_flops(side, 3, filters, filters)
            if stride > 1:
                x = conv(x, filters, 1, stride)
                forward += conv_flops(side, 1, width, filters)
            x = net("Activation", net("Add", y, x), activation="relu")
            width = filters
    x = net("GlobalAveragePooling2D", x)
    x = net("Dense", x, units=10, activation="softmax")
    forward += 2.0 * 64 * 10
    return Network(
        "resnet20",
        net.finish(x),
        (32, 32, 3),
        "sparse_categorical_crossentropy",
        10,
        (10,),
        forward,
        first,
    )


TRANSFORMER_STEPS, TRANSFORMER_WIDTH, TRANSFORMER_HEADS, TRANSFORMER_LAYERS = 128, 256, 4, 4


def transformer() -> Network:
    """Encoder blocks, norms first (Xiong et al. 2020), trained by regression onto a sequence."""
    steps, width, heads = TRANSFORMER_STEPS, TRANSFORMER_WIDTH, TRANSFORMER_HEADS
    net = Builder((steps, width))
    x = net.first
    for _ in range(TRANSFORMER_LAYERS):
        y = net("LayerNormalization", x, epsilon=1e-5)
        y = net("MultiHeadAttention", y, y, num_heads=heads, key_dim=width // heads)
        x = net("Add", x, y)
        y = net("LayerNormalization", x, epsilon=1e-5)
        y = net("Dense", y, units=4 * width, activation="gelu")
        y = net("Dense", y, units=width)
        x = net("Add", x, y)
    x = net("LayerNormalization", x, epsilon=1e-5)
    block = 2.0 * steps * width * width * 12 + 2 * 2.0 * steps * steps * width
    return Network(
        "transformer",
        net.finish(x),
        (steps, width),
        "mean_squared_error",
        0,
        (steps, width),
        TRANSFORMER_LAYERS * block,
        0,
    )
