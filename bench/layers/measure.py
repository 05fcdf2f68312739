"""A layer's step in all systems, and whether they compute the same."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from compare import agree, exchange, stats
from compare.contest import Contestant, Setting, take_rounds
from compare.rows import Row, unavailable
from compare.systems import SINEW, System
from compare.worker import Worker, WorkerError
from layers.case import Sized

#: Of sums of thousands of products in other orders.
TOLERANCE = 1e-4
#: How far means of what was drawn may lie apart: so many deviations of a mean of so many draws.
DEVIATIONS = 4.0
#: A row with a step of a minute would hold up all others.
SLOWEST_STEP = 2.0
#: Of the normal draws that are added to the initial weights.
SHAKE = 0.05


def runs(system: System, sized: Sized) -> bool:
    return system.mode != "channels-last" or sized.has_channels


class Field:
    """The systems' processes, which stay for all layers: one takes seconds to start."""

    def __init__(self, systems: list[System], setting: Setting, by_cpu: bool = False) -> None:
        self.setting = setting
        self.by_cpu = by_cpu
        self.workers: dict[str, Worker] = {}
        self.systems = [SINEW, *systems]

    def worker(self, system: System) -> Worker:
        """Running; started if it has not been or has ended."""
        if system.title not in self.workers:
            self.workers[system.title] = self.setting.worker(system)
        worker = self.workers[system.title]
        worker.go_on()
        return worker

    def drop(self, system: System) -> None:
        """After an error nobody knows what state it is in."""
        self.workers.pop(system.title).end()

    def end(self) -> None:
        for worker in self.workers.values():
            worker.end()


@dataclass
class Files:
    """The data and weights that all systems read."""

    data: Path
    weights: Path

    @staticmethod
    def write(sized: Sized, worker: Worker, folder: Path) -> Files:
        files = Files(folder / "data.safetensors", folder / "weights.safetensors")
        reply = worker.ask("initial_weights", config=sized.model(), out=str(files.weights))
        shape = [sized.shapes[0][0], *reply["output_shapes"][0][1:]]
        random = np.random.default_rng(1)
        # Biases of zero and scales of one would hide what is wrong with them.
        weights = {
            name: array + SHAKE * np.abs(random.normal(0, 1, array.shape)).astype(np.float32)
            for name, array in exchange.load(files.weights).items()
        }
        exchange.save(files.weights, weights)
        arrays = {f"x{i}": _input(sized, shape, random) for i, shape in enumerate(sized.shapes)}
        arrays["upstream"] = random.normal(0, 1, shape).astype(np.float32)
        exchange.save(files.data, arrays)
        return files


def _input(sized: Sized, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    if sized.case.indices_below:
        return random.integers(0, sized.config[sized.case.indices_below], shape)
    return random.normal(0, 1, shape).astype(np.float32)


def _start(system: System, sized: Sized, files: Files, field: Field) -> Contestant:
    """A worker that has run its first steps, and is paused. Throws WorkerError."""
    setting = field.setting
    worker = field.worker(system)
    reply = worker.ask(
        "prepare",
        kind="layer",
        config=sized.model(),
        training=True,
        threads=setting.threads,
        data=str(files.data),
        weights=str(files.weights),
    )
    begin = time.perf_counter()
    trial = stats.median(worker.ask("run", warm=1, steps=2)["seconds"])
    if time.perf_counter() - begin < setting.turn:
        # Libraries settle in their first steps.
        trial = stats.median(worker.ask("run", warm=5, steps=5)["seconds"])
    if trial > SLOWEST_STEP:
        raise WorkerError(f"a step takes {trial:.0f} s")
    worker.pause()
    steps = int(min(max(setting.turn / trial, 1), 2000))
    return Contestant(system, worker, reply["version"], steps, by_cpu=field.by_cpu)


def _results(contestant: Contestant, folder: Path) -> exchange.Arrays:
    path = folder / "check.safetensors"
    contestant.worker.go_on()
    contestant.worker.ask("check", out=str(path))
    contestant.worker.pause()
    return exchange.load(path)


def _moments(arrays: exchange.Arrays) -> exchange.Arrays:
    """All that can be the same of what was drawn: mean sizes."""
    return {name: np.abs(array).mean(keepdims=True) for name, array in arrays.items()}


def _disagreement(sized: Sized, ours: exchange.Arrays, theirs: exchange.Arrays) -> str | None:
    if sized.case.random:
        batch, *_, channels = sized.shapes[0]
        tolerance = DEVIATIONS / math.sqrt(batch * channels)
        return agree.disagreement(_moments(ours), _moments(theirs), tolerance)
    return agree.disagreement(ours, theirs, TOLERANCE)


def measure(sized: Sized, field: Field) -> list[Row]:
    """Peers that cannot run get a row that says why."""
    setting, folder = field.setting, field.setting.folder
    contestants: list[Contestant] = []
    rows: list[Row] = []
    files = Files.write(sized, field.worker(SINEW), folder)
    for system in field.systems:
        if not runs(system, sized):
            continue
        setting.note(f"{sized.name}: starting {system.title}")
        try:
            contestants.append(_start(system, sized, files, field))
        except WorkerError as error:
            if system is SINEW:
                raise
            field.drop(system)
            rows.append(unavailable(sized.name, system.name, system.mode, str(error)[:200]))
    take_rounds(sized.name, contestants, setting)
    ours: exchange.Arrays = {}
    for contestant in contestants:
        system = contestant.system
        theirs = _results(contestant, folder)
        ours = ours or theirs
        wrong = _disagreement(sized, ours, theirs)
        if wrong:
            setting.note(f"{sized.name}: {system.title} does not agree: {wrong}\n")
        # What else runs on the machine only ever adds to a step, so the best of the rounds tells most.
        times = contestant.quantile_ms(0.1)
        row = Row(sized.name, system.name, system.mode, contestant.version, min(times))
        row.spread, row.agrees = stats.quartiles(times), wrong is None
        rows.append(row)
    return rows
