"""The steps of a network in all systems, and whether they compute the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compare import agree, data, exchange, layouts, stats
from compare.contest import Contestant, Setting, take_rounds
from compare.rows import Row, unavailable
from compare.systems import SINEW, System
from compare.worker import Worker, WorkerError
from compare.workloads import Workload


class Files:
    """The data and weights that all systems read."""

    def __init__(self, workload: Workload, folder: Path) -> None:
        self.data = folder / "data.safetensors"
        self.weights = {
            "keras": folder / "weights.safetensors",
            "torch": folder / "weights-torch.safetensors",
        }
        exchange.save(self.data, data.batch(workload))
        worker = Worker(SINEW.command, {}, 1, folder / "weights.log")
        try:
            config, out = workload.network.config, str(self.weights["keras"])
            worker.ask("initial_weights", config=config, out=out)
        finally:
            worker.end()
        weights = exchange.load(self.weights["keras"])
        exchange.save(self.weights["torch"], layouts.to_torch(workload.network.kind, weights))

    def request(self, workload: Workload, system: System, threads: int) -> dict[str, Any]:
        network = workload.network
        return {
            "kind": network.kind,
            "config": network.config,
            "input_shape": list(network.input_shape),
            "classes": network.classes,
            "loss": network.loss,
            "training": workload.training,
            "threads": threads,
            "data": str(self.data),
            "weights": str(self.weights[system.layout]),
            **system.details,
        }


def start(system: System, workload: Workload, files: Files, setting: Setting) -> Contestant:
    """A worker that has run its first steps, and is paused. Throws WorkerError."""
    worker = setting.worker(system)
    try:
        threads = system.threads or setting.threads
        reply = worker.ask("prepare", **files.request(workload, system, threads))
        trial = stats.median(worker.ask("run", warm=2, steps=3)["seconds"])
        # What compiling took is not the step's: its memory is counted from here.
        worker.forget_peak_memory()
        worker.pause()
        steps = int(min(max(setting.turn / trial, 1), 2000))
        return Contestant(system, worker, reply["version"], steps)
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
    common = {name: arrays[name] for name in agree.NOT_GRADIENTS if name in arrays}
    return common | layouts.to_keras(workload.network.kind, arrays)


def rows_of(
    contestant: Contestant, workload: Workload, peak_gflops: float, agrees: bool
) -> list[Row]:
    system = contestant.system

    def row(name: str, rounds: list[float]) -> Row:
        ms, spread = stats.median(rounds), stats.quartiles(rounds)
        named = Row(name, system.name, system.mode, contestant.version, ms, spread)
        named.agrees = agrees
        return named

    main = row(workload.name, contestant.quantile_ms(0.5))
    assert main.ms
    main.gflops = workload.flops / main.ms / 1e6
    main.peak_share = main.gflops / peak_gflops
    main.peak_mb = contestant.peak_mb
    if workload.training:
        return [main]
    # Predictions are also judged by the slowest one in a hundred.
    return [main, row(f"{workload.name}/p99", contestant.quantile_ms(0.99))]


def measure(workload: Workload, systems: list[System], setting: Setting) -> list[Row]:
    """Sinew is the first of `systems`; peers that cannot run get a row that says why."""
    files = Files(workload, setting.folder)
    contestants: list[Contestant] = []
    failed: list[Row] = []
    try:
        for system in systems:
            setting.note(f"{workload.name}: starting {system.title}")
            try:
                contestants.append(start(system, workload, files, setting))
            except WorkerError as error:
                if system is SINEW:
                    raise
                failed.append(unavailable(workload.name, system.name, system.mode, str(error)))
        peaks = take_rounds(workload.name, contestants, setting)
        return _checked(contestants, workload, stats.median(peaks.gflops), setting) + failed
    finally:
        for contestant in contestants:
            contestant.worker.end()


def _checked(
    contestants: list[Contestant], workload: Workload, peak_gflops: float, setting: Setting
) -> list[Row]:
    """Sinew's is the first, and what the others are held against."""
    rows: list[Row] = []
    ours: exchange.Arrays = {}
    for contestant in contestants:
        system = contestant.system
        setting.note(f"{workload.name}: checking {system.title}")
        contestant.worker.go_on()
        try:
            theirs = results(contestant, workload, setting.folder)
            ours = ours or theirs
            wrong = agree.disagreement(ours, theirs, system.tolerance)
        except WorkerError as error:
            if system is SINEW:
                raise
            wrong = str(error)
        contestant.worker.end()
        if wrong:
            setting.note(f"{workload.name}: {system.title} does not agree: {wrong}\n")
        rows += rows_of(contestant, workload, peak_gflops, wrong is None)
    return rows
