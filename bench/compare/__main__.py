"""The program: `scripts/compare` runs it with the Python of its virtual environment."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from compare import baseline, chart, measure, peers, report, rows, sizes, special, stats, systems, workloads
from compare.rows import Row
from compare.worker import Worker, WorkerError


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/compare", description="Measures Sinew and other systems in turns, in one run."
    )
    parser.add_argument("workloads", nargs="*", help=f"or the beginnings of names: {', '.join(workloads.NAMES)}")
    parser.add_argument("--quick", action="store_true", help="3 short rounds in place of 9")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to FILE")
    parser.add_argument("--chart", type=Path, metavar="FILE.png", help="draw the ratios")
    parser.add_argument("--against", type=Path, metavar="FILE", help="tell what got slower than in an earlier --json")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument(
        "--peers", nargs="*", choices=systems.PEER_NAMES, default=systems.PEER_NAMES, help="default: all"
    )
    return parser.parse_args()


def note(text: str) -> None:
    """What is being done now: a line that the next one overwrites, unless it ends in a line's end."""
    if sys.stderr.isatty() or text.endswith("\n"):
        print(f"\r\x1b[K{text}" if sys.stderr.isatty() else text, end="", file=sys.stderr, flush=True)


class Session:
    """Systems that are there, and what is measured of them."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.plan = measure.Plan(3 if options.quick else 9, 0.1 if options.quick else 0.3, options.threads)
        self.folder = folder
        self.peers: list[str] = []
        self.rows: list[Row] = []
        self.missing: dict[str, str] = {}
        for peer in options.peers:
            note(f"installing {peer}")
            reason = peers.install(peer)
            if reason is None:
                self.peers.append(peer)
            else:
                self.missing[peer] = reason

    def machine(self) -> Row:
        worker = Worker(systems.SINEW.command, {}, self.plan.threads, self.folder / "machine.log")
        try:
            processor = worker.ask("machine")["processor"]
            peak = stats.median([worker.ask("peak")["gflops"] for _ in range(5)])
        finally:
            worker.end()
        return baseline.machine_row(processor, self.plan.threads, "", peak)

    def run(self, name: str) -> None:
        """Adds a workload's rows. What Sinew cannot run, nobody is asked to."""
        try:
            self.rows += self._measured(name)
        except WorkerError as error:
            self.rows.append(rows.unavailable(name, "sinew", "float32", str(error)))

    def _measured(self, name: str) -> list[Row]:
        absent = [rows.unavailable(name, peer, "", reason) for peer, reason in self.missing.items()]
        step = next((workload for workload in workloads.STEPS if workload.name == name), None)
        if step:
            own = [mode for mode in systems.SINEW_MODES if (mode.threads or 0) < self.plan.threads]
            wanted = own + [peer for peer in systems.PEERS if peer.name in self.peers]
            chosen = [systems.SINEW] + [system for system in wanted if system.runs(step)]
            return measure.measure(step, chosen, self.plan, self.folder, note) + absent
        if name == workloads.SIZE:
            versions = {row.system: row.version for row in self.rows if row.unavailable is None}
            return sizes.rows(self.peers, versions, self.folder) + absent
        chosen = [systems.SINEW, *systems.of(name, self.peers)]
        special_workload = special.input_pipeline if name == workloads.PIPELINE else special.startup
        return special_workload(chosen, self.plan, self.folder, note) + absent


def main() -> int:
    options = arguments()
    names = workloads.choose(options.workloads)
    with tempfile.TemporaryDirectory(prefix="sinew-compare-") as folder:
        session = Session(options, Path(folder))
        session.rows.append(session.machine())
        for name in names:
            session.run(name)
            rows.fill_ratios(session.rows)
            # A long run that is broken off leaves what it has.
            if options.json:
                rows.write(options.json, session.rows)
    note("\n" if sys.stderr.isatty() else "")
    print(report.table(session.rows))
    if options.chart:
        chart.draw(session.rows, options.chart)
    if options.against:
        slower = baseline.compare(session.rows, rows.read(options.against))
        print("\n".join(["", f"against {options.against}:", *(slower or ["nothing got slower"])]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
