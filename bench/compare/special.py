"""The workloads that are no network's steps: the input pipeline, and the time to the first step."""

from __future__ import annotations

import time

from compare import data, stats
from compare.contest import Contestant, Setting, take_rounds
from compare.measure import Files
from compare.rows import Row, unavailable
from compare.systems import SINEW, System
from compare.worker import WorkerError
from compare.workloads import PIPELINE, PIPELINE_BATCH, PIPELINE_IMAGES, STARTUP, STEPS

#: What an image must cross the memory with: 784 bytes of the file, and as many floats of a batch.
IMAGE_BYTES = 784 * (1 + 4)

#: Starts of a process that are measured at most: some take half a minute.
STARTS = 5


def input_pipeline(systems: list[System], setting: Setting) -> list[Row]:
    """An epoch from the file to shuffled batches of floats; `ms` is an epoch's."""
    images = setting.folder / "images.idx3"
    data.write_images(images)
    task = {"kind": "pipeline", "images": str(images), "batch": PIPELINE_BATCH}
    contestants: list[Contestant] = []
    failed: list[Row] = []
    try:
        for system in systems:
            setting.note(f"{PIPELINE}: starting {system.title}")
            worker = setting.worker(system)
            try:
                reply = worker.ask("prepare", **task, threads=setting.threads)
                contestants.append(Contestant(system, worker, reply["version"]))
                worker.pause()
            except WorkerError as error:
                worker.end()
                failed.append(unavailable(PIPELINE, system.name, system.mode, str(error)))
        peaks = take_rounds(PIPELINE, contestants, setting)
        return _pipeline_rows(contestants, stats.median(peaks.gb_s)) + failed
    finally:
        for contestant in contestants:
            contestant.worker.end()


def _pipeline_rows(contestants: list[Contestant], bandwidth: float) -> list[Row]:
    rows, sums = [], []
    for contestant in contestants:
        rounds = contestant.quantile_ms(0.5)
        ms, spread = stats.median(rounds), stats.quartiles(rounds)
        system = contestant.system
        row = Row(PIPELINE, system.name, system.mode, contestant.version, ms, spread)
        row.peak_share = PIPELINE_IMAGES * IMAGE_BYTES / ms / 1e6 / bandwidth
        row.peak_mb = contestant.peak_mb
        contestant.worker.go_on()
        sums.append(contestant.worker.ask("check")["sum"])
        # Whatever the order, the images of an epoch are the same.
        row.agrees = abs(sums[-1] - sums[0]) < 1e-4 * sums[0]
        rows.append(row)
    return rows


def startup(systems: list[System], setting: Setting) -> list[Row]:
    """From the start of the process to the end of its first step of the first workload."""
    files = Files(STEPS[0], setting.folder)
    failed: dict[str, Row] = {}
    versions: dict[str, str] = {}
    times: dict[str, list[float]] = {system.title: [] for system in systems}

    def once(system: System) -> None:
        worker = setting.worker(system)
        try:
            request = files.request(STEPS[0], system, setting.threads)
            versions[system.title] = worker.ask("prepare", **request)["version"]
            worker.ask("run", warm=0, steps=1)
            times[system.title].append(1e3 * (time.perf_counter() - worker.began))
        finally:
            worker.end()

    rounds = min(setting.rounds, STARTS)
    for number in range(rounds):
        for system in systems:
            if system.title in failed:
                continue
            setting.note(f"{STARTUP}: round {number + 1} of {rounds}, {system.title}")
            try:
                once(system)
            except WorkerError as error:
                if system is SINEW:
                    raise
                reason = str(error)
                failed[system.title] = unavailable(STARTUP, system.name, system.mode, reason)

    def row(system: System) -> Row:
        ms, spread = stats.median(times[system.title]), stats.quartiles(times[system.title])
        return Row(STARTUP, system.name, system.mode, versions[system.title], ms, spread)

    return [failed.get(system.title) or row(system) for system in systems]
