"""The report as a table for a terminal."""

from __future__ import annotations

from compare.baseline import MACHINE
from compare.rows import Row
from compare.workloads import PIPELINE, PIPELINE_IMAGES, STEPS

_SAMPLES = {workload.name: workload.batch for workload in STEPS} | {PIPELINE: PIPELINE_IMAGES}

_HEADER = (
    f"{'system':<13} {'mode':<14} {'ms':>9} {'quartiles':>19} {'ratio':>7} {'GFLOP/s':>8} "
    f"{'peak':>6} {'samples/s':>10} {'MB':>7} {'agrees':>7}"
)


def _number(value: float | None, digits: int) -> str:
    """With as many significant digits, without an exponent."""
    if value is None:
        return "-"
    decimals = max(0, digits - len(str(int(abs(value)))))
    return f"{value:.{decimals}f}"


def _line(row: Row) -> str:
    if row.unavailable is not None:
        return f"{row.system:<13} {row.mode:<14} unavailable: {row.unavailable}"
    spread = " to ".join(_number(value, 4) for value in row.spread) if row.spread else "-"
    share = "-" if row.peak_share is None else f"{100 * row.peak_share:.1f}%"
    samples = _SAMPLES.get(row.workload)
    rate = 1e3 * samples / row.ms if samples and row.ms else None
    agrees = {None: "-", True: "yes", False: "NO"}[row.agrees]
    ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
    return (
        f"{row.system:<13} {row.mode:<14} {_number(row.ms, 4):>9} {spread:>19} {ratio:>7} "
        f"{_number(row.gflops, 4):>8} {share:>6} {_number(rate, 5):>10} "
        f"{_number(row.peak_mb, 3):>7} {agrees:>7}"
    )


def table(rows: list[Row]) -> str:
    lines = [
        f"{row.system}, {row.mode}, {row.gflops:.0f} GFLOP/s"
        for row in rows
        if row.workload == MACHINE
    ]
    measured = [row for row in rows if row.workload != MACHINE]
    for workload in dict.fromkeys(row.workload for row in measured):
        lines += ["", workload, _HEADER]
        own = [row for row in measured if row.workload == workload]
        own.sort(key=lambda row: (row.system != "sinew", row.ms or float("inf")))
        lines += [_line(row) for row in own]
    versions = {
        row.system: row.version for row in measured if row.unavailable is None and row.version
    }
    lines += ["", "; ".join(f"{system} {version}" for system, version in versions.items())]
    return "\n".join(lines)
