"""The workloads that are not steps of a network: the input pipeline and the time to the end of the first step."""

from __future__ import annotations

import time
from pathlib import Path

from compare import data, stats
from compare.measure import Contestant, Files, Note, Plan
from compare.rows import Row, unavailable
from compare.systems import SINEW, System
from compare.worker import Worker, WorkerError
from compare.workloads import PIPELINE, PIPELINE_BATCH, PIPELINE_IMAGES, STARTUP, STEPS

#: Bytes that an image must cross the memory with: 784 read from the file, and as many floats written to a batch.
IMAGE_BYTES = 784 * (1 + 4)


def input_pipeline(systems: list[System], plan: Plan, folder: Path, note: Note) -> list[Row]:
    """An epoch from the file to shuffled batches of floats; `ms` is an epoch's."""
    images = folder / "images.idx3"
    data.write_images(images)
    contestants: list[Contestant] = []
    rows: list[Row] = []
    bandwidths: list[float] = []
    try:
        for system in systems:
            note(f"{PIPELINE}: starting {system.title}")
            worker = Worker(system.command, system.environment, plan.threads, folder / f"{system.title}.log")
            try:
                reply = worker.ask(
                    "prepare", kind="pipeline", images=str(images), batch=PIPELINE_BATCH, threads=plan.threads
                )
                contestants.append(Contestant(system, worker, reply["version"]))
                worker.pause()
            except WorkerError as error:
                worker.end()
                rows.append(unavailable(PIPELINE, system.name, system.mode, str(error)))
        for number in range(plan.rounds):
            note(f"{PIPELINE}: round {number + 1} of {plan.rounds}")
            for contestant in contestants:
                contestant.take_turn()
            contestants[0].worker.go_on()
            bandwidths.append(contestants[0].worker.ask("peak")["gb_s"])
            contestants[0].worker.pause()
        return _pipeline_rows(contestants, stats.median(bandwidths)) + rows
    finally:
        for contestant in contestants:
            contestant.worker.end()


def _pipeline_rows(contestants: list[Contestant], bandwidth: float) -> list[Row]:
    rows, sums = [], []
    for contestant in contestants:
        rounds = [1e3 * stats.median(seconds) for seconds in contestant.seconds]
        ms = stats.median(rounds)
        peak_mb = contestant.worker.peak_memory_mb()
        contestant.worker.go_on()
        sums.append(contestant.worker.ask("check")["sum"])
        share = PIPELINE_IMAGES * IMAGE_BYTES / (ms / 1e3) / (bandwidth * 1e9)
        # Whatever the order, the images of an epoch are the same.
        agrees = abs(sums[-1] - sums[0]) < 1e-4 * sums[0]
        system = contestant.system
        rows.append(
            Row(
                PIPELINE, system.name, system.mode, contestant.version, ms, stats.quartiles(rounds),
                peak_share=share, peak_mb=peak_mb, agrees=agrees,
            )
        )
    return rows


def startup(systems: list[System], plan: Plan, folder: Path, note: Note) -> list[Row]:
    """From the start of the process to the end of its first training step of the tutorial's CNN at batch 32."""
    workload = STEPS[0]
    files = Files(workload, folder)
    seconds: dict[str, list[float]] = {}
    versions: dict[str, str] = {}
    rows: list[Row] = []

    def once(system: System) -> None:
        worker = Worker(system.command, system.environment, plan.threads, folder / f"{system.title}.log")
        try:
            versions[system.title] = worker.ask("prepare", **files.request(workload, system, plan.threads))["version"]
            worker.ask("run", warm=0, steps=1)
            seconds.setdefault(system.title, []).append(time.perf_counter() - worker.began)
        finally:
            worker.end()

    ready = list(systems)
    rounds = min(plan.rounds, 5)
    for number in range(rounds):
        note(f"{STARTUP}: round {number + 1} of {rounds}")
        for system in list(ready):
            try:
                once(system)
            except WorkerError as error:
                if system is SINEW:
                    raise
                ready.remove(system)
                rows.append(unavailable(STARTUP, system.name, system.mode, str(error)))
    for system in ready:
        times = [1e3 * value for value in seconds[system.title]]
        rows.append(
            Row(STARTUP, system.name, system.mode, versions[system.title], stats.median(times), stats.quartiles(times))
        )
    return rows
