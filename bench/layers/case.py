"""A layer that is measured, with its config and inputs of three sizes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from compare.models import Builder

Shape = tuple[int, ...]

SIZES = ("small", "medium", "large")


@dataclass(frozen=True)
class Per:
    """A value of each size."""

    values: tuple[Any, Any, Any]


def per(small: Any, medium: Any, large: Any) -> Per:
    return Per((small, medium, large))


@dataclass(frozen=True)
class Case:
    """A layer with its config in Keras's words."""

    family: str
    layer: str
    #: What tells several cases of a layer apart.
    variant: str
    #: One an input; each a shape or one a size.
    inputs: tuple[Any, ...]
    config: dict[str, Any] = field(default_factory=dict)
    #: Inputs are integers below the option of this name.
    indices_below: str | None = None
    #: Whether it draws numbers, which no two systems draw alike.
    random: bool = False

    @property
    def name(self) -> str:
        return f"{self.layer}({self.variant})" if self.variant else self.layer


@dataclass(frozen=True)
class Sized:
    """A case in one of its sizes."""

    case: Case
    size: str

    @property
    def name(self) -> str:
        return f"{self.case.name}/{self.size}"

    def _of_size(self, value: Any) -> Any:
        if isinstance(value, Per):
            return value.values[SIZES.index(self.size)]
        if isinstance(value, dict):
            return {key: self._of_size(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._of_size(item) for item in value]
        return value

    @property
    def config(self) -> dict[str, Any]:
        return self._of_size(self.case.config)

    @property
    def shapes(self) -> list[Shape]:
        return [self._of_size(shape) for shape in self.case.inputs]

    @property
    def has_channels(self) -> bool:
        """Whether PyTorch knows a channels-last layout of its inputs."""
        return self.case.layer[-2:] in ("2D", "3D") or self.case.variant == "images"

    def model(self) -> str:
        """A functional model of the layer alone, as Keras's JSON."""
        dtype = "int64" if self.case.indices_below else "float32"
        net = Builder(self.shapes[0][1:], dtype)
        inputs = [net.first] + [net.input(shape[1:], dtype) for shape in self.shapes[1:]]
        return net.finish(net(self.case.layer, *inputs, **self.config))
