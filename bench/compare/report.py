"""The report as a table for a terminal."""

from __future__ import annotations

from typing import Callable

from compare.baseline import MACHINE
from compare.rows import Row
from compare.workloads import PIPELINE, PIPELINE_IMAGES, STEPS

_SAMPLES = {workload.name: workload.batch for workload in STEPS} | {PIPELINE: PIPELINE_IMAGES}

_HEADER = (
    f"{'system':<13} {'mode':<16} {'ms':>9} {'quartiles':>19} {'ratio':>7} {'GFLOP/s':>8} "
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
        return f"{row.system:<13} {row.mode:<16} unavailable: {row.unavailable}"
    spread = " to ".join(_number(value, 4) for value in row.spread) if row.spread else "-"
    share = "-" if row.peak_share is None else f"{100 * row.peak_share:.1f}%"
    samples = _SAMPLES.get(row.workload)
    rate = 1e3 * samples / row.ms if samples and row.ms else None
    agrees = {None: "-", True: "yes", False: "NO"}[row.agrees]
    ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
    return (
        f"{row.system:<13} {row.mode:<16} {_number(row.ms, 4):>9} {spread:>19} {ratio:>7} "
        f"{_number(row.gflops, 4):>8} {share:>6} {_number(rate, 5):>10} "
        f"{_number(row.peak_mb, 3):>7} {agrees:>7}"
    )


def _best(rows: list[Row], measure: Callable[[Row], float | None]) -> Row | None:
    """The peer, in whichever mode, with the least of something."""
    peers = [row for row in rows if row.system != "sinew" and measure(row)]
    return min(peers, key=lambda row: measure(row) or 0, default=None)


def _summary_line(name: str, mode: str, rows: list[Row]) -> str | None:
    sinew = next((row for row in rows if row.system == "sinew" and row.mode == mode), None)
    if mode == "float32":
        rows = [row for row in rows if not row.mode.endswith("bfloat16")]
    else:
        name = f"{name} {mode}"
    fastest, smallest = _best(rows, lambda row: row.ms), _best(rows, lambda row: row.peak_mb)
    if not sinew or not fastest or not fastest.ms or not sinew.ms:
        return None
    share = "-" if sinew.peak_share is None else f"{100 * sinew.peak_share:.1f}%"
    memory = "-"
    if smallest and smallest.peak_mb and sinew.peak_mb:
        memory = f"{sinew.peak_mb / smallest.peak_mb:.2f} of {smallest.system} {smallest.mode}"
    times = f"{fastest.ms / sinew.ms:.2f} x {fastest.system} {fastest.mode}"
    return f"{name:<30} {_number(sinew.ms, 4):>9} {share:>6}   {times:<28} {memory}"


def _summary(groups: dict[str, list[Row]]) -> list[str]:
    """Sinew against the best mode of the best peer; in bfloat16, of either precision."""
    lines = [
        _summary_line(name, mode, rows)
        for name, rows in groups.items()
        for mode in ("float32", "bfloat16")
    ]
    header = f"{'workload':<30} {'ms':>9} {'peak':>6}   {'faster than the best peer':<28} memory"
    found = [line for line in lines if line]
    return ["", header, *found] if found else []


def table(rows: list[Row]) -> str:
    machine = [row for row in rows if row.workload == MACHINE]
    lines = [f"{row.system}, {row.mode}, {_number(row.gflops, 3)} GFLOP/s" for row in machine]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row.workload != MACHINE:
            groups.setdefault(row.workload, []).append(row)
    for workload, own in groups.items():
        own.sort(key=lambda row: (row.system != "sinew", row.ms or float("inf")))
        lines += ["", workload, _HEADER, *map(_line, own)]
    lines += _summary(groups)
    measured = [row for own in groups.values() for row in own if row.unavailable is None]
    versions = {row.system: row.version for row in measured if row.version}
    lines += ["", "; ".join(f"{system} {version}" for system, version in versions.items())]
    return "\n".join(lines)
