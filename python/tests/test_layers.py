"""The classes that are written from the library's signatures."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from sinew import _core, keras
from sinew.keras import layers

#: The beginnings of Keras 3's signatures, by which scripts pass arguments without names.
KERAS = {
    "Dense": "units activation use_bias kernel_initializer bias_initializer kernel_regularizer bias_regularizer activity_regularizer kernel_constraint bias_constraint",
    "Conv2D": "filters kernel_size strides padding data_format dilation_rate groups activation use_bias kernel_initializer bias_initializer",
    "Conv2DTranspose": "filters kernel_size strides padding output_padding data_format dilation_rate activation use_bias",
    "SeparableConv2D": "filters kernel_size strides padding data_format dilation_rate depth_multiplier activation use_bias depthwise_initializer pointwise_initializer",
    "DepthwiseConv2D": "kernel_size strides padding depth_multiplier data_format dilation_rate activation use_bias",
    "MaxPooling2D": "pool_size strides padding data_format",
    "GlobalAveragePooling2D": "data_format keepdims",
    "LSTM": "units activation recurrent_activation use_bias kernel_initializer recurrent_initializer bias_initializer unit_forget_bias kernel_regularizer recurrent_regularizer bias_regularizer",
    "GRU": "units activation recurrent_activation use_bias kernel_initializer recurrent_initializer bias_initializer kernel_regularizer",
    "SimpleRNN": "units activation use_bias kernel_initializer recurrent_initializer bias_initializer",
    "Embedding": "input_dim output_dim embeddings_initializer embeddings_regularizer embeddings_constraint",
    "Dropout": "rate noise_shape seed",
    "BatchNormalization": "axis momentum epsilon center scale beta_initializer gamma_initializer moving_mean_initializer moving_variance_initializer",
    "LayerNormalization": "axis epsilon center scale",
    "MultiHeadAttention": "num_heads key_dim value_dim dropout use_bias",
    "Reshape": "target_shape",
    "Permute": "dims",
    "RepeatVector": "n",
    "ZeroPadding2D": "padding data_format",
    "UpSampling2D": "size data_format interpolation",
    "LeakyReLU": "negative_slope",
    "Softmax": "axis",
    "ReLU": "max_value negative_slope threshold",
    "Concatenate": "axis",
    "Activation": "activation",
}
OPTIMIZERS = {
    "Adam": "learning_rate beta_1 beta_2 epsilon amsgrad weight_decay clipnorm clipvalue global_clipnorm use_ema ema_momentum ema_overwrite_frequency loss_scale_factor gradient_accumulation_steps name",
    "SGD": "learning_rate momentum nesterov weight_decay clipnorm",
    "RMSprop": "learning_rate rho momentum epsilon centered weight_decay",
}
#: Before other tests register layers of their own.
LAYERS = sorted(set(_core.layer_names()) - {"InputLayer"})


@pytest.mark.parametrize(("name", "expected"), KERAS.items())
def test_arguments_stand_in_keras_order(name, expected):
    names = list(inspect.signature(getattr(layers, name)).parameters)
    wanted = expected.split()
    assert names[: len(wanted)] == wanted


@pytest.mark.parametrize(("name", "expected"), OPTIMIZERS.items())
def test_optimizers_arguments_stand_in_keras_order(name, expected):
    names = list(inspect.signature(getattr(keras.optimizers, name)).parameters)
    wanted = expected.split()
    assert names[: len(wanted)] == wanted


def test_every_registered_layer_has_a_class():
    for name in LAYERS:
        kind = getattr(layers, name)
        assert issubclass(kind, keras.Layer) and kind.__doc__, name


@pytest.mark.parametrize("name", LAYERS)
def test_defaults_are_the_librarys(name):
    """A class without optional arguments makes the layer that an empty config makes."""
    kind = getattr(layers, name)
    required = {"units": 3, "filters": 2, "kernel_size": 3, "input_dim": 5, "output_dim": 2, "rate": 0.5,
                "target_shape": (4,), "dims": (2, 1), "n": 2, "num_heads": 2, "key_dim": 2, "axes": 1,
                "equation": "ab,bc->ac", "output_shape": (3,), "output_size": 2, "activation": "relu",
                "head_dim": 2, "max_steps": 4, "num_query_heads": 2, "num_key_value_heads": 1, "stddev": 0.1,
                "layer": 'LSTM(units=3, name="inner")', "cell": 'LSTMCell(units=3, name="inner")',
                "cells": ['LSTMCell(units=3, name="inner")']}
    signature = inspect.signature(kind)
    given = {n: required[n] for n, p in signature.parameters.items() if p.default is p.empty and n != "keywords"}
    made = kind(**given, name="x")._handle.arguments
    plain = _core.make_layer(name, {**given, "name": "x"}).arguments
    assert made == plain


def test_numbers_sizes_and_functions_as_arguments():
    config = layers.Conv2D(np.int64(4), (3, 5), strides=2, padding="same").get_config()
    assert config["kernel_size"] == [3, 5] and config["strides"] == [2, 2] and config["filters"] == 4
    layer = layers.Dense(
        3,
        activation=keras.activations.gelu,
        kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.02),
        kernel_regularizer=keras.regularizers.L2(1e-3),
        bias_constraint=keras.constraints.NonNeg(),
    )
    config = layer.get_config()
    assert config["activation"] == "gelu"
    assert config["kernel_initializer"]["class_name"] == "TruncatedNormal"
    assert config["kernel_initializer"]["config"]["stddev"] == 0.02
    assert config["kernel_regularizer"]["config"] == {"l2": 0.001}
    assert layers.Dense.from_config(config).get_config() == config


def test_functions_of_ones_own_in_place_of_names():
    def twice(x):
        return x * 2

    layer = layers.Dense(
        2, activation=twice, kernel_initializer=lambda shape, dtype: np.full(shape, 3, dtype),
        kernel_regularizer=lambda w: keras.ops.sum(w) * 10,
    )
    x = np.ones((1, 2), "float32")
    assert np.array_equal(layer(x), [[12, 12]])
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile("sgd", "mse")
    assert model.evaluate(x, np.full((1, 2), 12.0), verbose=0) == pytest.approx(120)


def test_layers_work_on_arrays():
    pooled = layers.MaxPooling1D(2)(np.arange(6, dtype="float32").reshape(1, 6, 1))
    assert np.array_equal(pooled.ravel(), [1, 3, 5])
    assert np.array_equal(layers.Flatten()(np.ones((2, 3, 4))), np.ones((2, 12)))
    assert layers.Dense(5).compute_output_shape((None, 3)) == (None, 5)


def test_layers_of_a_model_are_the_objects_that_were_added():
    dense = layers.Dense(3, input_shape=(2,))
    model = keras.Sequential([dense])
    assert model.layers[0] is dense
    del dense
    assert isinstance(model.layers[0], layers.Dense) and model.layers[0].units == 3


def test_options_of_calls_in_attention():
    x = keras.Input((4, 6))
    y = layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)
    assert keras.Model(x, y).layers[1].use_causal_mask is True


def test_frozen_layers_do_not_learn(blobs):
    model = keras.Sequential([layers.Dense(4, input_shape=(4,)), layers.Dense(3, activation="softmax")])
    model.layers[0].trainable = False
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.get_weights()
    model.fit(*blobs, verbose=0)
    assert np.array_equal(model.get_weights()[0], before[0])
    assert not np.array_equal(model.get_weights()[2], before[2])


def test_configs_are_those_of_keras():
    attention = layers.GroupQueryAttention(3, 4, 2)
    assert "use_causal_mask" not in attention.get_config()
    causal = layers.MultiHeadAttention(2, 3, use_causal_mask=True)
    assert layers.MultiHeadAttention.from_config(causal.get_config()).use_causal_mask is True
    dense = layers.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d")
    assert dense.get_config()["output_shape"] == [None, 3]
    again = layers.EinsumDense.from_config(dense.get_config())
    assert again.get_config() == dense.get_config()
    cells = {"cells": [{"class_name": "LSTMCell", "config": {"units": 2}}, {"class_name": "GRUCell", "config": {"units": 3}}]}
    stacked = layers.StackedRNNCells.from_config(cells)
    with pytest.raises(ValueError, match="takes 4 inputs, but 1 were given"):
        stacked(np.ones((2, 4), "float32"))
    assert layers.RNN(layers.StackedRNNCells.from_config(cells))(np.ones((2, 5, 4), "float32")).shape == (2, 3)


def test_arrays_become_of_the_dtype_in_which_a_layer_computes():
    x = np.ones((2, 4))
    assert layers.Dense(3)(x).dtype == "float32"
    assert layers.Dense(3, dtype="float64")(x.astype("float32")).dtype == "float64"


def test_stateful_layers_go_on_where_the_last_batch_ended():
    layer = layers.GRU(3, stateful=True)
    x = np.ones((2, 4, 5), np.float32)
    first, second = np.asarray(layer(x)), np.asarray(layer(x))
    assert not np.allclose(first, second)
    assert layer.stateful and [state.shape for state in layer.states] == [(2, 3)]
    layer.reset_state()
    np.testing.assert_array_equal(np.asarray(layer(x)), first)

    model = keras.Sequential([layers.Input(batch_shape=(2, 4, 5)), layers.LSTM(3, stateful=True)])
    assert model.input_shape == (2, 4, 5) and model.output_shape == (2, 3)
    once = model.predict(x, verbose=0)
    assert not np.allclose(model.predict(x, verbose=0), once)
    model.reset_states()
    np.testing.assert_array_equal(model.predict(x, verbose=0), once)
    old = keras.Sequential([layers.LSTM(3, stateful=True, batch_input_shape=(2, 4, 5))])
    assert old.output_shape == (2, 3)
    with pytest.raises(ValueError, match="batch size must be known"):
        layers.LSTM(3, stateful=True)(layers.Input((4, 5)))
