"""Callbacks, batches from anywhere, interruption and threads."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

from sinew import keras
from sinew.keras import layers


class Recorder(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_begin(self, logs=None):
        self.seen.append("begin")

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append((epoch, sorted(logs)))

    def on_batch_end(self, batch, logs=None):
        self.seen.append(batch)

    def on_test_end(self, logs=None):
        self.seen.append("tested")


def batches(x, y, size, endless=False):
    while True:
        for begin in range(0, len(x), size):
            yield x[begin : begin + size], y[begin : begin + size]
        if not endless:
            return


EXPECTED = ["begin", 0, 1, "tested", (0, ["accuracy", "loss", "val_accuracy", "val_loss"])]


def test_hooks_are_called_in_order(classifier, blobs):
    recorder = Recorder()
    classifier.fit(*blobs, batch_size=60, callbacks=[recorder], validation_data=blobs, verbose=0)
    assert recorder.seen == EXPECTED and recorder.model is classifier
    recorder.seen.clear()
    loader = list(batches(*blobs, 60))
    classifier.fit(loader.__iter__(), steps_per_epoch=2, callbacks=[recorder], validation_data=blobs, verbose=0)
    assert recorder.seen == EXPECTED


def test_a_callback_stops_the_training(classifier, blobs):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 2

    assert len(classifier.fit(*blobs, epochs=9, callbacks=[Stop()], verbose=0).epoch) == 3


def test_errors_of_callbacks_come_out(classifier, blobs):
    def fail(epoch, logs):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        classifier.fit(*blobs, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=fail)], verbose=0)
    classifier.fit(*blobs, verbose=0)


def test_the_librarys_callbacks(classifier, blobs, tmp_path):
    stop = keras.callbacks.EarlyStopping(monitor="loss", min_delta=10, patience=1, restore_best_weights=True)
    history = classifier.fit(
        *blobs, epochs=20, verbose=0,
        callbacks=[
            stop,
            keras.callbacks.CSVLogger(tmp_path / "log.csv"),
            keras.callbacks.ModelCheckpoint(tmp_path / "{epoch:02d}.safetensors"),
            keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)),
        ],
    )
    assert len(history.epoch) == 2 and stop.stopped_epoch == 1
    assert history.history["learning_rate"] == pytest.approx([0.1, 0.05])
    assert sorted(os.listdir(tmp_path)) == ["01.safetensors", "02.safetensors", "log.csv"]
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 3


def test_the_librarys_callbacks_extended_in_python_and_over_batches(classifier, blobs):
    class Loud(keras.callbacks.EarlyStopping):
        epochs = 0

        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            self.epochs += 1

    for data in (blobs, (list(batches(*blobs, 40)).__iter__,)):
        stop = Loud(monitor="loss", min_delta=10, patience=2)
        if len(data) == 2:
            classifier.fit(*data, epochs=20, callbacks=[stop], verbose=0)
        else:
            classifier.fit(
                batches(*blobs, 40, endless=True), steps_per_epoch=3, epochs=20, callbacks=[stop], verbose=0
            )
        assert stop.epochs == 3 and stop.stopped_epoch == 2


class Loader:
    """As PyTorch's: iterated anew each epoch, of known length."""

    def __init__(self, x, y, size):
        self.parts = list(batches(x, y, size))

    def __iter__(self):
        return iter(self.parts)

    def __len__(self):
        return len(self.parts)


class Numbered(keras.utils.PyDataset):
    def __init__(self, x, y, size):
        super().__init__()
        self.parts = list(batches(x, y, size))

    def __len__(self):
        return len(self.parts)

    def __getitem__(self, index):
        return self.parts[index]


@pytest.mark.parametrize("kind", [Loader, Numbered, "generator"])
def test_batches_give_what_arrays_give(blobs, kind):
    from conftest import small_classifier

    results = []
    for make in (None, kind):
        keras.utils.set_random_seed(4)
        model = small_classifier()
        if make is None:
            history = model.fit(*blobs, epochs=3, batch_size=40, shuffle=False, verbose=0)
        elif make == "generator":
            history = model.fit(batches(*blobs, 40, endless=True), epochs=3, steps_per_epoch=3, verbose=0)
        else:
            history = model.fit(make(*blobs, 40), epochs=3, verbose=0)
        results.append((history.history, model.get_weights()))
    assert results[0][0] == results[1][0]
    for a, b in zip(results[0][1], results[1][1]):
        assert np.array_equal(a, b)


