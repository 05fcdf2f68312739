"""What got slower since a report that was kept.

A row of Sinew's is slower when its median is more than 5 % above the kept one, and its lower
quartile above the kept upper one. Both reports' times are first put on one scale by the FMA peaks
that they measured, because the clock of a shared machine is not the same every day.
"""

from __future__ import annotations

from compare.rows import Row

MACHINE = "machine"
TOLERANCE = 1.05


def machine_row(processor: str, threads: int, peak_gflops: float) -> Row:
    """Names the machine in a report."""
    return Row(MACHINE, processor, f"{threads} threads", "", gflops=peak_gflops)


def _machine(rows: list[Row]) -> Row | None:
    return next((row for row in rows if row.workload == MACHINE), None)


def _scale(now: Row | None, then: Row | None) -> float:
    """What times of today are multiplied with."""
    if now and then and now.gflops and then.gflops:
        return now.gflops / then.gflops
    return 1.0


def is_slower(now: Row, then: Row, scale: float) -> bool:
    if now.ms is None or then.ms is None or not now.spread or not then.spread:
        return False
    return now.ms * scale > TOLERANCE * then.ms and now.spread[0] * scale > then.spread[1]


def compare(now: list[Row], then: list[Row]) -> list[str]:
    """A line a row that got slower, and a line for what makes the comparison doubtful."""
    lines = []
    here, there = _machine(now), _machine(then)
    if here and there and (here.system, here.mode) != (there.system, there.mode):
        lines.append(f"the baseline is of another machine: {there.system}, {there.mode}")
    scale = _scale(here, there)
    kept = {row.key: row for row in then if row.system == "sinew"}
    for row in now:
        old = kept.get(row.key)
        if old and is_slower(row, old, scale):
            assert row.ms and old.ms
            ms, change = row.ms * scale, 100 * (row.ms * scale / old.ms - 1)
            figures = f"{ms:.4g} ms, was {old.ms:.4g} ms (+{change:.0f} %)"
            lines.append(f"{row.workload} {row.mode}: {figures}")
    return lines
