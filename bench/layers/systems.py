"""The peers and their modes; Sinew itself is compare.systems.SINEW."""

from __future__ import annotations

from compare.systems import System, python_worker


def _peer(name: str, worker: str, mode: str) -> System:
    return System(name, mode, python_worker(f"layers.workers.{worker}", mode))


PEERS = [
    _peer("keras", "keras_worker", "jit"),
    _peer("keras", "keras_worker", "no-jit"),
    _peer("pytorch", "torch_worker", "eager"),
    _peer("pytorch", "torch_worker", "channels-last"),
    _peer("pytorch", "torch_worker", "compile"),
]
MODES = [system.title for system in PEERS]