def test_evaluation_and_prediction_over_batches(classifier, blobs):
    x, y = blobs
    loader = Loader(x, y, 50)
    assert classifier.evaluate(loader, verbose=0) == pytest.approx(classifier.evaluate(x, y, verbose=0))
    assert np.allclose(classifier.predict(loader, verbose=0), classifier.predict(x, verbose=0), atol=1e-6)
    history = classifier.fit(loader, validation_data=loader, verbose=0).history
    assert "val_accuracy" in history


def test_a_generator_that_has_ended_is_named(classifier, blobs):
    with pytest.raises(ValueError, match="no batches"):
        classifier.fit(batches(*blobs, 40), epochs=2, verbose=0)


def slow_model():
    model = keras.Sequential([keras.Input((256,)), layers.Dense(256), layers.Dense(256), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.zeros((512, 256), "float32")
    return model, x, x[:, :1]


def test_an_interruption_ends_a_fit_within_a_step_and_leaves_the_model_usable():
    model, x, y = slow_model()
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, epochs=10**6, verbose=0)
    assert time.monotonic() - begin < 5
    assert np.isfinite(model.fit(x, y, epochs=1, verbose=0).history["loss"][0])


def test_other_threads_run_while_a_model_trains():
    model, x, y = slow_model()
    model.fit(x, y, verbose=0)
    counted = 0
    done = threading.Event()

    def count():
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    model.fit(x, y, epochs=50, verbose=0)
    done.set()
    thread.join()
    assert counted > 10


def test_a_resumed_training_ends_in_the_same_bits(blobs, tmp_path):
    from conftest import small_classifier

    path = str(tmp_path / "checkpoint")

    class Kill(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("power cut")

    keras.utils.set_random_seed(1)
    whole = small_classifier()
    whole.fit(*blobs, epochs=4, verbose=0)
    keras.utils.set_random_seed(1)
    cut = small_classifier()
    with pytest.raises(RuntimeError, match="power cut"):
        cut.fit(*blobs, epochs=4, verbose=0, checkpoint=path, callbacks=[Kill()])
    resumed = small_classifier()
    history = resumed.fit(*blobs, epochs=4, verbose=0, resume=path, callbacks=[keras.callbacks.Callback()])
    assert len(history.history["loss"]) == 4
    for a, b in zip(whole.get_weights(), resumed.get_weights()):
        assert np.array_equal(a, b)


def test_an_optimizer_from_keras_s_own_config():
    config = {"learning_rate": {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.5, "decay_steps": 6}}}
    optimizer = keras.optimizers.deserialize({"class_name": "SGD", "config": config})
    assert optimizer.get_config()["learning_rate"]["class_name"] == "CosineDecay"
    again = keras.optimizers.SGD.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()


def test_none_is_a_choice_where_keras_has_it():
    assert keras.optimizers.Muon(rms_rate=None).get_config()["rms_rate"] is None
    assert keras.optimizers.deserialize({"class_name": "Muon", "config": {"rms_rate": None}}).get_config()["rms_rate"] is None
    y_true, y_pred = np.zeros((4, 3), "float32"), np.ones((4, 3), "float32")
    score = keras.metrics.R2Score(class_aggregation=None)
    score.update_state(np.arange(12.0).reshape(4, 3), y_pred)
    assert score.result().shape == (3,)
    assert keras.losses.MeanSquaredError(reduction=None)(y_true, y_pred).shape == (4,)


def test_results_are_listed_as_by_keras():
    """Losses in the outputs' order, then metrics by name: what Keras 3 returns for several outputs."""
    x = keras.Input((2,))
    model = keras.Model(x, [keras.layers.Dense(1, name=name)(x) for name in ("c", "a", "b")])
    model.compile("sgd", "mse", metrics=[["mae"]] * 3)
    data, targets = np.ones((4, 2), "float32"), [np.full((4, 1), i, "float32") for i in range(3)]
    listed = model.evaluate(data, targets, verbose=0)
    named = model.evaluate(data, targets, verbose=0, return_dict=True)
    assert listed == [named[key] for key in ("loss", "c_loss", "a_loss", "b_loss", "a_mae", "b_mae", "c_mae")]
