"""The library's callbacks as Python sees them: backups, logs, TensorBoard."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse

import numpy as np
import pytest

from sinew import keras
from sinew.keras import layers


def model_of(width=4):
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [layers.Dense(8, activation="relu", input_shape=(width,)), layers.Dropout(0.3), layers.Dense(2)]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


@pytest.fixture
def rows():
    x = np.random.default_rng(1).normal(size=(60, 4)).astype("float32")
    return x, (x[:, 0] > 0).astype("int64")


class Interrupt(keras.callbacks.Callback):
    """Ends a training as an exception does, after so many steps."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def on_train_batch_end(self, batch, logs=None):
        self.steps -= 1
        if self.steps == 0:
            raise RuntimeError("interrupted")


def test_backups_are_gone_on_from_and_removed(rows, tmp_path):
    def train(steps, *callbacks, options={}):
        model = model_of()
        history = model.fit(
            *rows, epochs=3, batch_size=16, verbose=0, callbacks=[Interrupt(steps), *callbacks]
        )
        return model.get_weights(), history.history

    weights, history = train(1000)
    for save_freq in ("epoch", 3):
        backup = keras.callbacks.BackupAndRestore(tmp_path / "run", save_freq=save_freq, double_checkpoint=True)
        for steps in (6, 4):
            with pytest.raises(RuntimeError, match="interrupted"):
                train(steps, backup)
        assert (tmp_path / "run").is_dir()
        again, later = train(1000, backup)
        assert later == history
        assert all(np.array_equal(a, b) for a, b in zip(weights, again))
        assert not (tmp_path / "run").exists()


def test_backups_refuse_what_they_cannot_keep(rows, tmp_path):
    with pytest.raises(ValueError, match="number of steps"):
        keras.callbacks.BackupAndRestore(tmp_path, save_freq="batch")
    backup = keras.callbacks.BackupAndRestore(tmp_path)
    with pytest.raises(ValueError, match="for arrays"):
        model_of().fit(iter([rows]), steps_per_epoch=1, verbose=0, callbacks=[backup])

    class Own(keras.callbacks.BackupAndRestore):
        def on_epoch_end(self, epoch, logs=None): ...

    with pytest.raises(TypeError, match="no hooks to extend"):
        model_of().fit(*rows, verbose=0, callbacks=[Own(tmp_path)])


def test_json_lines(rows, tmp_path):
    path = tmp_path / "log.jsonl"
    history = model_of().fit(*rows, epochs=2, verbose=0, callbacks=[keras.callbacks.JSONLogger(path)])
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [0, 1]
    assert [line["loss"] for line in lines] == history.history["loss"]


def test_tensorboard_writes_keras_folders_and_refuses_what_is_tensorflows(rows, tmp_path):
    board = keras.callbacks.TensorBoard(tmp_path / "logs", update_freq="batch")
    model_of().fit(*rows, epochs=2, verbose=0, validation_split=0.5, callbacks=[board])
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == ["train", "validation"]
    board.train_writer.text("note", "after", 1)
    # The same over batches, which Python's loop trains.
    other = keras.callbacks.TensorBoard(tmp_path / "batches")
    model_of().fit(iter([rows]), steps_per_epoch=1, verbose=0, callbacks=[other])
    assert [path.name for path in (tmp_path / "batches").iterdir()] == ["train"]
    for options in ({"profile_batch": 2}, {"embeddings_freq": 1}, {"update_freq": "often"}):
        with pytest.raises(ValueError):
            keras.callbacks.TensorBoard(tmp_path, **options)


def test_a_learning_rate_is_found(rows, tmp_path):
    import sinew

    model = model_of()
    before = model.get_weights()
    found = sinew.find_learning_rate(model, *rows, steps=40)
    assert len(found.rates) == len(found.losses) == len(found.smoothed) <= 40
    assert found.rates[0] == pytest.approx(1e-7) and found.suggestion in found.rates
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
    found.plot(tmp_path / "rates.svg")
    assert (tmp_path / "rates.svg").read_text().startswith("<?xml")
    with pytest.raises(ValueError, match="the smaller first"):
        sinew.find_learning_rate(model, *rows, start=1, end=0.1)


@pytest.mark.parametrize("as_json", [False, True])
def test_results_are_sent_to_a_server(rows, as_json):
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, json.loads(text if as_json else urllib.parse.parse_qs(text)["data"][0])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_): ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        monitor = keras.callbacks.RemoteMonitor(f"http://127.0.0.1:{server.server_port}", send_as_json=as_json)
        history = model_of().fit(*rows, epochs=2, verbose=0, callbacks=[monitor])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert [path for path, _ in received] == ["/publish/epoch/end/"] * 2
    assert [sent["loss"] for _, sent in received] == history.history["loss"]
    with pytest.warns(UserWarning, match="cannot be reached"):
        model_of().fit(*rows, verbose=0, callbacks=[monitor])


def test_progress_over_batches_is_the_librarys(rows, capfd):
    model_of().fit(iter([rows, rows]), steps_per_epoch=2, verbose=1)
    out = capfd.readouterr().out
    assert "Epoch 1/1\n" in out and "2/2 ━━━━━━━━━━━━━━━━━━━━ 0s " in out and " - loss: " in out
    model_of().fit(iter([rows]), steps_per_epoch=1, verbose=2)
    assert capfd.readouterr().out.startswith("Epoch 1/1 - 1/1 - 0s - ")
    model_of().fit(iter([rows]), steps_per_epoch=1, verbose=0)
    assert capfd.readouterr().out == ""
