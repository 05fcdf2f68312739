"""The report: a page in Markdown, or lines for a terminal."""

from __future__ import annotations

import math
from dataclasses import dataclass

from compare.rows import Row
from layers.case import SIZES, Sized
from layers.cases import CASES
from layers.reasons import reason
from layers.systems import MODES

#: Slower than this share of the best peer's speed is to be explained.
FAIR = 1 / 1.1

_TITLES = {
    "keras jit": "Keras jit",
    "keras no-jit": "Keras",
    "pytorch eager": "PyTorch",
    "pytorch channels-last": "PyTorch channels-last",
    "pytorch compile": "PyTorch compile",
}


@dataclass
class Entry:
    """A layer in one size with everybody's time."""

    sized: Sized
    sinew: Row
    peers: dict[str, Row]

    @property
    def best(self) -> Row | None:
        """Of those that compute the same."""
        rivals = [row for row in self.peers.values() if row.ms and row.agrees]
        return min(rivals, key=lambda row: row.ms or math.inf, default=None)

    @property
    def ratio(self) -> float | None:
        """Above 1, Sinew is faster than the best peer."""
        best = self.best
        return best.ms / self.sinew.ms if best and best.ms and self.sinew.ms else None

    @property
    def agrees(self) -> str:
        """Who computes something else."""
        wrong = [_TITLES[row_title(row)] for row in self.peers.values() if row.agrees is False]
        return "NO: " + ", ".join(wrong) if wrong else "yes"


def row_title(row: Row) -> str:
    return f"{row.system} {row.mode}"


def entries(rows: list[Row]) -> list[Entry]:
    """In the order of the cases."""
    groups: dict[str, dict[str, Row]] = {}
    for row in rows:
        groups.setdefault(row.workload, {})[row_title(row)] = row
    found = []
    for sized in (Sized(case, size) for case in CASES for size in SIZES):
        group = groups.get(sized.name, {})
        if "sinew float32" in group and group["sinew float32"].ms:
            peers = {title: group[title] for title in MODES if title in group}
            found.append(Entry(sized, group["sinew float32"], peers))
    return found


def _times(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _milliseconds(value: float) -> str:
    decimals = max(0, 2 - math.floor(math.log10(value)))
    return f"{value:.{min(decimals, 4)}f}"


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _cell(entry: Entry, title: str) -> str:
    row = entry.peers.get(title)
    if row is None or not row.ms or not entry.sinew.ms:
        return "–"
    return _times(row.ms / entry.sinew.ms)


def _line(entry: Entry, modes: list[str]) -> str:
    best, ratio = entry.best, entry.ratio
    verdict = (
        "–" if ratio is None or best is None else f"**{_times(ratio)}** {_TITLES[row_title(best)]}"
    )
    cells = [
        entry.sized.case.name,
        entry.sized.size,
        _shape(entry.sized.shapes[0]),
        _milliseconds(entry.sinew.ms or 1),
        verdict,
        *(_cell(entry, title) for title in modes),
        entry.agrees,
    ]
    return "| " + " | ".join(cells) + " |"


def _family(name: str, own: list[Entry]) -> list[str]:
    modes = [title for title in MODES if any(title in entry.peers for entry in own)]
    heads = [
        "layer",
        "size",
        "input",
        "Sinew ms",
        "best peer",
        *(_TITLES[title] for title in modes),
    ]
    return [
        "",
        f"## {name.capitalize()}",
        "| " + " | ".join([*heads, "agree"]) + " |",
        "|---|---|---|--:|---|" + "--:|" * len(modes) + "---|",
        *(_line(entry, modes) for entry in own),
    ]


def slower(found: list[Entry]) -> list[Entry]:
    return sorted(
        (entry for entry in found if entry.ratio is not None and entry.ratio < FAIR),
        key=lambda entry: entry.ratio or 0,
    )


def _summary(found: list[Entry]) -> list[str]:
    lines = [
        "| size | rows | faster | within 10 % | slower | geometric mean |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for size in (*SIZES, "all"):
        ratios = [e.ratio for e in found if e.ratio and size in (e.sized.size, "all")]
        if not ratios:
            continue
        faster = sum(ratio > 1 for ratio in ratios)
        fair = sum(FAIR <= ratio <= 1 for ratio in ratios)
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        rest = len(ratios) - faster - fair
        lines.append(f"| {size} | {len(ratios)} | {faster} | {fair} | {rest} | {mean:.2f} × |")
    return lines


def _slower_lines(found: list[Entry]) -> list[str]:
    lines = ["", "## Slower than the best peer by more than 10 %"]
    late = slower(found)
    if not late:
        return [*lines, "None."]
    lines += ["| layer | size | against the best peer | why |", "|---|---|---|---|"]
    for entry in late:
        best = entry.best
        assert best and entry.ratio
        lines.append(
            f"| {entry.sized.case.name} | {entry.sized.size} | {_times(entry.ratio)} "
            f"{_TITLES[row_title(best)]} | {reason(entry.sized)} |"
        )
    return lines


_HEAD = """# Every layer beside PyTorch and Keras

Written by `scripts/layer-bench --markdown` (bench/layers), never by hand. A row is one layer's output and, for a given gradient of it, the
gradients of its inputs and weights, in training, without an optimizer. **Best peer**: the fastest of the peers' modes and its time over
Sinew's: above 1, Sinew is faster; the columns behind it are the same of every mode. All run in one session, in turns, while the others
are stopped; a time is the fastest tenth of a turn's steps in the best of the rounds, which other work on the machine disturbs least. **agree**: output and gradients are the same to 1e-4 of the largest element (of layers that draw numbers, means).
PyTorch has sequences and images channels first, its natural layout, and channels last in a mode of its own; it gets its inputs in that layout.
"""


def page(rows: list[Row], machine: str) -> str:
    found = entries(rows)
    versions = {row.system: row.version for row in rows if row.unavailable is None}
    measured = ", ".join(f"{system} {version}" for system, version in versions.items())
    lines = [_HEAD, f"{machine}; {measured}.", "", *_summary(found), *_slower_lines(found)]
    for family in dict.fromkeys(case.family for case in CASES):
        own = [entry for entry in found if entry.sized.case.family == family]
        if own:
            lines += _family(family, own)
    return "\n".join(lines)


def table(rows: list[Row]) -> str:
    """For a terminal."""
    lines = [
        f"{'layer':<38} {'Sinew ms':>9} {'best':>6}  " + "  ".join(f"{m:>12.12}" for m in MODES)
    ]
    found = entries(rows)
    for entry in found:
        ratio = "-" if entry.ratio is None else _times(entry.ratio)
        cells = "  ".join(f"{_cell(entry, title):>12}" for title in MODES)
        agrees = "" if entry.agrees == "yes" else f"  {entry.agrees}"
        name, ms = entry.sized.name, _milliseconds(entry.sinew.ms or 1)
        lines.append(f"{name:<38} {ms:>9} {ratio:>6}  {cells}{agrees}")
    missing = [row for row in rows if row.unavailable is not None]
    lines += [f"{row.workload} {row_title(row)}: {row.unavailable}" for row in missing]
    return "\n".join([*lines, "", *_summary(found)])
