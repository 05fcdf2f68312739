"""The systems, their modes, and how a worker of each is started."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from compare.workloads import Workload

#: The build of Sinew that is measured, and where the workers of others are built.
ROOT = Path(__file__).resolve().parents[2]
SINEW_WORKER = ROOT / "build/release/bin/sinew_compare"
LIBTORCH_WORKER = ROOT / "build/compare/libtorch/libtorch_worker"

#: Eight bits of mantissa. A relu that rounding switches takes one sample's part into a gradient or
#: out of it: of 32 samples, PyTorch's are off by 0.12 so, Sinew's by 0.18.
NARROW_TOLERANCE = 0.25

CONVOLUTIONAL = ("cnn", "resnet20")


@dataclass(frozen=True)
class System:
    name: str
    mode: str
    command: list[str]
    #: Which file of weights it reads: in Keras's names and layouts, or in PyTorch's.
    layout: str = "keras"
    environment: dict[str, str] = field(default_factory=dict)
    #: Threads in place of --threads.
    threads: int | None = None
    #: What "prepare" is told besides the workload.
    details: dict[str, str] = field(default_factory=dict)
    #: How far outputs and gradients may lie from Sinew's in float32, of their largest element.
    tolerance: float = 1e-4

    @property
    def title(self) -> str:
        return f"{self.name} {self.mode}"

    @property
    def narrow(self) -> bool:
        """Whether products are in bfloat16."""
        return self.mode.endswith("bfloat16")

    def runs(self, workload: Workload) -> bool:
        kind = workload.network.kind
        if self.name == "onnxruntime":
            return not workload.training
        if self.mode == "channels-last":
            return kind in CONVOLUTIONAL
        if self.mode == "1 thread" or self.narrow:
            return workload.training
        return True


def python_worker(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _python(module: str, *arguments: str) -> list[str]:
    return python_worker(f"compare.workers.{module}", *arguments)


def _keras(mode: str) -> System:
    return System("keras", mode, _python("keras_worker", mode))


def _torch(mode: str, tolerance: float = 1e-4) -> System:
    return System("pytorch", mode, _python("torch_worker", mode), "torch", tolerance=tolerance)


def _libtorch(mode: str) -> System:
    return System("libtorch", mode, [str(LIBTORCH_WORKER), mode], "torch")


SINEW = System("sinew", "float32", [str(SINEW_WORKER)])
#: Sinew in other ways, for training workloads.
SINEW_MODES = [
    System("sinew", "1 thread", [str(SINEW_WORKER)], threads=1),
    System(
        "sinew",
        "bfloat16",
        [str(SINEW_WORKER)],
        details={"dtype_policy": "mixed_bfloat16"},
        tolerance=NARROW_TOLERANCE,
    ),
]

PEERS = [
    _torch("eager"),
    _torch("channels-last"),
    _torch("compile"),
    _torch("bfloat16", NARROW_TOLERANCE),
    _torch("compile-bfloat16", NARROW_TOLERANCE),
    _keras("jit"),
    _keras("no-jit"),
    _libtorch("default"),
    _libtorch("channels-last"),
    System("onnxruntime", "default", _python("onnx_worker"), "torch"),
]
PEER_NAMES = list(dict.fromkeys(peer.name for peer in PEERS))

PIPELINE_PEERS = [
    _torch("dataloader"),
    _torch("batched"),
    System("keras", "tf.data", _python("keras_worker", "no-jit")),
]


def for_step(workload: Workload, peers: list[str], threads: int) -> list[System]:
    """Sinew and those of its modes and of the peers that take part in a network's steps."""
    modes = [mode for mode in SINEW_MODES if (mode.threads or 0) < threads]
    others = modes + [peer for peer in PEERS if peer.name in peers]
    return [SINEW] + [system for system in others if system.runs(workload)]


def pipelines(peers: list[str]) -> list[System]:
    return [SINEW] + [peer for peer in PIPELINE_PEERS if peer.name in peers]


def trainers(peers: list[str]) -> list[System]:
    names = [name for name in peers if name != "onnxruntime"]
    return [SINEW] + [peer for peer in PEERS if peer.name in names and not peer.narrow]
