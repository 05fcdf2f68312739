"""Keras's keras.callbacks: the library's own, and the base of one's own."""

from __future__ import annotations

from typing import Any, Callable

from sinew import _core

_HOOKS = (
    "on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end", "on_train_batch_begin",
    "on_train_batch_end", "on_test_begin", "on_test_end", "on_test_batch_begin",
    "on_test_batch_end", "on_predict_begin", "on_predict_end", "on_predict_batch_begin",
    "on_predict_batch_end",
)
Logs = dict[str, float]


class Callback:
    """Base of callbacks, with Keras's hooks. A training stops after the present batch or epoch when
    a hook sets `self.model.stop_training = True`."""

    def __init__(self) -> None:
        self._model: Any = None
        self.params: dict[str, Any] = {}

    @property
    def model(self) -> Any:
        return self._model

    def set_model(self, model: Any) -> None:
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None: ...
    def on_train_end(self, logs: Logs | None = None) -> None: ...
    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None: ...
    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None: ...
    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None: ...
    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self.on_batch_end(batch, logs=logs)

    def on_test_begin(self, logs: Logs | None = None) -> None: ...
    def on_test_end(self, logs: Logs | None = None) -> None: ...
    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None: ...
    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...
    def on_predict_begin(self, logs: Logs | None = None) -> None: ...
    def on_predict_end(self, logs: Logs | None = None) -> None: ...
    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None: ...
    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...

    def _results(self, logs: Logs) -> Logs:
        """The epoch's results with the callback's own."""
        return logs

    def _for_library(self) -> Any:
        hooks = [name for name in _HOOKS if _defines(self, name)]
        for kind in ("begin", "end"):
            if _defines(self, f"on_batch_{kind}") and f"on_train_batch_{kind}" not in hooks:
                hooks.append(f"on_train_batch_{kind}")
        return _core.python_callback(self, hooks)


def _defines(callback: Any, hook: str) -> bool:
    return getattr(type(callback), hook, None) is not getattr(Callback, hook)


class LibraryCallback(Callback):
    """One of the library's. Its hooks may be extended in Python as any other's."""

    def __init__(self, handle: Any) -> None:
        super().__init__()
        self._handle = handle

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        self._handle.set_model(model._handle)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._handle.on_train_begin()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._handle.on_train_end(logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._handle.on_epoch_begin(epoch)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._handle.on_epoch_end(epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._handle.on_train_batch_begin(batch)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._handle.on_train_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._handle.on_test_begin()

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._handle.on_test_end(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._handle.on_predict_begin()

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._handle.on_predict_end()

    def _results(self, logs: Logs) -> Logs:
        return self._handle.add_results(logs)

    def _for_library(self) -> Any:
        own = type(self).__module__ == __name__
        return self._handle if own else super()._for_library()

    def __getattr__(self, name: str) -> Any:
        """best, stopped_epoch, …"""
        if not name.startswith("_"):
            results = _core.callback_results(self._handle)
            if name in results:
                return results[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class EarlyStopping(LibraryCallback):
    """Stops training when the monitored result has not improved for `patience` epochs."""

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(
            _core.EarlyStopping(
                monitor, min_delta, patience, verbose, mode, baseline, restore_best_weights,
                start_from_epoch,
            )
        )
        self.monitor = monitor
        self.patience = patience


class ModelCheckpoint(LibraryCallback):
    """Saves the model or its weights; `filepath` may hold {epoch}, {batch} and any result."""

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(
            _core.ModelCheckpoint(
                str(filepath), monitor, verbose, save_best_only, save_weights_only, mode,
                0 if save_freq == "epoch" else int(save_freq), initial_value_threshold,
            )
        )
        self.filepath = str(filepath)
        self.monitor = monitor


class ReduceLROnPlateau(LibraryCallback):
    """Multiplies the learning rate by `factor` when the monitored result stays where it is."""

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(
            _core.ReduceLROnPlateau(
                monitor, factor, patience, verbose, mode, min_delta, cooldown, min_lr
            )
        )


class LearningRateScheduler(LibraryCallback):
    """Sets the learning rate at the beginning of each epoch to schedule(epoch, rate)."""

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__(_core.LearningRateScheduler(_with_rate(schedule), verbose))


def _with_rate(schedule: Callable[..., float]) -> Callable[[int, float], float]:
    """Keras also takes functions of the epoch alone."""
    import inspect

    try:
        takes_one = len(inspect.signature(schedule).parameters) == 1
    except (TypeError, ValueError):
        takes_one = False
    return (lambda epoch, rate: schedule(epoch)) if takes_one else schedule


class CSVLogger(LibraryCallback):
    """Writes one line an epoch."""

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        super().__init__(_core.CSVLogger(str(filename), separator, append))


class TerminateOnNaN(LibraryCallback):
    """Ends training after a batch whose loss is NaN or infinite."""

    def __init__(self) -> None:
        super().__init__(_core.TerminateOnNaN())


class SwapEMAWeights(LibraryCallback):
    """Evaluates and predicts with the averages of the weights that the optimizer keeps."""

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__(_core.SwapEMAWeights(swap_on_epoch))


class LambdaCallback(Callback):
    """Calls the given functions."""

    def __init__(self, **hooks: Callable[..., Any] | None) -> None:
        super().__init__()
        unknown = [name for name in hooks if name not in (*_HOOKS, "on_batch_begin", "on_batch_end")]
        if unknown:
            raise TypeError(f"LambdaCallback() got an unexpected argument {unknown[0]!r}")
        self._given = [name for name, hook in hooks.items() if hook is not None]
        for name in self._given:
            setattr(self, name, hooks[name])

    def _for_library(self) -> Any:
        names = [name.replace("on_batch", "on_train_batch") for name in self._given]
        return _core.python_callback(self, names)


class History(Callback):
    """What fit() returns: `history` has a list of one value an epoch for each result."""

    def __init__(self) -> None:
        super().__init__()
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def append(self, epoch: int, logs: Logs) -> None:
        self.epoch.append(epoch)
        for name, result in logs.items():
            self.history.setdefault(name, []).append(result)

    def __repr__(self) -> str:
        last = ", ".join(f"{name}: {values[-1]:.4g}" for name, values in self.history.items() if values)
        return f"<History of {len(self.epoch)} epochs{': ' + last if last else ''}>"

    def _repr_html_(self) -> str:
        from sinew.keras._display import history_table

        return history_table(self)


class CallbackList:
    """Hooks of several callbacks, one after the other."""

    def __init__(self, callbacks: list[Callback], model: Any, params: dict[str, Any]) -> None:
        self.callbacks = callbacks
        for callback in callbacks:
            callback.set_model(model)
            callback.set_params(params)

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name not in _HOOKS:
            raise AttributeError(name)

        def call(*arguments: Any) -> None:
            for callback in self.callbacks:
                getattr(callback, name)(*arguments)

        return call

    def results(self, logs: Logs) -> Logs:
        for callback in self.callbacks:
            logs = callback._results(logs)
        return logs
