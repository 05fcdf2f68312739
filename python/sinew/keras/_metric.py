"""Base of metrics."""

from __future__ import annotations

from typing import Any

import numpy as np

from sinew import _core
from sinew._arrays import as_array
from sinew.keras._configured import Configured, plain
from sinew.keras._variable import Variable
from sinew.keras.ops._dispatch import value


class Metric(Configured):
    """A figure gathered over batches. One of one's own makes its state by `add_variable`, changes
    it in `update_state(y_true, y_pred, sample_weight)` and computes `result()` of it, both in
    `keras.ops`: both become part of the program."""

    def __init__(self, dtype: Any = None, name: str | None = None, **keywords: Any) -> None:
        self._metric = _core.make_python_metric(self, name or type(self).__name__.lower())
        self._fresh = True

    def _configure(self, *, name: str | None = None, dtype: Any = None, **config: Any) -> None:
        super()._configure(**config)
        given = self._plain_config()
        if name is not None:
            given["name"] = name
        self._metric = _core.make_metric(self._class_name, given)
        self._fresh = True

    @property
    def name(self) -> str:
        return self._metric.name

    @property
    def variables(self) -> list[Variable]:
        return [Variable._of(handle) for handle in self._metric.variables]

    def add_variable(
        self,
        shape: Any = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        if isinstance(shape, str):
            shape, name = (), shape
        dtype = str(np.dtype(dtype or "float32"))
        handle = _core.add_metric_variable(
            self._metric, name or "variable", dtype, tuple(shape or ()), _number(initializer)
        )
        return Variable._of(handle)

    add_weight = add_variable

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """For a state whose shape depends on what is compared."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """One batch of arrays; of a metric of one's own, its formula."""
        arrays = [as_array(y_true, "y_true"), as_array(y_pred, "y_pred", "float32")]
        weight = None if sample_weight is None else as_array(sample_weight, "sample_weight", "float32")
        self._metric.update_state(*arrays, weight, self._fresh)
        self._fresh = False

    def result(self) -> Any:
        result = self._metric.result()
        return float(result) if result.ndim == 0 else result

    def reset_state(self) -> None:
        self._metric.reset_state()

    reset_states = reset_state

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        self.update_on_arrays(y_true, y_pred, sample_weight)
        return self.result_of_arrays()

    def update_on_arrays(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """update_state() outside a program, of a metric of one's own too."""
        Metric.update_state(self, y_true, y_pred, sample_weight)

    def result_of_arrays(self) -> Any:
        return Metric.result(self)

    # Called by the library.

    def _build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        self._fresh = False
        self.build(y_true_shape, y_pred_shape)

    def _result(self) -> Any:
        result = self.result()
        if isinstance(result, dict):
            raise TypeError(f"metric {self.name!r}: result() gives a dict; make a metric of each")
        return value(result)


def _number(initializer: Any) -> float:
    name = plain(initializer, "initializer")
    known = {"zeros": 0.0, "Zeros": 0.0, "ones": 1.0, "Ones": 1.0}
    if name in known:
        return known[name]
    if isinstance(name, str):
        return float(_core.draw(name, (), "float32"))
    raise TypeError(f"a metric's variable begins with one number everywhere, not {initializer!r}")
