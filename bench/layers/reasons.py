"""Why a row is slower than the best peer's, as far as it is known."""

from __future__ import annotations

from layers.case import Sized

HANDED_ON = "no work: the peers hand the same memory on, where results of a program are copies"
UNEVEN = "windows of unequal extents are slices, reductions and a concatenation, axis by axis"

#: NAME or NAME/SIZE, and the reason.
REASONS: dict[str, str] = {
    "Identity": HANDED_ON,
    "ActivityRegularization": HANDED_ON,
    "Flatten": HANDED_ON,
    "Reshape": HANDED_ON,
    "UpSampling2D(bilinear)": "composed of slices, loops and stacks, axis by axis: six passes over the result",
    **{
        f"Adaptive{kind}Pooling{rank}D": UNEVEN for kind in ("Max", "Average") for rank in (1, 2, 3)
    },
}


def reason(sized: Sized) -> str:
    return REASONS.get(sized.name) or REASONS.get(sized.case.name) or "not looked into yet"
