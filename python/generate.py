"""Writes sinew/keras/_generated/*.py: a class for each layer, loss, metric, … that the library has,
with its arguments and defaults from the library's own signatures and its text from the headers.

    python generate.py --package build/python/sinew --include include
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

HINTS = {
    "flag": "bool",
    "integer": "int",
    "number": "float",
    "text": "str",
    "integers": "int | Sequence[int]",
    "numbers": "float | Sequence[float]",
    "texts": "Sequence[str]",
    "size": "int | Sequence[int]",
    "border": "int | Sequence[Any]",
    "extents": "Sequence[int | None]",
    "type": "str",
    "activation": "str | Callable[[Any], Any]",
    "initializer": "str | Callable[..., Any]",
    "regularizer": "str | Callable[[Any], Any]",
    "constraint": "str | Callable[[Any], Any]",
    "learning_rate": "float | Any",
    "layer": "Layer",
    "layers": "Sequence[Layer]",
    "other": "Any",
}
FUNCTION_KINDS = ("activation", "initializer", "regularizer", "constraint", "layer", "layers")
HEAD = '''"""Written by python/generate.py from the library's signatures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

'''


def load_core(package: Path) -> ModuleType:
    """The module itself, without the package that is being written."""
    path = next(package.glob("_core*.so"))
    spec = importlib.util.spec_from_file_location("sinew._core", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def header_texts(include: Path, folder: str) -> dict[str, str]:
    """The comment before each function of the headers, by the function's name."""
    texts: dict[str, str] = {}
    for header in sorted(include.glob(f"sinew/{folder}")):
        pattern = r"((?:^ *///.*\n)+)(?:^(?: *)(?!///)[\w:<> ]*\b(\w+)\(.*\n(?:.*?;\n)?)+"
        for match in re.finditer(pattern, header.read_text(), re.MULTILINE):
            comment = "\n".join(line.strip().removeprefix("///").strip() for line in match[1].splitlines())
            names = re.findall(r"^ *[\w:<>]+ (\w+)\(", match[0], re.MULTILINE)
            for name in names:
                texts.setdefault(name, " ".join(comment.split()))
    return texts


def docstring(text: str, indent: str = "    ") -> str:
    text = text.replace("\\", "\\\\").replace('"""', "'''") or "As in Keras 3."
    lines = textwrap.wrap(text, 96 - len(indent))
    if len(lines) == 1:
        return f'{indent}"""{lines[0]}"""\n'
    return f'{indent}"""' + f"\n{indent}".join(lines) + f'\n{indent}"""\n'


def default_of(argument: dict[str, Any]) -> Any:
    value = argument["default"]
    if argument["kind"] in ("size", "border") and isinstance(value, list):
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    if argument["name"] == "data_format" or argument["kind"] == "activation" and value == "linear":
        return None
    return value


def parameter(argument: dict[str, Any]) -> str:
    hint = HINTS[argument["kind"]]
    if argument["required"]:
        return f"{argument['name']}: {hint}"
    default = default_of(argument)
    if (default is None or argument["optional"]) and hint != "Any":
        hint += " | None"
    return f"{argument['name']}: {hint} = {default!r}"


def parameters(arguments: list[dict[str, Any]]) -> list[str]:
    """Those without defaults first, as Python wants them."""
    return [parameter(a) for a in sorted(arguments, key=lambda a: not a["required"])]


def signature(parts: list[str], indent: str = "    ") -> str:
    inside = f",\n{indent}    ".join(parts)
    return f"{indent}def __init__(\n{indent}    {inside},\n{indent}) -> None:\n"


def kinds_of(arguments: list[dict[str, Any]]) -> dict[str, str]:
    return {a["name"]: a["kind"] for a in arguments if a["kind"] in FUNCTION_KINDS}


def none_matters(arguments: list[dict[str, Any]], base: str) -> tuple[str, ...]:
    """Arguments for which None is not the default: of losses and metrics Keras's None is the choice "none"."""

    def matters(a: dict[str, Any]) -> bool:
        return a["optional"] or base in ("Loss", "Metric") and a["kind"] == "text" and a["name"] != "name"

    return tuple(a["name"] for a in arguments if a["default"] not in (None, "") and matters(a))


def assignments(arguments: list[dict[str, Any]], more: tuple[str, ...] = ()) -> str:
    names = [a["name"] for a in arguments] + list(more)
    return ", ".join(f"{name}={name}" for name in names)


