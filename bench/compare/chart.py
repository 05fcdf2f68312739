"""The report as a picture: how many times as long as Sinew each system takes."""

from __future__ import annotations

from pathlib import Path

from compare.rows import Row

_COLOURS = {
    "pytorch": "#d1495b",
    "keras": "#edae49",
    "libtorch": "#8d6a9f",
    "onnxruntime": "#00798c",
    "sinew": "#30638e",
}
_MARKERS = "osD^vP"


def draw(rows: list[Row], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shown = [row for row in rows if row.ratio is not None]
    workloads = list(dict.fromkeys(row.workload for row in shown))
    kinds = list(dict.fromkeys((row.system, row.mode) for row in shown))
    figure, axes = plt.subplots(figsize=(10, 1.2 + 0.36 * len(workloads)), layout="constrained")
    for system, mode in kinds:
        if (system, mode) == ("sinew", "float32"):
            continue
        modes = [other for name, other in kinds if name == system]
        own = [row for row in shown if (row.system, row.mode) == (system, mode)]
        axes.scatter(
            [row.ratio for row in own],
            [workloads.index(row.workload) for row in own],
            s=46,
            zorder=3,
            color=_COLOURS.get(system, "grey"),
            marker=_MARKERS[modes.index(mode) % len(_MARKERS)],
            edgecolors="white",
            linewidths=0.6,
            label=f"{system} {mode}".strip(),
        )
    axes.axvline(1, color=_COLOURS["sinew"], linewidth=2)
    axes.text(
        1, -0.75, "Sinew", color=_COLOURS["sinew"], ha="center", va="bottom", fontweight="bold"
    )
    axes.set_xscale("log")
    ticks = [
        tick for tick in (0.5, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000) if _near(tick, shown)
    ]
    axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(range(len(workloads)), workloads)
    axes.set_ylim(len(workloads) - 0.5, -0.8)
    axes.grid(axis="x", color="#dddddd", linewidth=0.8)
    axes.grid(axis="y", color="#eeeeee", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("time (installed-size: bytes) over Sinew's; further right is slower")
    figure.legend(loc="outside right upper", frameon=False)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def _near(tick: float, rows: list[Row]) -> bool:
    ratios = [row.ratio for row in rows if row.ratio]
    return min([*ratios, 1]) / 1.5 <= tick <= max([*ratios, 1]) * 1.5
