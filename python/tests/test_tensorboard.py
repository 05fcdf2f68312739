"""Event files as TensorBoard's own reader finds them; needs `pip install tensorboard`."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tensorboard", reason="TensorBoard is not installed: pip install tensorboard")

import sinew
from sinew import keras
from sinew.keras import layers
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.plugins.graph.keras_util import keras_model_to_graph_def
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util


def loaded(folder):
    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def arrays(events, tag):
    return [tensor_util.make_ndarray(event.tensor_proto) for event in events.Tensors(tag)]


def hparams_of(events, tag):
    content = events.SummaryMetadata(tag).plugin_data.content
    return plugin_data_pb2.HParamsPluginData.FromString(content)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            layers.Conv2D(4, 3, input_shape=(8, 8, 1), name="conv"),
            layers.Flatten(name="flat"),
            layers.Dense(2, name="dense"),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    x, y = np.random.default_rng(0).random((48, 8, 8, 1)), np.zeros((48, 2))
    board = keras.callbacks.TensorBoard(
        folder, histogram_freq=2, write_images=True, write_steps_per_second=True, update_freq="batch",
        hparams={"optimizer": "adam", "filters": 4, "augmented": False},
    )

    class Own(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            board.train_writer.image("inputs", x[:5], step=epoch)
            board.train_writer.text("note", "**bold**", step=epoch)

    history = model.fit(x, y, epochs=3, batch_size=16, verbose=0, validation_data=(x, y), callbacks=[board, Own()])
    return folder, model, history.history


def test_scalars(run):
    folder, _, history = run
    train, validation = loaded(folder / "train"), loaded(folder / "validation")
    assert train.file_version == 2.0
    for events, prefix in ((train, ""), (validation, "val_")):
        for name in ("loss", "mae"):
            found = events.Tensors(f"epoch_{name}")
            assert [event.step for event in found] == [0, 1, 2]
            np.testing.assert_allclose(arrays(events, f"epoch_{name}"), history[prefix + name], rtol=1e-6)
            assert events.SummaryMetadata(f"epoch_{name}").plugin_data.plugin_name == "scalars"
    assert len(train.Tensors("batch_loss")) == 9
    assert {"epoch_learning_rate", "epoch_steps_per_second", "batch_steps_per_second"} <= set(train.Tags()["tensors"])
    assert "evaluation_loss_vs_iterations" in validation.Tags()["tensors"]


def test_histograms_and_images(run):
    folder, model, _ = run
    train = loaded(folder / "train")
    histograms = arrays(train, "conv/kernel/histogram")
    assert [event.step for event in train.Tensors("conv/kernel/histogram")] == [0, 2]
    kernel = model.get_weights()[0]
    assert histograms[-1].shape == (30, 3)
    assert histograms[-1][:, 2].sum() == kernel.size
    assert histograms[-1][0, 0] == kernel.min() and histograms[-1][-1, 1] == kernel.max()
    counts, _ = np.histogram(kernel.astype("float64"), bins=30)
    assert np.abs(histograms[-1][:, 2] - counts).sum() <= 2  # a value on an edge may fall on either side
    inputs = arrays(train, "inputs")[0]
    assert inputs[0] == b"8" and inputs[1] == b"8" and len(inputs) == 5
    assert all(image.startswith(b"\x89PNG") for image in inputs[2:])
    assert train.SummaryMetadata("dense/kernel/image").plugin_data.plugin_name == "images"


def test_text_graph_and_hyper_parameters(run):
    folder, model, _ = run
    train = loaded(folder / "train")
    assert arrays(train, "note")[0] == b"**bold**"
    import json

    graph = keras_model_to_graph_def(json.loads(arrays(train, "keras")[0].item()))
    assert [node.name.split("/")[-1] for node in graph.node][-3:] == ["conv", "flat", "dense"]
    run_graph = train.Graph()
    assert [(node.name, node.op, list(node.input)) for node in run_graph.node][-2:] == [
        ("flat", "Flatten", ["conv"]), ("dense", "Dense", ["flat"])
    ]
    start = hparams_of(train, "_hparams_/session_start_info").session_start_info
    assert start.hparams["optimizer"].string_value == "adam"
    assert start.hparams["filters"].number_value == 4
    assert start.hparams["augmented"].WhichOneof("kind") == "bool_value"
    assert hparams_of(train, "_hparams_/session_end_info").session_end_info.status == 1


def test_a_writer_alone(tmp_path):
    with sinew.SummaryWriter(tmp_path) as writer:
        for step in range(3):
            writer.scalar("x/y", step**2, step)
        writer.image("colours", np.full((1, 2, 2, 4), 128, "uint8"), 0)
        writer.histogram("constant", np.ones(5), 0)
        assert str(tmp_path) in writer.path
    events = loaded(tmp_path)
    assert [float(value) for value in arrays(events, "x/y")] == [0, 1, 4]
    assert arrays(events, "constant")[0][-1].tolist() == [1, 1, 5]
    with pytest.raises(ValueError, match="1, 3 or 4 channels"):
        writer.image("wrong", np.zeros((1, 2, 2, 2)), 0)
