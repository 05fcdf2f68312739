"""What Python costs: the import, fit() beside the same in C++, and scripts written for Keras from start to end under Sinew and
under TensorFlow. Everything that is compared runs in turns."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

from compare import stats

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]


def run(command: list[str], folder: pathlib.Path, environment: dict[str, str]) -> tuple[float, str]:
    """Seconds from start to end, and what was printed."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise SystemExit(f"python-bench: {' '.join(command)}:\n{done.stderr[-2000:]}")
    return seconds, done.stdout


def in_turns(contestants: dict[str, tuple[list[str], dict[str, str]]], rounds: int, measure) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (command, environment) in contestants.items():
            times[name].append(measure(*run(command, HERE, environment)))
    return times


def row(name: str, times: dict[str, list[float]], unit: str, scale: float) -> dict[str, object]:
    result: dict[str, object] = {"measured": name, "unit": unit}
    for system, values in times.items():
        result[system] = round(scale * stats.median(values), 3)
        result[f"{system} quartiles"] = [round(scale * value, 3) for value in stats.quartiles(values)]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(prog="python-bench", description=__doc__)
    parser.add_argument("--python", required=True, help="a Python that has NumPy")
    parser.add_argument("--keras-python", help="one that has TensorFlow; without it scripts run under Sinew only")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=60000, help="of the scripts' arrays")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    ours = {"PYTHONPATH": str(ROOT / "build/release/python")}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "ROWS": str(options.rows)}
    python, wall = options.python, lambda seconds, _: seconds

    bare = in_turns({
        "python": ([python, "-c", "pass"], {}),
        "numpy": ([python, "-c", "import numpy"], {}),
        "sinew": ([python, "-c", "import sinew"], ours),
        "sinew.keras": ([python, "-c", "import sinew.keras"], ours),
    }, 4 * options.rounds, wall)
    rows = [row("start to end of a process that imports", bare, "ms", 1e3)]

    per_epoch = lambda _, printed: stats.median([float(line) for line in printed.split()]) / 3
    fits = in_turns({
        "C++": ([str(ROOT / "build/release/bin/sinew_fit_bench")], {}),
        "Python": ([python, "fit.py"], ours),
    }, options.rounds, per_epoch)
    rows.append(row("an epoch of fit(), 200 steps of the tutorial's CNN", fits, "ms", 1e3))
    rows[-1]["ratio"] = round(stats.median(fits["Python"]) / stats.median(fits["C++"]), 4)

    for script in ("cnn.py", "lstm.py"):
        contestants = {"sinew": ([python, "-m", "sinew.keras", script], {**ours, **quiet})}
        if options.keras_python:
            contestants["tensorflow"] = ([options.keras_python, script], quiet)
        times = in_turns(contestants, max(1, options.rounds // 2), wall)
        rows.append(row(f"{script}, one epoch of {options.rows} rows, start to end", times, "s", 1))
        if options.keras_python:
            rows[-1]["ratio"] = round(stats.median(times["tensorflow"]) / stats.median(times["sinew"]), 2)

    for entry in rows:
        print(json.dumps(entry))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
