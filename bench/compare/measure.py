"""One workload in all systems: in turns, so that what disturbs the machine disturbs all alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from compare import agree, data, exchange, layouts, stats
from compare.rows import Row, unavailable
from compare.systems import SINEW, System
from compare.worker import Worker, WorkerError
from compare.workloads import Workload

Note = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How long to measure."""

    rounds: int
    #: Seconds of a system's turn in a round.
    turn: float
    threads: int

    def steps(self, seconds: float) -> int:
        return int(min(max(self.turn / seconds, 1), 2000))


@dataclass
class Contestant:
    system: System
    worker: Worker
    version: str
    steps: int = 1
    #: One list a round.
    seconds: list[list[float]] = field(default_factory=list)
    peak_mb: float = 0

    def take_turn(self) -> None:
        self.worker.go_on()
        # The first steps find the caches as the others left them.
        self.seconds.append(self.worker.ask("run", warm=1 + self.steps // 10, steps=self.steps)["seconds"])
        self.worker.pause()


class Files:
    """The data and weights that all systems read."""

    def __init__(self, workload: Workload, folder: Path) -> None:
        self.data = folder / "data.safetensors"
        self.weights = {"keras": folder / "weights.safetensors", "torch": folder / "weights-torch.safetensors"}
        exchange.save(self.data, data.batch(workload))
        worker = Worker(SINEW.command, {}, 1, folder / "weights.log")
        try:
            worker.ask("initial_weights", config=workload.network.config, out=str(self.weights["keras"]))
        finally:
            worker.end()
        weights = exchange.load(self.weights["keras"])
        exchange.save(self.weights["torch"], layouts.to_torch(workload.network.kind, weights))

    def request(self, workload: Workload, system: System, threads: int) -> dict[str, Any]:
        network = workload.network
        return {
            "kind": network.kind, "config": network.config, "input_shape": list(network.input_shape),
            "classes": network.classes, "loss": network.loss, "training": workload.training, "threads": threads,
            "data": str(self.data), "weights": str(self.weights[system.layout]), **system.details,
        }


def start(system: System, workload: Workload, files: Files, plan: Plan, folder: Path) -> Contestant:
    """A worker that has run its first steps, and is paused. Throws WorkerError."""
    threads = system.threads or plan.threads
    log = folder / f"{system.title}.log"
    worker = Worker(system.command, system.environment, threads, log)
    try:
        version = worker.ask("prepare", **files.request(workload, system, threads))["version"]
        contestant = Contestant(system, worker, version)
        trial = worker.ask("run", warm=2, steps=3)["seconds"]
        contestant.steps = plan.steps(stats.median(trial))
        # What compiling took is not the step's: its memory is counted from here.
        worker.forget_peak_memory()
        worker.pause()
        return contestant
    except WorkerError:
        worker.end()
        raise


def results(contestant: Contestant, workload: Workload, folder: Path) -> exchange.Arrays:
    """Outputs and gradients under Keras's names, from the initial weights."""
    path = folder / "check.safetensors"
    contestant.worker.ask("check", out=str(path))
    arrays = exchange.load(path)
    if contestant.system.layout == "keras":
        return arrays
    common = {name: arrays[name] for name in ("output", "loss") if name in arrays}
    return common | layouts.to_keras(workload.network.kind, arrays)


def rows_of(contestant: Contestant, workload: Workload, peak_gflops: float, agrees: bool) -> list[Row]:
    rounds = [1e3 * stats.median(seconds) for seconds in contestant.seconds]
    ms = stats.median(rounds)
    gflops = workload.flops / ms / 1e6
    system = contestant.system
    row = Row(
        workload.name, system.name, system.mode, contestant.version, ms, stats.quartiles(rounds), None, gflops,
        gflops / peak_gflops, contestant.peak_mb, agrees,
    )
    if workload.training:
        return [row]
    # Predictions are also judged by the slowest one in a hundred.
    slowest = [1e3 * stats.quantile(seconds, 0.99) for seconds in contestant.seconds]
    tail = Row(
        f"{workload.name}/p99", system.name, system.mode, contestant.version, stats.median(slowest),
        stats.quartiles(slowest), agrees=agrees,
    )
    return [row, tail]


def measure(workload: Workload, systems: list[System], plan: Plan, folder: Path, note: Note) -> list[Row]:
    """Sinew is the first of `systems`; those that cannot run get a row that says why."""
    files = Files(workload, folder)
    contestants: list[Contestant] = []
    rows: list[Row] = []
    try:
        for system in systems:
            note(f"{workload.name}: starting {system.title}")
            try:
                contestants.append(start(system, workload, files, plan, folder))
            except WorkerError as error:
                if system is SINEW:
                    raise
                rows.append(unavailable(workload.name, system.name, system.mode, str(error)))
        peaks = []
        for number in range(plan.rounds):
            note(f"{workload.name}: round {number + 1} of {plan.rounds}")
            for contestant in contestants:
                contestant.take_turn()
            contestants[0].worker.go_on()
            peaks.append(contestants[0].worker.ask("peak")["gflops"])
            contestants[0].worker.pause()
        # Before the check, which compiles other steps.
        for contestant in contestants:
            contestant.peak_mb = contestant.worker.peak_memory_mb()
        rows = _checked(contestants, workload, stats.median(peaks), folder, note) + rows
    finally:
        for contestant in contestants:
            contestant.worker.end()
    return rows


def _checked(
    contestants: list[Contestant], workload: Workload, peak_gflops: float, folder: Path, note: Note
) -> list[Row]:
    """Sinew's is the first, and what the others are held against."""
    rows: list[Row] = []
    ours: exchange.Arrays = {}
    for contestant in contestants:
        contestant.worker.go_on()
        try:
            theirs = results(contestant, workload, folder)
            ours = ours or theirs
            wrong = agree.disagreement(ours, theirs, workload.tolerance * contestant.system.slack)
        except WorkerError as error:
            if contestant.system is SINEW:
                raise
            wrong = str(error)
        contestant.worker.end()
        if wrong:
            note(f"{workload.name}: {contestant.system.title} does not agree: {wrong}\n")
        rows += rows_of(contestant, workload, peak_gflops, wrong is None)
    return rows
