"""The networks as ONNX graphs, from weights in PyTorch's names and layouts."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from compare.exchange import Arrays
from compare.models import TRANSFORMER_HEADS, TRANSFORMER_LAYERS, TRANSFORMER_WIDTH

OPSET = 20


class Graph:
    """Nodes in the order in which they are called."""

    def __init__(self, weights: Arrays) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def __call__(self, op: str, *inputs: str, outputs: int = 1, **attributes: object) -> str:
        """The first of the results."""
        names = [f"value{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names[0]

    def constant(self, array: np.ndarray) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def weight(self, name: str) -> str:
        return self.constant(self.weights[name])

    def dense(self, x: str, name: str) -> str:
        """Of rank 2, or over the last of more axes."""
        product = self("MatMul", x, self.constant(self.weights[f"{name}.weight"].T))
        return self("Add", product, self.weight(f"{name}.bias"))

    def norm(self, x: str, name: str) -> str:
        return self(
            "LayerNormalization",
            x,
            self.weight(f"{name}.weight"),
            self.weight(f"{name}.bias"),
            axis=-1,
            epsilon=1e-5,
        )


def cnn(net: Graph, x: str) -> str:
    for layer in ("conv1", "conv2"):
        x = net("Relu", net("Conv", x, net.weight(f"{layer}.weight"), net.weight(f"{layer}.bias")))
        x = net("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net("Relu", net.dense(net("Flatten", x), "dense1"))
    return net("Softmax", net.dense(x, "dense2"))


def lstm(net: Graph, x: str) -> str:
    """ONNX's gates: input, output, forget, cell; PyTorch's: input, forget, cell, output."""

    def gates(name: str) -> np.ndarray:
        i, f, c, o = np.split(net.weights[name], 4)
        return np.concatenate([i, o, f, c])[np.newaxis]

    x = net("Transpose", x, perm=[1, 0, 2])
    for layer in range(3):
        bias = gates(f"lstm.bias_ih_l{layer}")
        x = net(
            "LSTM",
            x,
            net.constant(gates(f"lstm.weight_ih_l{layer}")),
            net.constant(gates(f"lstm.weight_hh_l{layer}")),
            net.constant(np.concatenate([bias, np.zeros_like(bias)], axis=1)),
            hidden_size=128,
        )
        x = net("Squeeze", x, net.constant(np.array([1])))
    x = net("Gather", x, net.constant(np.array(-1)), axis=0)
    return net("Softmax", net.dense(x, "dense"))


def attention(net: Graph, x: str, name: str, shape: tuple[int, ...]) -> str:
    batch, steps, width = shape
    heads, key = TRANSFORMER_HEADS, width // TRANSFORMER_HEADS
    split = net.constant(np.array([batch, steps, heads, key]))
    weights = np.split(net.weights[f"{name}.in_proj_weight"], 3)
    biases = np.split(net.weights[f"{name}.in_proj_bias"], 3)
    parts = []
    for part, order in enumerate(([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])):
        y = net("Add", net("MatMul", x, net.constant(weights[part].T)), net.constant(biases[part]))
        parts.append(net("Transpose", net("Reshape", y, split), perm=order))
    query, keys, values = parts
    scores = net("Mul", net("MatMul", query, keys), net.constant(np.float32(key**-0.5)))
    mixed = net("Transpose", net("MatMul", net("Softmax", scores), values), perm=[0, 2, 1, 3])
    return net.dense(net("Reshape", mixed, net.constant(np.array(shape))), f"{name}.out_proj")


def transformer(net: Graph, x: str, shape: tuple[int, ...]) -> str:
    for layer in range(TRANSFORMER_LAYERS):
        name = f"layers.{layer}"
        x = net("Add", x, attention(net, net.norm(x, f"{name}.norm1"), f"{name}.self_attn", shape))
        y = net("Gelu", net.dense(net.norm(x, f"{name}.norm2"), f"{name}.linear1"))
        x = net("Add", x, net.dense(y, f"{name}.linear2"))
    return net.norm(x, "norm")


def make(kind: str, weights: Arrays, shape: tuple[int, ...]) -> onnx.ModelProto:
    net = Graph(weights)
    if kind == "transformer":
        transformer(net, "x", shape)
        output_shape: list[int] = [shape[0], shape[1], TRANSFORMER_WIDTH]
    else:
        {"cnn": cnn, "lstm": lstm}[kind](net, "x")
        output_shape = [shape[0], len(weights["dense2.bias" if kind == "cnn" else "dense.bias"])]
    # What was called last is the result.
    net.nodes[-1].output[0] = "output"
    graph = helper.make_graph(
        net.nodes,
        kind,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, output_shape)],
        net.constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
