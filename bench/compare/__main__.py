"""The program: `scripts/compare` runs it with the Python of its virtual environment."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from compare import (
    baseline,
    chart,
    measure,
    peers,
    report,
    rows,
    sizes,
    special,
    systems,
    workloads,
)
from compare.contest import Setting
from compare.meter import Meter
from compare.rows import Row
from compare.systems import SINEW
from compare.worker import WorkerError


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/compare", description="Measures Sinew and other systems in turns, in one run."
    )
    parser.add_argument(
        "workloads", nargs="*", help=f"or the beginnings of names: {', '.join(workloads.NAMES)}"
    )
    parser.add_argument("--quick", action="store_true", help="3 short rounds in place of 9")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to FILE")
    parser.add_argument("--chart", type=Path, metavar="FILE.png", help="draw the ratios")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="tell what got slower than in an earlier --json",
    )
    parser.add_argument(
        "--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores"
    )
    parser.add_argument(
        "--peers",
        nargs="*",
        choices=systems.PEER_NAMES,
        default=systems.PEER_NAMES,
        help="default: all",
    )
    return parser.parse_args()


def note(text: str) -> None:
    """What is being done now: a line that the next one overwrites, unless it has an end."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    elif text.endswith("\n"):
        print(text, end="", file=sys.stderr)


def install(names: list[str]) -> dict[str, str | None]:
    """Each peer, and why it is not there, or None."""
    reasons = {}
    for name in names:
        note(f"installing {name}")
        reasons[name] = peers.install(name)
    return reasons


class Session:
    """The rows so far, and how to get more."""

    def __init__(self, setting: Setting, installed: dict[str, str | None]) -> None:
        self.setting = setting
        self.peers = [name for name, reason in installed.items() if reason is None]
        self.missing = {name: reason for name, reason in installed.items() if reason}
        meter = setting.meter
        self.rows = [baseline.machine_row(meter.processor, setting.threads, meter.gflops())]

    def run(self, name: str) -> None:
        """Adds a workload's rows. What Sinew cannot run, nobody is asked to."""
        try:
            self.rows += self._measured(name)
            absent = self.missing.items()
            self.rows += [rows.unavailable(name, peer, "", reason) for peer, reason in absent]
        except WorkerError as error:
            self.rows.append(rows.unavailable(name, SINEW.name, SINEW.mode, str(error)))
        rows.fill_ratios(self.rows)

    def _measured(self, name: str) -> list[Row]:
        if name == workloads.SIZE:
            versions = {row.system: row.version for row in self.rows if row.unavailable is None}
            return sizes.rows(self.peers, versions, self.setting.folder)
        if name == workloads.PIPELINE:
            return special.input_pipeline(systems.pipelines(self.peers), self.setting)
        if name == workloads.STARTUP:
            return special.startup(systems.trainers(self.peers), self.setting)
        workload = next(step for step in workloads.STEPS if step.name == name)
        chosen = systems.for_step(workload, self.peers, self.setting.threads)
        return measure.measure(workload, chosen, self.setting)


def measured(options: argparse.Namespace, folder: Path) -> list[Row]:
    names = workloads.choose(options.workloads)
    installed = install(options.peers)
    rounds, turn = (3, 0.1) if options.quick else (9, 0.3)
    meter = Meter(options.threads, folder)
    try:
        setting = Setting(rounds, turn, options.threads, meter, folder, note)
        session = Session(setting, installed)
        for name in names:
            session.run(name)
            # A long run that is broken off leaves what it has.
            if options.json:
                rows.write(options.json, session.rows)
    finally:
        meter.end()
    return session.rows


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="sinew-compare-") as folder:
        table = measured(options, Path(folder))
    note("")
    print(report.table(table))
    if options.chart:
        chart.draw(table, options.chart)
    if options.against:
        slower = baseline.compare(table, rows.read(options.against))
        print("\n".join(["", f"against {options.against}:", *(slower or ["nothing got slower"])]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
