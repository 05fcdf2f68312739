"""Keras's keras.callbacks: the library's own, and the base of one's own."""

from __future__ import annotations

from typing import Any, Callable

from sinew import _core
from sinew.summary import SummaryWriter, _plain

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


class JSONLogger(LibraryCallback):
    """Writes one JSON object an epoch, a line each."""

    def __init__(self, filename: Any, append: bool = False) -> None:
        super().__init__(_core.JSONLogger(str(filename), append))


class BackupAndRestore(LibraryCallback):
    """Lets a training outlive its process: the same script, started again, goes on from the last
    backup, in mid-epoch too, and ends in the same bits."""

    def __init__(
        self,
        backup_dir: Any,
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        if save_freq != "epoch" and (isinstance(save_freq, bool) or not isinstance(save_freq, int)):
            raise ValueError(f"save_freq is 'epoch' or a number of steps, not {save_freq!r}")
        super().__init__(
            _core.BackupAndRestore(
                str(backup_dir), 0 if save_freq == "epoch" else save_freq, double_checkpoint,
                delete_checkpoint,
            )
        )
        self.backup_dir = str(backup_dir)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Only called where Python's loop trains: the library looks after backups itself."""
        raise ValueError("BackupAndRestore is for arrays: where generators and loaders stand cannot be restored")

    def _for_library(self) -> Any:
        if type(self) is not BackupAndRestore:
            raise TypeError("BackupAndRestore has no hooks to extend: give fit() another callback beside it")
        return self._handle


class TensorBoard(LibraryCallback):
    """Writes event files for TensorBoard in Keras's layout. Beyond Keras: `hparams` are shown in its
    tab for hyper-parameters, and `train_writer` and `validation_writer` take what a callback of
    one's own adds: images, texts, histograms."""

    def __init__(
        self,
        log_dir: Any = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: int = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
        *,
        hparams: dict[str, bool | float | str] | None = None,
    ) -> None:
        if profile_batch:
            raise ValueError("profile_batch is TensorFlow's profiler: `sinew profile` times every kernel of a step")
        if embeddings_freq or embeddings_metadata:
            raise ValueError("embeddings_freq needs checkpoints of TensorFlow's, which Sinew does not write")
        every = {"epoch": 0, "batch": 1}.get(update_freq, update_freq)
        if isinstance(every, bool) or not isinstance(every, int):
            raise ValueError(f"update_freq is 'batch', 'epoch' or a number of batches, not {update_freq!r}")
        super().__init__(
            _core.TensorBoard(
                str(log_dir), histogram_freq, write_graph, write_images, write_steps_per_second,
                every, _plain(hparams or {}),
            )
        )
        self.log_dir = str(log_dir)

    @property
    def train_writer(self) -> SummaryWriter:
        return SummaryWriter._of(_core.tensorboard_writer(self._handle, False))

    @property
    def validation_writer(self) -> SummaryWriter:
        return SummaryWriter._of(_core.tensorboard_writer(self._handle, True))


class TerminateOnNaN(LibraryCallback):
    """Ends training after a batch whose loss is NaN or infinite."""

    def __init__(self) -> None:
        super().__init__(_core.TerminateOnNaN())


class SwapEMAWeights(LibraryCallback):
    """Evaluates and predicts with the averages of the weights that the optimizer keeps."""

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__(_core.SwapEMAWeights(swap_on_epoch))


class RemoteMonitor(Callback):
    """Sends each epoch's results to a server by POST, as JSON or as a form's field; goes on, with a
    warning, where there is none."""

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: dict[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        import json
        import urllib.parse
        import urllib.request
        import warnings

        text = json.dumps({"epoch": epoch, **(logs or {})})
        kind = "json" if self.send_as_json else "x-www-form-urlencoded"
        request = urllib.request.Request(
            self.root + self.path,
            (text if self.send_as_json else urllib.parse.urlencode({self.field: text})).encode(),
            {"Content-Type": f"application/{kind}", **(self.headers or {})},
        )
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except OSError:
            warnings.warn(f"RemoteMonitor: the server at {self.root} cannot be reached", stacklevel=2)


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
