"""The learning-rate range test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sinew import _core


@dataclass
class LearningRateRange:
    """What the range test saw, a value a step."""

    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    diverged: bool
    #: Where the smoothed loss falls most steeply; None when it does not fall.
    suggestion: float | None

    def plot(self, path: Any) -> None:
        """Draws the loss over the rates: SVG where the path ends in .svg, otherwise PNG."""
        _core.plot_learning_rates(str(path), self.rates, self.losses, self.smoothed, self.suggestion)


def find_learning_rate(
    model: Any,
    x: Any,
    y: Any,
    *,
    start: float = 1e-7,
    end: float = 10.0,
    steps: int = 100,
    batch_size: int = 32,
    smoothing: float = 0.8,
    divergence: float = 4.0,
    sample_weight: Any = None,
    seed: int | None = None,
) -> LearningRateRange:
    """The range test (Smith 2017): trains for a moment with a rate that grows exponentially, and
    tells at which the loss falls most steeply. Afterwards the model is as it was."""
    arrays = model._arrays(x)
    found = model._handle.find_learning_rate(
        arrays, model._targets(y), model._weights(sample_weight), float(start), float(end), int(steps),
        int(batch_size), float(smoothing), float(divergence), seed,
    )
    return LearningRateRange(**found)
