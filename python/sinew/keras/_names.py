"""Messages about names that are unknown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), 1)
    return f"{name!r}" + (f"; did you mean {found[0]!r}?" if found else "")
