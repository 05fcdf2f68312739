"""ONNX Runtime: predictions.

usage: python -m compare.workers.onnx_worker
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort

from compare import exchange
from compare.workers import onnx_models
from compare.workers.protocol import Request, Worker


class Network:
    def __init__(self, request: Request) -> None:
        weights = exchange.load(request["weights"])
        x = exchange.load(request["data"])["x"]
        if x.ndim == 4:
            x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
        options = ort.SessionOptions()
        options.intra_op_num_threads = request["threads"]
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        model = onnx_models.make(request["kind"], weights, x.shape)
        self.session = ort.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        # Bound once: no array is copied in or out of a run.
        self.binding = self.session.io_binding()
        self.binding.bind_ortvalue_input("x", ort.OrtValue.ortvalue_from_numpy(x))
        self.binding.bind_output("output")

    def step(self) -> None:
        self.session.run_with_iobinding(self.binding)

    def check(self) -> dict[str, np.ndarray]:
        self.step()
        return {"output": self.binding.copy_outputs_to_cpu()[0]}


def make(request: Request) -> tuple[Any, str]:
    return Network(request), ort.__version__


if __name__ == "__main__":
    Worker(make).serve()
