"""Workers that take turns, so that what disturbs the machine disturbs all alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from compare import stats
from compare.meter import Meter, Peaks
from compare.systems import System
from compare.worker import Worker


@dataclass(frozen=True)
class Setting:
    """How long to measure, with what, and where to put files."""

    rounds: int
    #: Seconds of a system's turn in a round.
    turn: float
    threads: int
    #: None where only ratios are asked for.
    meter: Meter | None
    folder: Path
    #: Tells the user what is being done.
    note: Callable[[str], None]

    def worker(self, system: System) -> Worker:
        log = self.folder / f"{system.title}.log"
        return Worker(system.command, system.environment, system.threads or self.threads, log)


@dataclass
class Contestant:
    """A paused worker that has prepared its task."""

    system: System
    worker: Worker
    version: str
    #: Steps of a turn.
    steps: int = 1
    #: One list a round.
    seconds: list[list[float]] = field(default_factory=list)
    peak_mb: float = 0
    #: Whether to count the processor's time in place of the clock's: on a machine that others keep
    #: busy, for one thread.
    by_cpu: bool = False

    def take_turn(self) -> None:
        self.worker.go_on()
        if self.by_cpu:
            begin = self.worker.cpu_seconds()
            self.worker.ask("run", warm=0, steps=self.steps)
            self.seconds.append([(self.worker.cpu_seconds() - begin) / self.steps])
            self.worker.pause()
            return
        # The first steps find the caches as the others left them.
        warm = 1 + self.steps // 10
        self.seconds.append(self.worker.ask("run", warm=warm, steps=self.steps)["seconds"])
        self.worker.pause()

    def quantile_ms(self, share: float) -> list[float]:
        """One a round."""
        return [1e3 * stats.quantile(seconds, share) for seconds in self.seconds]


def take_rounds(name: str, contestants: list[Contestant], setting: Setting) -> Peaks:
    """Fills each contestant's seconds and peak memory."""
    peaks = Peaks()
    for number in range(setting.rounds):
        setting.note(f"{name}: round {number + 1} of {setting.rounds}")
        for contestant in contestants:
            contestant.take_turn()
        if setting.meter:
            setting.meter.add_to(peaks)
    for contestant in contestants:
        contestant.peak_mb = contestant.worker.peak_memory_mb()
    return peaks
