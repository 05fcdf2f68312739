"""Bases of optimizers and of learning rate schedules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sinew import _core
from sinew.keras._configured import Configured, plain_config, with_nones
from sinew.keras._variable import Variable


class LearningRateSchedule(Configured):
    """A learning rate as a function of the step."""

    def __call__(self, step: int) -> float:
        return _core.schedule_at(self._identifier(), int(step))


class Optimizer:
    """How weights follow their gradients."""

    _class_name: str = ""
    _handle: Any

    #: Arguments for which None is a choice of its own, not the default.
    _none_matters: tuple[str, ...] = ()

    def _configure(self, **config: Any) -> None:
        given = plain_config(with_nones(config, self._none_matters, "None"))
        self._handle = _core.make_optimizer(self._class_name, given)

    @classmethod
    def _of(cls, handle: Any) -> Optimizer:
        from sinew.keras import optimizers

        kind = getattr(optimizers, handle.class_name, Optimizer)
        optimizer = kind.__new__(kind)
        optimizer._handle = handle
        return optimizer

    @property
    def name(self) -> str:
        return self._handle.name

    @property
    def learning_rate(self) -> float:
        """Of the next step; may be set where no schedule sets it."""
        return self._handle.learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        self._handle.learning_rate = float(rate)

    lr = learning_rate

    @property
    def iterations(self) -> int:
        return self._handle.iterations

    @property
    def variables(self) -> list[Variable]:
        return [Variable._of(handle) for handle in self._handle.variables]

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        handles = [variable._handle for variable in var_list or ()]
        self._handle.exclude_from_weight_decay(handles, list(var_names or ()))

    def finalize_variable_values(self, var_list: Any = None) -> None:
        self._handle.finalize_variable_values()

    def _identifier(self) -> str:
        return self._handle.identifier

    def get_config(self) -> dict[str, Any]:
        return self._handle.config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Optimizer:
        return cls(**config)

    def __reduce__(self) -> Any:
        return _unpickled, (self._handle.class_name, self._handle.config)

    def __repr__(self) -> str:
        return f"<{self._handle.identifier}>"


def _unpickled(class_name: str, config: dict[str, Any]) -> Optimizer:
    return Optimizer._of(_core.make_optimizer(class_name, plain_config(config)))
