"""Every layer: output, slopes of inputs and weights, config, weights both ways and ten steps of training."""

from __future__ import annotations

import copy

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from conftest import TOLERANCE
from keras_layers import CASES, join, wave

import sinew
from sinew import keras as ours

#: Layers that draw numbers in training, which no two libraries draw alike.
RANDOM = ("Dropout", "Noise", "AlphaDropout")

#: Softmax in float32, whatever the dtype: JAX's own dot_product_attention.
IN_FLOAT32 = ("MultiHeadAttention", "GroupQueryAttention")


def name_of(layer) -> str:
    """The class as keras.layers has it."""
    return {"GroupedQueryAttention": "GroupQueryAttention"}.get(name := type(layer).__name__, name)


NAMES = [f"{i}-{name_of(case[0])}" for i, case in enumerate(CASES)]


def config_of(layer, dtype: str):
    """The layer's config in another dtype, and in those of the layers inside."""

    def changed(value):
        if isinstance(value, dict):
            return {key: dtype if key == "dtype" and item is not None else changed(item) for key, item in value.items()}
        return [changed(item) for item in value] if isinstance(value, (list, tuple)) else value

    return changed(keras.saving.serialize_keras_object(layer)["config"])


def draws(layer) -> bool:
    config = str(keras.saving.serialize_keras_object(layer)["config"])
    return any(kind in type(layer).__name__ for kind in RANDOM) or "'dropout': 0." in config.replace("'dropout': 0.0", "")


def make(case, dtype: str):
    """The layer in both libraries, built on the inputs, with the same weights; and the inputs."""
    layer, *shapes = case
    config = config_of(layer, dtype)
    theirs = type(layer).from_config(copy.deepcopy(config))
    own = getattr(ours.layers, name_of(layer)).from_config(copy.deepcopy(config))
    inputs = [wave(shape, 0.1 + 0.3 * i).astype(dtype) for i, shape in enumerate(shapes)]
    call(theirs, [jnp.asarray(x) for x in inputs])
    call(own, inputs)
    values = [0.5 * wave(weight.shape, 1 + i) for i, weight in enumerate(theirs.weights)]
    values = [abs(value) if weight.path.endswith("variance") else value for weight, value in zip(theirs.weights, values)]
    for weight, value in zip(theirs.weights, values):
        weight.assign(value.astype(dtype))
    own.set_weights([np.asarray(weight) for weight in theirs.weights])
    return theirs, own, inputs


def call(layer, inputs):
    """Attention takes its inputs one by one."""
    return layer(*inputs) if name_of(layer) in IN_FLOAT32 else layer(join(inputs))


