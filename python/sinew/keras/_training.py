"""fit(), evaluate() and predict(), on arrays and on what yields batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from sinew import _core
from sinew.keras import _batches, _data
from sinew.keras._compile import Compiled
from sinew.keras._display import NotebookProgress, in_notebook
from sinew.keras.callbacks import Callback, History


class Trainable(Compiled):
    """The part of a model that is trained."""

    input_names: list[str]
    built: bool

    def _make_for(self, arrays: list[np.ndarray]) -> None: ...  # of OwnModel

    def _arrays(self, x: Any) -> list[np.ndarray]:
        arrays = _data.arrays(x, "x", self.input_names if self.built else None)
        self._make_for(arrays)
        return arrays

    def _targets(self, y: Any) -> list[np.ndarray]:
        return _data.arrays(y, "y", self._names() or None)

    def _weights(self, weight: Any, role: str = "sample_weight") -> list[np.ndarray]:
        return _data.arrays(weight, role, self._names() or None)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: list[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
        *,
        seed: int | None = None,
        checkpoint: str = "",
        checkpoint_every: int = 0,
        resume: str = "",
    ) -> History:
        """Trains, with Keras's arguments; `x` is arrays or anything that yields batches. Beyond
        Keras: `seed`, and `checkpoint` files that `resume` goes on from, in mid-epoch too, to the
        same bits."""
        given = _callback_list(callbacks)
        class_weight = {int(k): float(v) for k, v in (class_weight or {}).items()}
        validation = self._validation(validation_data, validation_batch_size or batch_size, validation_steps)
        if _data.is_batches(x):
            if y is not None:
                raise ValueError("x yields batches, which hold the targets: leave y out")
            if validation_split:
                raise ValueError("validation_split needs arrays; give validation_data")
            return _batches.fit(
                self, x, epochs=epochs, initial_epoch=initial_epoch, verbose=verbose,
                callbacks=given, validation=validation, validation_freq=validation_freq,
                steps_per_epoch=steps_per_epoch, class_weight=class_weight,
            )
        arrays = self._arrays(x)
        if steps_per_epoch is not None or (validation is not None and "steps" in validation):
            return self._fit_in_batches(x, y, batch_size or 32, sample_weight, shuffle, dict(
                epochs=epochs, initial_epoch=initial_epoch, verbose=verbose, callbacks=given,
                validation=validation, validation_freq=validation_freq,
                steps_per_epoch=steps_per_epoch, class_weight=class_weight,
            ))
        if verbose in ("auto", 1) and in_notebook():
            rows, size = len(arrays[0]) * (1 - validation_split), batch_size or 32
            given.append(NotebookProgress(epochs, max(1, -(-int(rows) // size))))
            verbose = 0
        history = History()
        history.params = {"epochs": epochs, "verbose": verbose}
        history.set_model(self)
        for callback in given:
            callback.set_model(self)
            callback.set_params(history.params)
        results = self._handle.fit(
            arrays, self._targets(y), int(epochs), int(batch_size or 32),
            _verbose(verbose), [callback._for_library() for callback in given],
            float(validation_split), _validation_arrays(validation), bool(shuffle), class_weight,
            self._weights(sample_weight), int(initial_epoch), int(validation_freq), seed, resume,
            checkpoint, int(checkpoint_every),
        )
        history.epoch, history.history = results["epoch"], results["history"]
        return history

    def _fit_in_batches(
        self, x: Any, y: Any, batch_size: int, weight: Any, shuffle: bool, options: dict[str, Any]
    ) -> History:
        """Arrays with a number of steps an epoch, which may end in the middle of the arrays."""
        arrays = [self._arrays(x), self._targets(y), self._weights(weight)]
        rows = len(arrays[0][0])

        def forever() -> Any:
            random = np.random.default_rng(_core.random_seed())
            while True:
                order = random.permutation(rows) if shuffle else np.arange(rows)
                for begin in range(0, rows, batch_size):
                    part = order[begin : begin + batch_size]
                    yield tuple([a[part] for a in group] or None for group in arrays)

        options["steps_per_epoch"] = options["steps_per_epoch"] or -(-rows // batch_size)
        return _batches.fit(self, forever(), **options)

    def _validation(self, data: Any, batch_size: int | None, steps: int | None) -> dict[str, Any] | None:
        """Arguments of evaluate()."""
        if data is None:
            return None
        if _data.is_batches(data):
            return {"x": data, "steps": steps}
        if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
            raise ValueError("validation_data is (x, y) or (x, y, sample_weight), or yields batches")
        weight = data[2] if len(data) == 3 else None
        return {"x": data[0], "y": data[1], "sample_weight": weight, "batch_size": batch_size}

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        given = _callback_list(callbacks)
        if _data.is_batches(x):
            logs = _batches.evaluate(self, x, verbose=verbose, steps=steps, callbacks=given)
        else:
            arrays = self._arrays(x)
            logs = self._handle.evaluate(
                arrays, self._targets(y), int(batch_size or 32), _verbose(verbose),
                self._weights(sample_weight), self._hooked(given),
            )
        return logs if return_dict else self._listed(logs)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        given = _callback_list(callbacks)
        if _data.is_batches(x):
            return single(_batches.predict(self, x, steps=steps, callbacks=given))
        quiet = 0 if verbose == "auto" else int(verbose)
        arrays = self._arrays(x)
        return single(
            self._handle.predict(arrays, int(batch_size or 32), quiet, self._hooked(given))
        )

    def _hooked(self, callbacks: list[Callback]) -> list[Any]:
        for callback in callbacks:
            callback.set_model(self)
        return [callback._for_library() for callback in callbacks]

    def _step(self, x: Any, y: Any, weight: Any, class_weight: dict[int, float] | None = None) -> dict[str, float]:
        arrays = self._arrays(x)
        return self._handle.train_on_batch(
            arrays, self._targets(y), self._weights(weight), class_weight or {}
        )

    def _test_step(self, x: Any, y: Any, weight: Any) -> dict[str, float]:
        arrays = self._arrays(x)
        return self._handle.test_on_batch(arrays, self._targets(y), self._weights(weight))

    def _predict_step(self, x: Any) -> list[np.ndarray]:
        arrays = self._arrays(x)
        return self._handle.predict(arrays, len(first(arrays)), 0, [])

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        logs = self._step(x, y, sample_weight, class_weight)
        return logs if return_dict else self._listed(logs)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        logs = self._test_step(x, y, sample_weight)
        return logs if return_dict else self._listed(logs)

    def predict_on_batch(self, x: Any) -> Any:
        return single(self._predict_step(x))

    def _listed(self, logs: dict[str, Any]) -> Any:
        """Results as a list in Keras's order: losses, then, where there are several outputs, metrics by their names."""
        names = list(logs)
        if len(self.output_names) > 1:
            losses = ["loss"] + [f"{name}_loss" for name in self.output_names]
            names = [name for name in names if name in losses] + sorted(set(names) - set(losses))
        return single([logs[name] for name in names])

    @property
    def metrics_names(self) -> list[str]:
        return ["loss"] + (["compile_metrics"] if (self._compiled_with or {}).get("metrics") else [])


def single(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def first(values: list[Any]) -> Any:
    if not values:
        raise ValueError("no input was given")
    return values[0]


def _verbose(verbose: Any) -> int:
    return -1 if verbose == "auto" else int(verbose)


def _callback_list(callbacks: Any) -> list[Callback]:
    if callbacks is None:
        return []
    given = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
    for callback in given:
        if not isinstance(callback, Callback):
            raise TypeError(f"a callback is an object derived from keras.callbacks.Callback, not {callback!r}")
    return given


def _validation_arrays(validation: dict[str, Any] | None) -> tuple[Any, Any, Any]:
    if validation is None:
        return [], [], []
    role = "validation_data"
    return (
        _data.arrays(validation["x"], f"{role} x"),
        _data.arrays(validation["y"], f"{role} y"),
        _data.arrays(validation["sample_weight"], f"{role} sample_weight"),
    )
