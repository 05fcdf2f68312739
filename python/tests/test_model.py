from __future__ import annotations

import sys
import types

import numpy as np
import pytest

import sinew
from sinew import keras
from sinew.keras import layers


def test_fit_learns_and_returns_a_history(classifier, blobs):
    history = classifier.fit(*blobs, epochs=30, batch_size=16, verbose=0, validation_split=0.25)
    assert history.epoch == list(range(30))
    assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert history.history["loss"][-1] < history.history["loss"][0] / 2
    assert history.model is classifier


def test_evaluate_predict_and_steps_agree(classifier, blobs):
    x, y = blobs
    classifier.fit(x, y, epochs=20, verbose=0)
    loss, accuracy = classifier.evaluate(x, y, verbose=0)
    predicted = classifier.predict(x, verbose=0)
    assert predicted.shape == (120, 3) and predicted.dtype == np.float32
    assert np.isclose(accuracy, (predicted.argmax(1) == y).mean())
    assert np.isclose(loss, -np.log(predicted[np.arange(120), y]).mean(), rtol=1e-4)
    results = classifier.evaluate(x, y, verbose=0, return_dict=True)
    assert results == {"loss": loss, "accuracy": accuracy}
    assert np.array_equal(classifier.predict_on_batch(x), classifier(x))
    classifier.reset_metrics()
    first = classifier.train_on_batch(x, y, return_dict=True)
    assert first["loss"] == pytest.approx(loss, rel=1e-4)
    assert classifier.test_on_batch(x, y)[0] < 1.2


def test_the_same_seed_gives_the_same_weights(blobs):
    from conftest import small_classifier

    results = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        model = small_classifier()
        model.fit(*blobs, epochs=2, verbose=0)
        results.append(model.get_weights())
    for a, b in zip(*results):
        assert np.array_equal(a, b)


def test_weights_go_out_and_in(classifier):
    weights = classifier.get_weights()
    assert [w.shape for w in weights] == [(4, 8), (8,), (8, 3), (3,)]
    classifier.set_weights([w + 1 for w in weights])
    assert np.array_equal(classifier.get_weights()[1], np.ones(8))
    assert [w.path for w in classifier.weights][0] == "dense/kernel"
    assert np.array_equal(classifier.layers[0].kernel.numpy(), weights[0] + 1)
    with pytest.raises(ValueError, match="has 4 weights, but 1"):
        classifier.set_weights(weights[:1])
    with pytest.raises(sinew.ShapeError, match="dense/kernel"):
        classifier.set_weights([w.T for w in weights])


def test_a_functional_model_of_several_inputs_and_outputs(blobs):
    x, y = blobs
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(6, activation="tanh")
    joined = layers.concatenate([shared(a), shared(b)])
    classes = layers.Dense(3, activation="softmax", name="classes")(joined)
    value = layers.Dense(1, name="value")(joined)
    model = keras.Model(inputs=[a, b], outputs=[classes, value])
    model.compile(
        "sgd",
        loss={"value": "mse", "classes": "sparse_categorical_crossentropy"},
        loss_weights={"value": 0.5, "classes": 1.0},
        metrics={"classes": ["accuracy"]},
    )
    targets = {"classes": y, "value": x[:, :1]}
    history = model.fit({"b": x, "a": -x}, targets, epochs=2, verbose=0)
    assert list(history.history)[:3] == ["loss", "classes_loss", "value_loss"]
    assert "classes_accuracy" in history.history
    predicted = model.predict([-x, x], verbose=0)
    assert [p.shape for p in predicted] == [(120, 3), (120, 1)]
    assert len(model.layers) == 6
    assert model.get_layer("value").units == 1
    assert model.input_shape == [(None, 4), (None, 4)]


def test_summary_and_notebook(classifier, blobs, capsys):
    classifier.summary()
    assert "dense_1" in capsys.readouterr().out
    assert "<table>" in classifier._repr_html_() and "67 parameters" in classifier._repr_html_()
    lines = []
    classifier.summary(print_fn=lines.append)
    assert any("Total params" in line for line in lines)
    history = classifier.fit(*blobs, epochs=1, verbose=0)
    assert "<th>accuracy</th>" in history._repr_html_()


def test_progress_goes_to_pythons_stdout(classifier, blobs, capsys):
    classifier.fit(*blobs, epochs=2, verbose=1)
    out = capsys.readouterr().out
    assert "Epoch 2/2" in out and "accuracy:" in out


def test_a_notebook_shows_a_bar_and_a_line_an_epoch(classifier, blobs, monkeypatch):
    shown = []

    class Display:
        def update(self, html):
            shown.append(html)

    class ZMQInteractiveShell:
        pass

    ipython = types.ModuleType("IPython")
    ipython.get_ipython = ZMQInteractiveShell
    ipython.display = types.ModuleType("IPython.display")
    ipython.display.HTML = str
    ipython.display.display = lambda html, display_id: Display()
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)
    classifier.fit(*blobs, epochs=2, batch_size=40)
    assert '<progress value="1" max="3">' in shown[0]
    assert "Epoch 2/2" in shown[-1] and "accuracy" in shown[-1] and "<progress" not in shown[-1]


def test_optimizers_losses_and_metrics_as_objects(blobs):
    x, y = blobs
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    assert rate(10) == pytest.approx(0.05)
    model.compile(
        optimizer=keras.optimizers.SGD(rate, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="hits"), keras.metrics.SparseTopKCategoricalAccuracy(k=2)],
    )
    history = model.fit(x, y, epochs=5, verbose=0)
    assert list(history.history) == ["loss", "hits", "sparse_top_k_categorical_accuracy"]
    assert model.optimizer.iterations == 20
    assert model.optimizer.learning_rate < 0.1
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=keras.losses.sparse_categorical_crossentropy)
    model.optimizer.learning_rate = 0.5
    assert model.optimizer.learning_rate == 0.5


def test_sample_and_class_weights_change_what_is_learnt(blobs):
    from conftest import small_classifier

    x, y = blobs
    for weights in ({"class_weight": {0: 1.0, 1: 0.0, 2: 0.0}}, {"sample_weight": (y == 0).astype(float)}):
        model = small_classifier()
        model.fit(x, y, epochs=60, verbose=0, **weights)
        assert (model.predict(x, verbose=0).argmax(1) == 0).mean() > 0.9


def test_mistakes_name_the_nearest_thing():
    with pytest.raises(ValueError, match="did you mean 'relu'|relu"):
        layers.Dense(3, activation="rellu")
    with pytest.raises(TypeError, match="unit"):
        layers.Dense(unit=3)
    with pytest.raises(TypeError, match="unexpected argument 'input_shap'; did you mean 'input_shape'"):
        layers.Dense(3, input_shap=(2,))
    model = keras.Sequential([layers.Dense(3, input_shape=(4,))])
    with pytest.raises(ValueError, match="adam"):
        model.compile("adem", "mse")
    with pytest.raises(ValueError, match="compile"):
        model.fit(np.zeros((2, 4)), np.zeros((2, 3)))
    with pytest.raises(TypeError, match="callback"):
        model.compile("adam", "mse")
        model.fit(np.zeros((2, 4)), np.zeros((2, 3)), callbacks=[3])
