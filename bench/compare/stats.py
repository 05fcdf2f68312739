"""Medians and quartiles."""

from __future__ import annotations

import math


def quantile(values: list[float], share: float) -> float:
    """Between the two nearest values, linearly. Throws ValueError when there are none."""
    if not values:
        raise ValueError("no values were measured")
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def median(values: list[float]) -> float:
    return quantile(values, 0.5)


def quartiles(values: list[float]) -> list[float]:
    return [quantile(values, 0.25), quantile(values, 0.75)]
