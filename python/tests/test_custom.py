"""Layers, losses and metrics written in Python."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import sinew
from sinew import keras
from sinew.keras import layers, ops


class Scale(keras.Layer):
    def __init__(self, start=1.0, **keywords):
        super().__init__(**keywords)
        self.start = start
        self.calls = 0

    def build(self, input_shape):
        self.scale = self.add_weight(
            shape=(input_shape[-1],), initializer=keras.initializers.Constant(self.start), name="scale"
        )

    def call(self, inputs):
        self.calls += 1
        return inputs * self.scale

    def get_config(self):
        return {**super().get_config(), "start": self.start}


def test_a_layer_of_ones_own_learns_and_runs_once_a_program(blobs):
    x, _ = blobs
    layer = Scale()
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = layer.calls
    model.fit(x, 3 * x, epochs=200, batch_size=30, verbose=0)
    assert layer.calls == before + 1
    assert np.allclose(layer.scale.numpy(), 3, atol=0.1)
    assert [w.path for w in model.weights] == ["scale/scale"]


def test_its_numbers_are_those_of_the_librarys_layer(blobs):
    class Own(keras.Layer):
        def __init__(self, units, **keywords):
            super().__init__(**keywords)
            self.units = units

        def build(self, input_shape):
            self.w = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

        def call(self, inputs):
            return ops.matmul(inputs, self.w) + self.b

    x, y = blobs
    results = []
    for kind in (Own, layers.Dense):
        keras.utils.set_random_seed(5)
        model = keras.Sequential([keras.Input((4,)), kind(3), layers.Softmax()])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x, y, epochs=2, verbose=0)
        results.append(model.get_weights())
    for own, library in zip(*results):
        assert np.array_equal(own, library)


def test_training_is_told_and_random_numbers_are_drawn():
    class Noise(keras.Layer):
        def call(self, inputs, training=None):
            return inputs + keras.random.normal(inputs.shape) if training else inputs

    model = keras.Sequential([keras.Input((3,)), Noise()])
    model.compile("sgd", "mse")
    x = np.zeros((500, 3), "float32")
    assert np.array_equal(model.predict(x, verbose=0), x)
    assert model.train_on_batch(x, x) == pytest.approx(1, abs=0.2)


def test_several_inputs_outputs_and_losses():
    class Mix(keras.Layer):
        def call(self, a, b, share=0.5):
            self.add_loss(ops.mean(ops.square(a)) * 7)
            return {"sum": a + b, "mean": share * a + (1 - share) * b}

    a, b = keras.Input((2,)), keras.Input((2,))
    out = Mix()(a, b, share=0.25)
    model = keras.Model([a, b], [out["sum"], out["mean"]])
    ones = np.ones((4, 2), "float32")
    total, mean = model.predict([ones, 3 * ones], verbose=0)
    assert np.all(total == 4) and np.all(mean == 2.5)
    model.compile("sgd", "mse")
    assert model.evaluate([ones, 3 * ones], [total, mean], verbose=0)[0] == pytest.approx(7)


class Block(keras.Layer):
    def __init__(self, units, **keywords):
        super().__init__(**keywords)
        self.dense = [layers.Dense(units, activation="relu"), layers.Dense(units)]
        self.norm = layers.LayerNormalization()

    def call(self, inputs):
        x = inputs
        for dense in self.dense:
            x = dense(x)
        return self.norm(x + inputs)


def test_layers_made_of_layers(blobs):
    x, y = blobs
    block = Block(4)
    model = keras.Sequential([keras.Input((4,)), block, layers.Dense(3, activation="softmax")])
    assert [w.shape for w in block.weights] == [(4, 4), (4,), (4, 4), (4,), (4,), (4,)]
    assert [w.path for w in block.weights][::2] == ["block/dense_0/kernel", "block/dense_1/kernel", "block/norm/gamma"]
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.get_weights()
    model.fit(x, y, epochs=20, verbose=0)
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
    block.trainable = False
    assert len(model.trainable_weights) == 2


def test_a_model_of_ones_own(blobs, tmp_path):
    class Net(keras.Model):
        def __init__(self, classes):
            super().__init__()
            self.hidden = layers.Dense(8, activation="relu")
            self.drop = layers.Dropout(0.1)
            self.out = layers.Dense(classes, activation="softmax")

        def call(self, inputs, training=None):
            return self.out(self.drop(self.hidden(inputs), training=training))

    x, y = blobs
    model = Net(3)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert not model.built
    history = model.fit(x, y, epochs=150, verbose=0)
    assert history.history["accuracy"][-1] > 0.9
    assert model.predict(x, verbose=0).shape == (120, 3)
    assert [type(layer) for layer in model.layers] == [layers.Dense, layers.Dropout, layers.Dense]
    assert model.count_params() == 67
    with pytest.raises(ValueError, match="save_weights"):
        model.save(tmp_path / "model.safetensors")
    model.save_weights(tmp_path / "w.safetensors")
    other = Net(3)
    with pytest.raises(ValueError, match="not built"):
        other.get_weights()
    other.build((None, 4))
    other.load_weights(tmp_path / "w.safetensors")
    assert np.array_equal(other(x), model(x))


def test_masks_pass_through_layers_that_say_so():
    class Plain(keras.Layer):
        supports_masking = True

        def call(self, inputs):
            return inputs * 1.0

    tokens = np.array([[1, 2, 0, 0]])
    results = []
    for middle in ([], [Plain()]):
        keras.utils.set_random_seed(3)
        model = keras.Sequential(
            [keras.Input((4,)), layers.Embedding(5, 3, mask_zero=True), *middle, layers.LSTM(2)]
        )
        results.append(model.predict(tokens, verbose=0))
    short = keras.Sequential([keras.Input((2,)), model.layers[0], model.layers[-1]])
    assert np.allclose(results[1], short.predict(tokens[:, :2], verbose=0), atol=1e-6)


def test_wrappers_take_layers():
    x = np.ones((2, 5, 3), "float32")
    both = layers.Bidirectional(layers.LSTM(4, return_sequences=True))
    assert both(x).shape == (2, 5, 8)
    assert layers.TimeDistributed(layers.Dense(2))(x).shape == (2, 5, 2)
    cells = [layers.LSTMCell(3), layers.LSTMCell(2)]
    assert layers.RNN(layers.StackedRNNCells(cells))(x).shape == (2, 2)


def test_errors_in_call_come_out_as_they_are():
    class Broken(keras.Layer):
        def call(self, inputs):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Broken()(keras.Input((2,)))
    with pytest.raises(NotImplementedError, match="has no call"):
        keras.Layer()(keras.Input((2,)))


def test_a_value_is_of_no_use_after_its_call():
    class Leaky(keras.Layer):
        def call(self, inputs):
            self.kept = inputs
            return inputs * 1

    layer = Leaky()
    layer(keras.Input((2,)))
    with pytest.raises(ValueError, match="call that has ended"):
        layer.kept.shape


def test_saved_and_loaded_by_its_registered_name(tmp_path, blobs):
    keras.saving.register_keras_serializable()(Scale)
    model = keras.Sequential([keras.Input((4,)), Scale(2.0), layers.Dense(2)])
    path = tmp_path / "own.safetensors"
    model.save(path)
    loaded = keras.models.load_model(path)
    assert isinstance(loaded.layers[0], Scale) and loaded.layers[0].start == 2
    assert np.array_equal(loaded.predict(blobs[0], verbose=0), model.predict(blobs[0], verbose=0))


def test_unused_layers_are_collected():
    layer = Scale()
    model = keras.Sequential([keras.Input((4,)), layer])
    gone = weakref.ref(layer)
    del layer
    gc.collect()
    assert gone() is not None
    del model
    gc.collect()
    assert gone() is None


def test_losses_of_ones_own(blobs):
    def function(y_true, y_pred):
        return ops.mean(ops.abs(y_true - y_pred), axis=-1) * 2

    class Own(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return function(y_true, y_pred)

    x, _ = blobs
    results = []
    for loss in (function, Own(), Own(name="mine")):
        keras.utils.set_random_seed(2)
        model = keras.Sequential([layers.Dense(4, input_shape=(4,))])
        model.compile("sgd", loss)
        results.append(model.fit(x, x, epochs=3, verbose=0).history["loss"])
    assert results[0] == results[1] == results[2]
    assert np.isclose(Own()(np.zeros((2, 3)), np.ones((2, 3))), 2)
    assert keras.losses.mse(np.zeros((2, 3)), np.ones((2, 3))).tolist() == [1, 1]
    assert np.isclose(keras.losses.Huber()(np.zeros(3), np.full(3, 3.0)), 2.5)


class Largest(keras.metrics.Metric):
    def __init__(self, name="largest", **keywords):
        super().__init__(name=name, **keywords)
        self.largest = self.add_variable(shape=(), initializer="zeros", name="largest")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.largest.assign(ops.maximum(self.largest, ops.max(ops.abs(y_true - y_pred))))

    def result(self):
        return self.largest * 1.0


class MeanError(keras.metrics.Metric):
    def __init__(self, **keywords):
        super().__init__(name="mean_error", **keywords)
        self.total = self.add_weight(name="total")
        self.count = self.add_weight(name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        errors = ops.abs(y_true - y_pred)
        self.total.assign_add(ops.sum(errors))
        self.count.assign_add(float(errors.shape[0] * errors.shape[1]))

    def result(self):
        return self.total / self.count


def test_metrics_of_ones_own(blobs):
    x, _ = blobs
    model = keras.Sequential([layers.Dense(4, input_shape=(4,))])

    def worst(y_true, y_pred):
        return ops.max(ops.abs(y_true - y_pred), axis=-1)

    model.compile("sgd", "mae", metrics=[Largest(), MeanError(), worst, "mae"])
    results = model.evaluate(x, 2 * x, batch_size=50, verbose=0, return_dict=True)
    errors = np.abs(model.predict(x, verbose=0) - 2 * x)
    assert list(results) == ["loss", "largest", "mean_error", "worst", "mae"]
    assert results["largest"] == pytest.approx(errors.max(), rel=1e-5)
    assert results["mean_error"] == pytest.approx(errors.mean(), rel=1e-5)
    assert results["worst"] == pytest.approx(errors.max(axis=1).mean(), rel=1e-5)
    assert "val_largest" in model.fit(x, x, validation_data=(x, x), verbose=0).history


def test_metrics_outside_of_a_model():
    metric = keras.metrics.SparseCategoricalAccuracy()
    metric.update_state([0, 1], [[0.9, 0.1], [0.8, 0.2]])
    assert metric.result() == 0.5
    metric.update_state([0, 0], [[0.9, 0.1], [0.8, 0.2]])
    assert metric.result() == 0.75
    metric.reset_state()
    assert metric.result() == 0
    mean = keras.metrics.Mean()
    mean.update_state([1.0, 3.0])
    assert mean.result() == 2


def test_gradients_in_a_call_are_values_that_training_differentiates():
    class Cube(keras.Layer):
        def call(self, x):
            y = x * x * x
            (first,) = sinew.gradients(y, [x])
            (second,) = sinew.gradients(first, [x])
            (along,) = sinew.gradients(y, [x], cotangent=2.0 * keras.ops.ones_like(x))
            return [first, second, along]

    x = np.array([[1.0, -2.0, 0.5]], "float32")
    first, second, along = Cube()(x)
    np.testing.assert_allclose(first, 3 * x**2, rtol=1e-6)
    np.testing.assert_allclose(second, 6 * x, rtol=1e-6)
    np.testing.assert_allclose(along, 6 * x**2, rtol=1e-6)
    with pytest.raises(ValueError, match="within the call"):
        sinew.gradients(x, [x])
