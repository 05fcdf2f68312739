"""Whether two systems compute the same function of the same weights and data."""

from __future__ import annotations

import numpy as np

from compare.exchange import Arrays

#: A gradient's difference counts against this share of the model's largest gradient where the
#: gradient itself is smaller: that of attention's key bias is zero but for rounding, because
#: softmax does not see a constant added to all scores.
LEAST_SCALE = 1e-2

NOT_GRADIENTS = ("output", "loss")


def distances(ours: Arrays, theirs: Arrays) -> dict[str, float]:
    """Of each array, the largest difference as a share of the largest element.

    Infinite where an array is missing.
    """
    largest = {name: float(np.abs(array).max()) for name, array in ours.items()}
    gradients = [size for name, size in largest.items() if name not in NOT_GRADIENTS]
    least = LEAST_SCALE * max(gradients, default=0.0)
    result = {}
    for name, array in ours.items():
        if name not in theirs or theirs[name].shape != array.shape:
            result[name] = float("inf")
            continue
        difference = float(np.abs(array.astype(np.float64) - theirs[name]).max())
        scale = largest[name] if name in NOT_GRADIENTS else max(largest[name], least)
        result[name] = difference / scale if scale > 0 else difference
    return result


def disagreement(ours: Arrays, theirs: Arrays, tolerance: float) -> str | None:
    """The array that differs most and by how much, or None where all are within the tolerance."""
    worst, name = max((size, name) for name, size in distances(ours, theirs).items())
    # Written so that NaN does not agree.
    return None if worst <= tolerance else f"{name} differs by {worst:.1e} of its largest element"
