"""keras.X.get(): objects from what may stand for them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from sinew import _core
from sinew.keras._names import nearest


def _key(name: str) -> str:
    return name.lower().replace("_", "")


def class_named(name: str, kind: str, module: ModuleType) -> type:
    """By class name, function name or alias, as the library reads them."""
    key = _key(name)
    for known, class_name in module.CLASS_OF.items():
        if _key(known) == key:
            return getattr(module, class_name)
    for class_name in module.__all__:
        if _key(class_name) == key:
            return getattr(module, class_name)
    raise ValueError(f"unknown {kind} {nearest(name, [*module.__all__, *module.CLASS_OF])}")


def lookup(identifier: Any, kind: str, module: ModuleType) -> Any:
    if identifier is None or (callable(identifier) and not isinstance(identifier, type)):
        return identifier
    if isinstance(identifier, type):
        return identifier()
    if isinstance(identifier, dict):
        made = class_named(identifier["class_name"], kind, module)
        return made(**(identifier.get("config") or {}))
    if isinstance(identifier, str):
        name, config = _core.parse_identifier(identifier)
        return class_named(name, kind, module)(**config)
    return identifier
