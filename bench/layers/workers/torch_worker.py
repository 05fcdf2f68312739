"""A layer in PyTorch: eager, with channels-last inputs and weights, or compiled.

usage: python -m layers.workers.torch_worker eager|channels-last|compile
"""

from __future__ import annotations

import json
import sys

import numpy as np
import torch

from compare import exchange
from compare.workers.protocol import Request, Worker
from layers.workers import torch_layers
from layers.workers.torch_layers import from_channels_first, to_channels_first

MODE = sys.argv[1]


class Layer:
    def __init__(self, request: Request) -> None:
        config = json.loads(request["config"])["config"]["layers"][-1]
        self.name: str = config["name"]
        weights = exchange.load(request["weights"])
        arrays = [weights[f"{self.name}/{number}"] for number in range(len(weights))]
        data = {name: torch.tensor(array) for name, array in exchange.load(request["data"]).items()}
        inputs = [data[f"x{number}"] for number in range(len(data) - 1)]
        self.layer = torch_layers.make(config["class_name"], config["config"], arrays, inputs)
        self.inputs = [self._laid_out(x) for x in inputs]
        self.upstream = self._laid_out(data["upstream"])
        self.parameters = [self._formatted(weight.value) for weight in self.layer.weights]
        self.floating = [x for x in self.inputs if x.is_floating_point()]
        self.trained = [
            (number, weight, parameter)
            for number, (weight, parameter) in enumerate(zip(self.layer.weights, self.parameters))
            if weight.trainable
        ]
        self.sources = [*self.floating, *(parameter for _, _, parameter in self.trained)]
        for source in self.sources:
            source.requires_grad_()
        if MODE == "compile":
            torch.compiler.reset()
        forward = self.layer.forward
        self.forward = torch.compile(forward, dynamic=False) if MODE == "compile" else forward

    def _laid_out(self, x: torch.Tensor) -> torch.Tensor:
        return self._formatted(to_channels_first(x)) if self.layer.channels_first else x

    def _formatted(self, x: torch.Tensor) -> torch.Tensor:
        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        last = MODE == "channels-last" and self.layer.channels_first and x.ndim in formats
        return x.contiguous(memory_format=formats[x.ndim]) if last else x.contiguous()

    def step(self) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        output, *losses = self.forward(self.inputs, self.parameters)
        return output, torch.autograd.grad(
            [output, *losses], self.sources, [self.upstream, *map(torch.ones_like, losses)]
        )

    def check(self) -> dict[str, np.ndarray]:
        with torch.no_grad():
            for weight, parameter in zip(self.layer.weights, self.parameters):
                parameter.copy_(weight.value)
        output, slopes = self.step()
        channels = self.layer.channels_first
        given = [from_channels_first(x) if channels else x for x in (output, *slopes)]
        result = {"output": given[0]}
        numbers = [number for number, x in enumerate(self.inputs) if x.is_floating_point()]
        result |= {f"x{number}": slope for number, slope in zip(numbers, given[1:])}
        for (number, weight, _), slope in zip(self.trained, slopes[len(self.floating) :]):
            result |= weight.named_gradients(self.name, slope)
        return {name: x.detach().contiguous().numpy() for name, x in result.items()}


def make(request: Request) -> tuple[Layer, str]:
    torch.set_num_threads(request["threads"])
    return Layer(request), torch.__version__


if __name__ == "__main__":
    Worker(make).serve()
