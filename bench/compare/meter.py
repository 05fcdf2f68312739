"""What the machine can do, measured again in every round."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from compare import stats
from compare.systems import SINEW
from compare.worker import Worker


@dataclass
class Peaks:
    """Of the rounds of one workload."""

    gflops: list[float] = field(default_factory=list)
    gb_s: list[float] = field(default_factory=list)


class Meter:
    """A worker of Sinew's that runs no network, so that its arrays are in nobody's memory."""

    def __init__(self, threads: int, folder: Path) -> None:
        self.worker = Worker(SINEW.command, {}, threads, folder / "meter.log")
        self.processor: str = self.worker.ask("machine")["processor"]
        self.worker.pause()

    def add_to(self, peaks: Peaks) -> None:
        self.worker.go_on()
        reply = self.worker.ask("peak")
        self.worker.pause()
        peaks.gflops.append(reply["gflops"])
        peaks.gb_s.append(reply["gb_s"])

    def gflops(self) -> float:
        peaks = Peaks()
        for _ in range(5):
            self.add_to(peaks)
        return stats.median(peaks.gflops)

    def end(self) -> None:
        self.worker.end()
