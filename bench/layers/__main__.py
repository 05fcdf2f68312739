"""The program: `scripts/layer-bench` runs it with the Python of scripts/compare's environment."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from compare import baseline, peers, rows
from compare.__main__ import note
from compare.contest import Setting
from compare.meter import Meter
from compare.rows import Row
from compare.systems import SINEW
from compare.worker import WorkerError
from layers import cases, report
from layers.measure import Field, measure
from layers.systems import MODES, PEERS


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/layer-bench",
        description="Measures layers, forward and backward, beside PyTorch and Keras, in turns.",
    )
    parser.add_argument(
        "layers", nargs="*", help="beginnings of names (Conv2D, Conv2D/large), or families"
    )
    parser.add_argument("--quick", action="store_true", help="short rounds, without torch.compile")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the rows to FILE; others there stay"
    )
    parser.add_argument("--markdown", action="store_true", help="print the page of the docs")
    parser.add_argument(
        "--report", action="store_true", help="measure nothing: tell what the --json file has"
    )
    parser.add_argument(
        "--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores"
    )
    parser.add_argument(
        "--cpu",
        action="store_true",
        help="one thread's processor time: where others keep the machine busy",
    )
    parser.add_argument("--modes", nargs="*", choices=MODES, help="default: all")
    return parser.parse_args()


def _kept(path: Path | None) -> list[Row]:
    return rows.read(path) if path and path.exists() else []


def _systems(options: argparse.Namespace):
    wanted = options.modes or [mode for mode in MODES if not options.quick or "compile" not in mode]
    chosen = [system for system in PEERS if system.title in wanted]
    missing = {name: peers.install(name) for name in {system.name for system in chosen}}
    for name, why in missing.items():
        if why:
            note(f"{name} cannot be measured: {why}\n")
    return [system for system in chosen if not missing[system.name]]


def measured(options: argparse.Namespace, folder: Path) -> list[Row]:
    chosen = cases.choose(options.layers)
    table = _kept(options.json)
    threads = 1 if options.cpu else options.threads
    meter = Meter(threads, folder)
    machine = baseline.machine_row(meter.processor, threads, meter.gflops())
    if options.cpu:
        machine.mode += ", processor time on a busy machine"
    meter.end()
    rounds, turn = (3, 0.03) if options.quick else (7, 0.06)
    field = Field(
        _systems(options), Setting(rounds, turn, threads, None, folder, note), options.cpu
    )
    table = [machine] + [row for row in table if row.workload != machine.workload]
    try:
        for sized in chosen:
            try:
                found = measure(sized, field)
            except WorkerError as error:
                note(f"{sized.name}: {error}\n")
                field.drop(SINEW)
                continue
            keys = {row.key for row in found}
            table = [row for row in table if row.key not in keys] + found
            # A long run that is broken off leaves what it has.
            if options.json:
                rows.write(options.json, table)
    finally:
        field.end()
    rows.fill_ratios(table)
    return table


def main() -> int:
    options = arguments()
    if options.report:
        table = _kept(options.json)
    else:
        with tempfile.TemporaryDirectory(prefix="sinew-layers-") as folder:
            table = measured(options, Path(folder))
    note("")
    if options.markdown:
        machine = next(row for row in table if row.workload == baseline.MACHINE)
        text = f"{machine.system}, {machine.mode}, FMA peak {machine.gflops:.0f} GFLOP/s"
        print(report.page([row for row in table if row is not machine], text))
    else:
        print(report.table([row for row in table if row.workload != baseline.MACHINE]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
