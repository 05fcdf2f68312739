"""PyTorch: eager, with convolutions in channels-last layout, or compiled, and mixed precision.

usage: python -m compare.workers.torch_worker eager|channels-last|compile|bfloat16|compile-bfloat16
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from compare import exchange
from compare.workers import torch_models, torch_pipeline
from compare.workers.protocol import Request, Worker

MODE = sys.argv[1]
#: Products and convolutions in bfloat16, what autocast lists in float32.
NARROW = MODE.endswith("bfloat16")


class Network:
    def __init__(self, request: Request) -> None:
        self.kind: str = request["kind"]
        self.training: bool = request["training"]
        self.model = torch_models.make(self.kind, request["input_shape"], request["classes"])
        self.weights = {
            name: torch.tensor(array) for name, array in exchange.load(request["weights"]).items()
        }
        self.load_weights()
        data = {name: torch.tensor(array) for name, array in exchange.load(request["data"]).items()}
        self.x, self.y = data["x"], data["y"]
        if self.x.ndim == 4:
            self.x = self.x.permute(0, 3, 1, 2).contiguous()
        if MODE in ("channels-last", "bfloat16") and self.x.ndim == 4:
            self.model = self.model.to(memory_format=torch.channels_last)
            self.x = self.x.to(memory_format=torch.channels_last)
        self.optimizer = (
            torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=True)
            if self.training
            else None
        )
        self.model.train(self.training)
        compiled = torch.compile if MODE.startswith("compile") else lambda function: function
        self.loss = compiled(self._loss)
        self.predict = torch.inference_mode()(compiled(self._predict))

    def load_weights(self) -> None:
        # Not strict, because batch norms count their batches, which no file does.
        self.model.load_state_dict(self.weights, strict=False)

    def _loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        output = self._output(x)
        return F.mse_loss(output, y) if self.kind == "transformer" else F.cross_entropy(output, y)

    def _predict(self, x: torch.Tensor) -> torch.Tensor:
        return torch_models.probabilities(self.kind, self._output(x))

    def _output(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=NARROW):
            output = self.model(x)
        return output.float()

    def step(self) -> None:
        if self.optimizer is None:
            self.predict(self.x)
            return
        self.optimizer.zero_grad()
        self.loss(self.x, self.y).backward()
        self.optimizer.step()

    def check(self) -> dict[str, np.ndarray]:
        self.load_weights()
        self.model.eval()
        result = {"output": self.predict(self.x).numpy()}
        if self.training:
            self.model.train()
            self.model.zero_grad()
            loss = self.loss(self.x, self.y)
            loss.backward()
            result["loss"] = loss.detach().numpy()
            for name, parameter in self.model.named_parameters():
                result[name] = parameter.grad.contiguous().numpy()
        return result


def make(request: Request) -> tuple[Any, str]:
    torch.set_num_threads(request["threads"])
    if request["kind"] == "pipeline":
        return torch_pipeline.make(MODE, request), torch.__version__
    return Network(request), torch.__version__


if __name__ == "__main__":
    Worker(make).serve()
