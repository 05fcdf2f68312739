"""Why a row is slower than the best peer's, as far as it is known."""

from __future__ import annotations

from layers.case import Sized

#: NAME or NAME/SIZE, and the reason.
REASONS: dict[str, str] = {}


def reason(sized: Sized) -> str:
    return REASONS.get(sized.name) or REASONS.get(sized.case.name) or "not looked into yet"
