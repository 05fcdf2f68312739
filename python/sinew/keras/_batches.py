"""fit(), evaluate() and predict() over what yields batches: the library's step on each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sinew import _core
from sinew.keras import _data
from sinew.keras.callbacks import CallbackList, History

if TYPE_CHECKING:
    from sinew.keras._model import Model


def _limited(batches: Iterator[Any], steps: int | None) -> Iterator[Any]:
    return batches if steps is None else itertools.islice(batches, steps)


def _progress(verbose: Any) -> Any:
    return _core.Progress(-1 if verbose == "auto" else int(verbose))


def fit(
    model: Model,
    data: Any,
    *,
    epochs: int,
    initial_epoch: int,
    verbose: Any,
    callbacks: list[Any],
    validation: dict[str, Any] | None,
    validation_freq: int,
    steps_per_epoch: int | None,
    class_weight: dict[int, float] | None,
) -> History:
    steps = _data.batch_count(data, steps_per_epoch)
    history = History()
    params = {"epochs": epochs, "steps": steps, "verbose": verbose}
    hooks = CallbackList([*callbacks, history], model, params)
    progress = _progress(verbose)
    epoch_passes = _data.passes(data)
    model.stop_training = False
    hooks.on_train_begin({})
    logs: dict[str, float] = {}
    for epoch in range(initial_epoch, epochs):
        progress.begin_epoch(epoch, epochs)
        progress.begin_steps(steps)
        hooks.on_epoch_begin(epoch, {})
        model.reset_metrics()
        done = 0
        for batch in _limited(next(epoch_passes), steps):
            x, y, weight = _data.unpack(batch)
            hooks.on_train_batch_begin(done, {})
            logs = model._step(x, y, weight, class_weight)
            hooks.on_train_batch_end(done, logs)
            done += 1
            progress.step(done, logs)
            if model.stop_training:
                break
        if done == 0:
            raise ValueError("the data gave no batches: is it a generator that has ended?")
        logs = dict(logs)
        if validation is not None and (epoch + 1) % validation_freq == 0:
            results = model.evaluate(**validation, verbose=0, callbacks=callbacks, return_dict=True)
            logs.update({f"val_{name}": value for name, value in results.items()})
        logs = hooks.results(logs)
        progress.end(logs)
        history.append(epoch, logs)
        hooks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    hooks.on_train_end(logs)
    model.optimizer.finalize_variable_values()
    return history


def evaluate(
    model: Model, data: Any, *, verbose: Any, steps: int | None, callbacks: list[Any]
) -> dict[str, float]:
    hooks = CallbackList(list(callbacks), model, {"steps": steps, "verbose": verbose})
    progress = _progress(verbose)
    progress.begin_steps(_data.batch_count(data, steps))
    model.reset_metrics()
    hooks.on_test_begin({})
    logs: dict[str, float] = {}
    done = 0
    for batch in _limited(next(_data.passes(data)), steps):
        x, y, weight = _data.unpack(batch)
        hooks.on_test_batch_begin(done, {})
        logs = model._test_step(x, y, weight)
        hooks.on_test_batch_end(done, logs)
        done += 1
        progress.step(done, logs)
    hooks.on_test_end(logs)
    progress.end(logs)
    return logs


def predict(model: Model, data: Any, *, steps: int | None, callbacks: list[Any]) -> list[np.ndarray]:
    hooks = CallbackList(list(callbacks), model, {"steps": steps})
    parts: list[list[np.ndarray]] = []
    hooks.on_predict_begin({})
    for batch in _limited(next(_data.passes(data)), steps):
        hooks.on_predict_batch_begin(len(parts), {})
        parts.append(model._predict_step(_data.unpack(batch)[0]))
        hooks.on_predict_batch_end(len(parts) - 1, {})
    hooks.on_predict_end({})
    if not parts:
        raise ValueError("predict() was given no batches")
    return [np.concatenate(outputs) for outputs in zip(*parts)]