def write_class(
    entry: dict[str, Any], base: str, text: str, more: list[str], tail: str, super_tail: str
) -> str:
    arguments = entry["arguments"]
    body = f"class {entry['class_name']}({base}):\n{docstring(text)}\n"
    body += f"    _class_name = {entry['class_name']!r}\n"
    if kinds_of(arguments):
        body += f"    _kinds = {kinds_of(arguments)!r}\n"
    if none_matters(arguments, base):
        body += f"    _none_matters = {none_matters(arguments, base)!r}\n"
    body += "\n" + signature(["self"] + parameters(arguments) + more)
    given = assignments(arguments)
    parts = [part for part in (given, super_tail) if part]
    return body + f"        {tail}({', '.join(parts)})\n\n\n"


def write_module(
    signatures: list[dict[str, Any]],
    texts: dict[str, str],
    base: str,
    imported: str,
    more: list[str],
    super_tail: str,
) -> str:
    result = HEAD + imported + "\n\n"
    names = []
    for entry in signatures:
        names.append(entry["class_name"])
        text = texts.get(entry["class_name"], "")
        result += write_class(entry, base, text, more, "self._configure", super_tail)
    result += "__all__ = [\n" + "".join(f"    {name!r},\n" for name in names) + "]\n"
    return result


def functions_table(signatures: list[dict[str, Any]]) -> str:
    """Names and aliases of functions, to class names."""
    table: dict[str, str] = {}
    for entry in signatures:
        for name in [entry["function_name"], *entry["aliases"]]:
            if name:
                table[name] = entry["class_name"]
    lines = "".join(f"    {name!r}: {table[name]!r},\n" for name in sorted(table))
    return f"\nCLASS_OF = {{\n{lines}}}\n"


def write_activations(signatures: list[dict[str, Any]], texts: dict[str, str]) -> str:
    result = HEAD + "from sinew.keras._activation import activation\n\n\n"
    for entry in signatures:
        name = entry["function_name"]
        parts = ["x: Any"] + parameters(entry["arguments"])
        result += f"def {name}({', '.join(parts)}) -> Any:\n{docstring(texts.get(name, ''))}"
        given = assignments(entry["arguments"])
        result += f"    return activation({name!r}, x{', ' if given else ''}{given})\n\n\n"
        result += f"{name}._sinew_name = {name!r}  # type: ignore[attr-defined]\n\n\n"
    names = "".join(f"    {entry['function_name']!r},\n" for entry in signatures)
    return result + f"__all__ = [\n{names}]\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--include", type=Path, required=True)
    options = parser.parse_args()
    sys.dont_write_bytecode = True
    core = load_core(options.package)
    out = options.package / "keras" / "_generated"
    out.mkdir(parents=True, exist_ok=True)

    def texts(folder: str) -> dict[str, str]:
        return header_texts(options.include, "nn/" + folder)

    layers = [s for s in core.layer_signatures() if s["class_name"] != "InputLayer"]
    keywords = ["**keywords: Any"]
    modules = {
        "layers": write_module(
            layers, texts("layers/*.h") | header_texts(options.include, "applications/layers.h"),
            "Layer", "from sinew.keras._layer import Layer", keywords, "keywords=keywords",
        ),
        "losses": write_module(
            core.loss_signatures(), texts("losses/*.h"), "Loss",
            "from sinew.keras._loss import Loss", ["name: str | None = None", "dtype: Any = None"],
            "name=name",
        ) + functions_table(core.loss_signatures()),
        "metrics": write_module(
            core.metric_signatures(), texts("metrics/*.h"), "Metric",
            "from sinew.keras._metric import Metric",
            ["name: str | None = None", "dtype: Any = None"], "name=name, dtype=dtype",
        ) + functions_table(core.metric_signatures()),
        "optimizers": write_module(
            core.optimizer_signatures(), texts("optimizers/*.h"), "Optimizer",
            "from sinew.keras._optimizer import Optimizer", [], "",
        ),
        "schedules": write_module(
            core.schedule_signatures(), texts("optimizers/schedules.h"), "LearningRateSchedule",
            "from sinew.keras._optimizer import LearningRateSchedule", [], "",
        ),
        "initializers": write_module(
            core.initializer_signatures(), texts("initializers.h"), "Initializer",
            "from sinew.keras._initializer import Initializer", [], "",
        ) + functions_table(core.initializer_signatures()),
        "regularizers": write_module(
            core.regularizer_signatures(), texts("regularizers.h"), "Regularizer",
            "from sinew.keras._regularizer import Regularizer", [], "",
        ) + functions_table(core.regularizer_signatures()),
        "constraints": write_module(
            core.constraint_signatures(), texts("constraints.h"), "Constraint",
            "from sinew.keras._constraint import Constraint", [], "",
        ) + functions_table(core.constraint_signatures()),
        "activations": write_activations(core.activation_signatures(), texts("activations.h")),
    }
    for name, text in modules.items():
        (out / f"{name}.py").write_text(text)
    (out / "__init__.py").write_text('"""Written by python/generate.py."""\n')


if __name__ == "__main__":
    main()
