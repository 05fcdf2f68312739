"""compile(): from names, objects and functions to what the library takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sinew import _core
from sinew.keras import losses, metrics, optimizers
from sinew.keras.optimizers import Optimizer


class Compiled:
    """The part of a model that is compiled."""

    _handle: Any
    _waits: bool
    _pending: dict[str, Any] | None
    _optimizer: Optimizer | None = None
    _compiled_with: dict[str, Any] | None = None

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Chooses the optimizer, losses and metrics, with Keras's arguments; how Keras runs
        (run_eagerly, jit_compile, …) means nothing here."""
        self._optimizer = optimizers.get(optimizer)
        self._compiled_with = {
            "optimizer": self._optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
        }
        if self._waits:
            self._pending = dict(
                optimizer=self._optimizer, loss=loss, loss_weights=loss_weights, metrics=metrics,
                weighted_metrics=weighted_metrics,
            )
            return
        self._handle.compile(
            self._optimizer._handle,
            [_loss_handle(one) for one in self._per_output(loss) if one is not None],
            [float(weight) for weight in self._per_output(loss_weights)],
            self._metric_lists(metrics),
            self._metric_lists(weighted_metrics),
        )

    def _names(self) -> list[str]:
        return self._handle.output_names if self.built else []

    def _per_output(self, given: Any) -> list[Any]:
        if given is None:
            return []
        if isinstance(given, Mapping) and "class_name" not in given:
            names = self._names()
            unknown = [name for name in given if names and name not in names]
            if unknown:
                raise ValueError(f"there is no output {unknown[0]!r}; there are {names}")
            return [given.get(name) for name in names] if names else list(given.values())
        return list(given) if isinstance(given, (list, tuple)) else [given]

    def _metric_lists(self, given: Any) -> list[list[Any]]:
        if given is None or given == []:
            return []
        per_output = isinstance(given, Mapping) or (
            isinstance(given, (list, tuple)) and any(isinstance(one, (list, tuple)) for one in given)
        )
        lists = self._per_output(given) if per_output else [given]
        return [_metric_handles(one) for one in lists]

    @property
    def optimizer(self) -> Optimizer:
        if self._optimizer is None:
            raise ValueError(f"model {self.name!r} has not been compiled: call compile() first")
        return self._optimizer

    @property
    def compiled(self) -> bool:
        return not self._waits and self._handle.compiled

    @property
    def stop_training(self) -> bool:
        return self._handle.stop_training

    @stop_training.setter
    def stop_training(self, stop: bool) -> None:
        self._handle.stop_training = bool(stop)

    def reset_metrics(self) -> None:
        self._handle.reset_metrics()


def _loss_handle(loss: Any) -> Any:
    if isinstance(loss, str):
        return _core.Loss(loss)
    if isinstance(loss, dict) or isinstance(loss, type):
        loss = losses.get(loss)
    if hasattr(loss, "_handle") and isinstance(loss, losses.Loss):
        return loss._handle()
    name = getattr(loss, "_sinew_name", None)
    if name is not None:
        return _core.Loss(name)
    if callable(loss):
        return _core.function_loss(loss, getattr(loss, "__name__", type(loss).__name__))
    raise TypeError(f"a loss is a name, an object of keras.losses or a function, not {loss!r}")


def _metric_handles(given: Any) -> list[Any]:
    if given is None:
        return []
    return [_metric_handle(one) for one in (given if isinstance(given, (list, tuple)) else [given])]


def _metric_handle(metric: Any) -> Any:
    if isinstance(metric, str):
        return metric
    if isinstance(metric, (dict, type)):
        metric = metrics.get(metric)
    if isinstance(metric, metrics.Metric):
        return metric._metric
    name = getattr(metric, "_sinew_name", None)
    if name is not None:
        return name
    if isinstance(metric, losses.Loss):
        return _core.function_metric(metric.call, metric.name)
    if callable(metric):
        return _core.function_metric(metric, getattr(metric, "__name__", type(metric).__name__))
    raise TypeError(f"a metric is a name, an object of keras.metrics or a function, not {metric!r}")
