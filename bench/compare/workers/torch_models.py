"""The networks as a PyTorch user writes them. Parameters are named as layouts.py says."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from compare.models import TRANSFORMER_HEADS, TRANSFORMER_LAYERS, TRANSFORMER_WIDTH


class Cnn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dense1 = nn.Linear(1600, 128)
        self.dense2 = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.dense2(F.relu(self.dense1(x.flatten(1))))


class Lstm(nn.Module):
    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(features, 128, num_layers=3, batch_first=True)
        self.dense = nn.Linear(128, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.dense(self.lstm(x)[0][:, -1])


class Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.dense1 = nn.Linear(784, 512)
        self.dense2 = nn.Linear(512, 512)
        self.dense3 = nn.Linear(512, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.dense3(F.relu(self.dense2(F.relu(self.dense1(x)))))


class SameConv(nn.Conv2d):
    """Keras's "same": with a stride of 2 on an even extent, one row and column at the end only."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, padding, bias=False)
        self.at_end = kernel // 2 if stride > 1 else 0

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (0, self.at_end, 0, self.at_end)) if self.at_end else x)


def batch_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)


class Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = SameConv(inputs, outputs, 3, stride)
        self.norm1 = batch_norm(outputs)
        self.conv2 = SameConv(outputs, outputs, 3, 1)
        self.norm2 = batch_norm(outputs)
        self.shortcut = SameConv(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x))


class ResNet20(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = SameConv(3, 16, 3, 1)
        self.norm = batch_norm(16)
        widths = [16, 16, 16, 16, 32, 32, 32, 64, 64, 64]
        self.blocks = nn.Sequential(
            *(Block(i, o, 1 if i == o else 2) for i, o in zip(widths, widths[1:]))
        )
        self.dense = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(F.relu(self.norm(self.conv(x))))
        return self.dense(x.mean((2, 3)))


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                TRANSFORMER_WIDTH,
                TRANSFORMER_HEADS,
                4 * TRANSFORMER_WIDTH,
                dropout=0.0,
                activation="gelu",
                layer_norm_eps=1e-5,
                batch_first=True,
                norm_first=True,
            )
            for _ in range(TRANSFORMER_LAYERS)
        )
        self.norm = nn.LayerNorm(TRANSFORMER_WIDTH, eps=1e-5)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


def make(kind: str, input_shape: list[int], classes: int) -> nn.Module:
    """The network without its last softmax, which the loss contains."""
    if kind == "lstm":
        return Lstm(input_shape[-1], classes)
    return {"cnn": Cnn, "mlp": Mlp, "resnet20": ResNet20, "transformer": Transformer}[kind]()


def probabilities(kind: str, output: Tensor) -> Tensor:
    """What the network's users see."""
    return output if kind == "transformer" else torch.softmax(output, -1)
