"""A line of the report: one system in one mode at one workload."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass
class Row:
    """What --json writes, key for key; None where something does not apply or was not measured."""

    workload: str
    system: str
    mode: str
    #: Or "unavailable: REASON".
    version: str
    ms: float | None = None
    #: Quartiles of `ms` over the rounds.
    spread: list[float] | None = None
    #: This system's time over Sinew's; of "installed-size", its size over Sinew's.
    ratio: float | None = None
    gflops: float | None = None
    peak_share: float | None = None
    peak_mb: float | None = None
    agrees: bool | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.workload, self.system, self.mode

    @property
    def unavailable(self) -> str | None:
        prefix = "unavailable: "
        return self.version[len(prefix) :] if self.version.startswith(prefix) else None


def unavailable(workload: str, system: str, mode: str, reason: str) -> Row:
    return Row(workload, system, mode, f"unavailable: {reason}")


def fill_ratios(rows: list[Row]) -> None:
    """Over Sinew's main row of the same workload."""
    main = {row.workload: row for row in rows if row.system == "sinew" and row.mode == "float32"}
    for row in rows:
        base = main.get(row.workload)
        if base and base.ms and row.ms:
            row.ratio = row.ms / base.ms
        elif base and base.ms is None and base.peak_mb and row.peak_mb:
            row.ratio = row.peak_mb / base.peak_mb


def write(path: Path, rows: list[Row]) -> None:
    lines = ",\n".join(json.dumps(_rounded(asdict(row))) for row in rows)
    path.write_text(f"[\n{lines}\n]\n")


def read(path: Path) -> list[Row]:
    return [Row(**entry) for entry in json.loads(path.read_text())]


def _rounded(value: object) -> object:
    """Five digits: more is noise."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return value