class Slopes(ours.Layer):
    """A layer's output, and the slopes of sum(output * wave(9)) by its inputs and weights."""

    def __init__(self, layer, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.layer = layer

    def call(self, *inputs):
        output = call(self.layer, list(inputs))
        sources = [*inputs, *self.layer.trainable_weights]
        return [output, *sinew.gradients(output, sources, wave(output.shape, 9).astype(output.dtype))]


def slopes_of(layer, inputs):
    """The same of Keras's layer."""
    trainable = [weight.value for weight in layer.trainable_variables]
    others = [weight.value for weight in layer.non_trainable_variables]

    def run(inputs, trainable):
        arguments = inputs if name_of(layer) in IN_FLOAT32 else [join(inputs)]
        return layer.stateless_call(trainable, others, *arguments)[0]

    def loss(inputs, trainable):
        output = run(inputs, trainable)
        return jnp.sum(output * wave(output.shape, 9).astype(output.dtype))

    inputs = [jnp.asarray(x) for x in inputs]
    of_inputs, of_weights = jax.grad(loss, argnums=(0, 1))(inputs, trainable)
    return [run(inputs, trainable), *of_inputs, *of_weights]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_values_and_slopes(case, dtype, comparison):
    compared = comparison("layers", name_of(case[0]))
    tolerance = TOLERANCE["float32" if name_of(case[0]) in IN_FLOAT32 else dtype]
    try:
        theirs, own, inputs = make(case, dtype)
        wanted = slopes_of(theirs, inputs)
    except TypeError as error:
        if "scan body function carry" not in str(error):
            raise
        pytest.skip("Keras's own fails: relu's float64 constant in a float32 loop")
    # A slope that is zero but for rounding, as of the keys' bias, is compared with the others.
    least = 0.01 * max(float(np.max(np.abs(np.asarray(one)), initial=0)) for one in wanted[1:])
    found = Slopes(own, dtype)(*inputs)
    assert len(found) == len(wanted)
    for i, (one, other) in enumerate(zip(found, wanted)):
        part = "output" if i == 0 else f"slope {i - 1}"
        compared.close(one, other, f"{type(own).__name__}'s {part}", dtype, tolerance, least)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_config_and_weights_go_both_ways(case):
    theirs, own, inputs = make(case, "float64")
    again = type(theirs).from_config(own.get_config())
    assert comparable(again) == comparable(type(theirs).from_config(config_of(case[0], "float64")))
    call(again, [jnp.asarray(x) for x in inputs])
    assert [tuple(weight.shape) for weight in again.weights] == [weight.shape for weight in own.weights]
    again.set_weights(own.get_weights())
    for one, other in zip(again.weights, theirs.weights):
        np.testing.assert_array_equal(one, other)


def comparable(layer):
    """A config without the names of inner layers, which number what a process has made."""

    def plain(value, depth=0):
        if isinstance(value, dict):
            return {
                key: plain(item, depth + 1)
                for key, item in value.items()
                if not (key == "name" and depth) and key not in ("build_config", "registered_name", "module")
            }
        return [plain(item, depth + 1) for item in value] if isinstance(value, (list, tuple)) else value

    config = plain(keras.saving.serialize_keras_object(layer)["config"])
    if isinstance(axes := config.get("axes"), int):
        config["axes"] = [axes, axes]
    if isinstance(axis := config.get("axis"), list) and len(axis) == 1:
        config["axis"] = axis[0]
    return config


#: On JAX, what SpectralNormalization assigns to a trainable weight is lost in training.
TRAINED = [i for i, case in enumerate(CASES) if not draws(case[0]) and name_of(case[0]) != "SpectralNormalization"]


@pytest.mark.parametrize("case", [CASES[i] for i in TRAINED], ids=[NAMES[i] for i in TRAINED])
def test_ten_steps_of_training(case, comparison):
    """Behind a Dense layer for each input, which learns by what the layer hands back."""
    theirs, own, inputs = make(case, "float64")
    models = []
    for library, layer in ((keras, theirs), (ours, own)):
        tensors = [library.Input(x.shape[1:], dtype="float64") for x in inputs]
        before = [library.layers.Dense(x.shape[-1], dtype="float64", name=f"before{i}") for i, x in enumerate(inputs)]
        model = library.Model(tensors, call(layer, [dense(tensor) for dense, tensor in zip(before, tensors)]))
        for i, dense in enumerate(before):
            width = inputs[i].shape[-1]
            dense.set_weights([np.eye(width) + 0.1 * wave((width, width), i), 0.1 * wave((width,), 2 + i)])
        model.compile(optimizer=library.optimizers.Adam(2**-6), loss="mse")
        models.append(model)
    x = inputs if len(inputs) > 1 else inputs[0]
    y = wave(call(theirs, [jnp.asarray(x) for x in inputs]).shape, 9)
    for _ in range(10):
        for model in models:
            model.train_on_batch(x, y)
    losses = [model.evaluate(x, y, batch_size=len(y), verbose=0) for model in models]
    compared = comparison("layers", name_of(case[0]))
    # Losses are told in float32.
    compared.close(losses[1], losses[0], "the loss after ten steps", None, 1e-6)
    tolerance = 1e-3 if name_of(case[0]) in IN_FLOAT32 else 1e-9
    wanted = sorted((tuple(w.shape), np.asarray(w).ravel().tolist()) for w in models[0].weights)
    found = sorted((tuple(w.shape), w.numpy().ravel().tolist()) for w in models[1].weights)
    for (shape, one), (_, other) in zip(found, wanted, strict=True):
        compared.close(one, other, f"a weight of shape {shape} after ten steps", "ten steps", tolerance)
