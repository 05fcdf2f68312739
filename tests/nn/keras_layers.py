#!/usr/bin/env python3
"""Records what Keras computes for layers, for tests/nn/keras_layers_test.cpp:

    python -m venv keras && keras/bin/pip install keras==3.15.1 'jax[cpu]'
    keras/bin/python tests/nn/keras_layers.py > tests/nn/keras_layers.json

Input number i is sin(0.7 k + 0.1 + 0.3 i) over its elements k, weight number i half of that
with phase 1 + i (a variance its absolute value); a stateful layer's result is recorded again for
the same inputs, from the states that the first have left. The loss is sum(output * wave(9)), and a slope is sum(gradient * wave(12)), of each
input and then each weight.
"""

import json
import os
import re

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

keras.config.set_floatx("float64")
# On JAX Keras computes means, tanh and others of float64 in float32; so it does not on TensorFlow.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"


def wave(shape, phase):
    count = int(np.prod(shape))
    return np.sin(0.7 * np.arange(count) + phase).reshape(shape)


def rounded(array):
    return [float(f"{value:.14g}") for value in np.asarray(array, np.float64).ravel()]


def name_of(weight):
    """Within its layer; cells are no part of it."""
    return re.sub(r"\w+_cell/", "", weight.path.split("/", 1)[1])


def without_dtypes(config):
    """Neither the layer's nor those of the layers inside."""
    if isinstance(config, list):
        return [without_dtypes(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {key: without_dtypes(value) for key, value in config.items() if key != "dtype"}


def join(inputs):
    return inputs if len(inputs) > 1 else inputs[0]


def clear_states(layer):
    """As reset_state(), which does not take the states of stacked cells."""
    if isinstance(layer, layers.Bidirectional):
        clear_states(layer.forward_layer)
        clear_states(layer.backward_layer)
    else:
        for state in keras.tree.flatten(layer.states):
            state.assign(jnp.zeros(state.shape))


def record(layer, *shapes):
    """What `layer` makes of inputs of these shapes, the batch's extent among them."""
    inputs = [jnp.asarray(wave(shape, 0.1 + 0.3 * i)) for i, shape in enumerate(shapes)]
    positional = isinstance(layer, (layers.GroupQueryAttention, layers.MultiHeadAttention))
    layer(*inputs) if positional else layer(join(inputs))
    weights = [0.5 * wave(weight.shape, 1 + i) for i, weight in enumerate(layer.weights)]
    weights = [
        abs(value) if weight.path.endswith("variance") else value
        for weight, value in zip(layer.weights, weights)
    ]
    for weight, value in zip(layer.weights, weights):
        weight.assign(value)
    again = {}
    if getattr(layer, "stateful", False):
        clear_states(layer)
        layer(join(inputs))
        again = {"again": rounded(layer(join(inputs)))}
        clear_states(layer)
    trainable = [weight.value for weight in layer.trainable_variables]
    others = [weight.value for weight in layer.non_trainable_variables]

    def run(inputs, trainable, others):
        arguments = inputs if positional else [join(inputs)]
        return layer.stateless_call(trainable, others, *arguments)[0]

    def loss(inputs, trainable, others):
        output = run(inputs, trainable, others)
        return jnp.sum(output * wave(output.shape, 9))

    output = run(inputs, trainable, others)
    of_inputs, of_trainable, _ = jax.grad(loss, argnums=(0, 1, 2), allow_int=True)(
        inputs, trainable, others
    )
    slopes = [jnp.sum(slope * wave(slope.shape, 12)) for slope in of_inputs + of_trainable]
    serialized = keras.saving.serialize_keras_object(layer)
    config = without_dtypes(serialized["config"])
    return {
        "class_name": serialized["class_name"],
        "config": config,
        "inputs": [list(shape) for shape in shapes],
        "weights": [[name_of(weight), list(weight.shape)] for weight in layer.weights],
        "output_shape": list(output.shape),
        "output": rounded(output),
        "slopes": rounded(jnp.stack(slopes)),
        **again,
    }


CASES = [
    # Reshaping.
    (layers.Permute((3, 1, 2)), (2, 2, 3, 2)),
    (layers.RepeatVector(3), (2, 4)),
    (layers.Cropping1D((1, 2)), (2, 5, 2)),
    (layers.Cropping2D(((1, 0), (2, 1))), (2, 3, 5, 2)),
    (layers.Cropping3D(((1, 0), (0, 1), (1, 1))), (2, 2, 3, 4, 2)),
    (layers.ZeroPadding1D((1, 2)), (2, 3, 2)),
    (layers.ZeroPadding2D(((1, 0), (0, 2))), (2, 2, 2, 2)),
    (layers.ZeroPadding3D(((0, 1), (1, 0), (0, 1))), (1, 2, 1, 2, 2)),
    (layers.UpSampling1D(3), (2, 2, 2)),
    (layers.UpSampling2D((2, 3)), (1, 2, 2, 2)),
    (layers.UpSampling2D((3, 2), interpolation="bilinear"), (1, 2, 3, 2)),
    (layers.UpSampling3D((1, 2, 3)), (1, 2, 1, 2, 2)),
    # Merging.
    (layers.Add(), (2, 3), (2, 3), (2, 3)),
    (layers.Average(), (2, 3), (2, 3), (2, 3)),
    (layers.Concatenate(axis=1), (2, 3, 2), (2, 1, 2)),
    (layers.Maximum(), (2, 3), (2, 3)),
    (layers.Minimum(), (2, 3), (2, 3)),
    (layers.Multiply(), (2, 3), (2, 1)),
    (layers.Subtract(), (2, 3), (2, 3)),
    (layers.Dot(axes=1), (3, 4), (3, 4)),
    (layers.Dot(axes=(2, 1), normalize=True), (2, 3, 4), (2, 4, 2)),
    (layers.Dot(axes=(1, -1)), (2, 3, 2), (2, 2, 3)),
    (layers.Dot(axes=(2, 2)), (2, 2, 3, 2), (2, 2, 3)),
    # Convolution.
    (layers.Conv1D(2, 3, padding="causal", dilation_rate=2, activation="tanh"), (2, 5, 3)),
    (layers.Conv1D(4, 2, strides=2, padding="same", groups=2), (2, 5, 2)),
    (layers.Conv2D(2, (3, 2), strides=(2, 1), padding="same"), (2, 4, 3, 2)),
    (layers.Conv3D(2, (2, 1, 2), strides=(1, 2, 1), padding="same"), (1, 3, 3, 2, 2)),
    (layers.Conv3D(2, 2, dilation_rate=(1, 2, 1), use_bias=False), (1, 3, 4, 3, 1)),
    (layers.Conv1DTranspose(2, 3, strides=2), (2, 3, 2)),
    (layers.Conv1DTranspose(2, 2, strides=3, padding="same"), (2, 3, 2)),
    (layers.Conv1DTranspose(2, 1, strides=3), (2, 3, 1)),
    (layers.Conv2DTranspose(2, (3, 2), strides=2, padding="same"), (1, 3, 2, 2)),
    (layers.Conv2DTranspose(1, (2, 3), strides=(2, 3), output_padding=(1, 2)), (1, 2, 2, 2)),
    (
        layers.Conv2DTranspose(1, (2, 5), strides=3, padding="same", output_padding=(0, 2)),
        (1, 2, 3, 2),
    ),
    (layers.Conv2DTranspose(2, 3, dilation_rate=(2, 1), padding="same"), (1, 3, 3, 2)),
    (layers.Conv3DTranspose(1, (2, 3, 1), strides=(2, 1, 1)), (1, 2, 2, 2, 2)),
    (layers.DepthwiseConv1D(2, padding="same", depth_multiplier=2, strides=2), (2, 5, 3)),
    (layers.DepthwiseConv2D((2, 3), depth_multiplier=2, activation="relu"), (1, 3, 4, 3)),
    (layers.SeparableConv1D(3, 2, padding="same", depth_multiplier=2), (2, 4, 2)),
    (layers.SeparableConv2D(3, (2, 3), strides=1), (1, 4, 4, 2)),
    # Pooling.
    (layers.MaxPooling1D(3, strides=2, padding="same"), (2, 6, 2)),
    (layers.MaxPooling2D((2, 3), strides=1), (1, 4, 5, 2)),
    (layers.MaxPooling3D(2, padding="same"), (1, 3, 4, 3, 2)),
    (layers.AveragePooling1D(2), (2, 5, 2)),
    (layers.AveragePooling2D((3, 2), strides=2, padding="same"), (1, 4, 5, 2)),
    (layers.AveragePooling3D((2, 1, 3), strides=(1, 1, 2), padding="same"), (1, 3, 2, 4, 2)),
    (layers.GlobalMaxPooling1D(), (2, 4, 3)),
    (layers.GlobalMaxPooling2D(), (2, 2, 3, 2)),
    (layers.GlobalAveragePooling2D(), (2, 2, 3, 2)),
    (layers.GlobalMaxPooling3D(keepdims=True), (2, 2, 2, 3, 2)),
    (layers.GlobalAveragePooling1D(keepdims=True), (2, 4, 3)),
    (layers.GlobalAveragePooling3D(), (2, 2, 2, 3, 2)),
    (layers.AdaptiveMaxPooling1D(3), (2, 7, 2)),
    (layers.AdaptiveMaxPooling2D((3, 2)), (1, 5, 3, 2)),
    (layers.AdaptiveMaxPooling3D((2, 1, 2)), (1, 3, 3, 2, 2)),
    (layers.AdaptiveAveragePooling1D(4), (2, 6, 2)),
    (layers.AdaptiveAveragePooling2D((2, 3)), (1, 5, 4, 2)),
    (layers.AdaptiveAveragePooling3D((2, 2, 1)), (1, 3, 5, 2, 2)),
    # Normalization.
    (layers.GroupNormalization(2), (2, 3, 4)),
    (layers.GroupNormalization(-1, axis=1, center=False), (2, 3, 2, 2)),
    (layers.RMSNormalization(), (2, 3, 4)),
    (layers.RMSNormalization(axis=[1, 2], epsilon=0.01), (2, 3, 4)),
    (layers.UnitNormalization(), (2, 3, 4)),
    (layers.UnitNormalization(axis=[1, 2]), (2, 3, 4)),
    (layers.BatchNormalization(epsilon=0.01), (2, 3, 4)),
    (layers.LayerNormalization(), (2, 3, 4)),
    # Attention.
    (layers.MultiHeadAttention(2, 3), (2, 3, 4), (2, 2, 4)),
    (layers.Attention(), (2, 3, 4), (2, 5, 4)),
    (layers.Attention(use_scale=True), (2, 3, 4), (2, 5, 2), (2, 5, 4)),
    (layers.Attention(use_scale=True, score_mode="concat"), (2, 3, 4), (2, 2, 4)),
    (layers.AdditiveAttention(), (2, 3, 4), (2, 2, 4)),
    (layers.AdditiveAttention(use_scale=False), (2, 3, 4), (2, 2, 3), (2, 2, 4)),
    (layers.GroupQueryAttention(3, 4, 2), (2, 3, 4), (2, 2, 4)),
    (
        layers.GroupQueryAttention(2, 3, 1, use_bias=False, use_gate=True, sliding_window=2),
        (2, 3, 4),
        (2, 3, 4),
    ),
    # Recurrent.
    (layers.GRU(3), (2, 4, 2)),
    (layers.GRU(2, reset_after=False, return_sequences=True, go_backwards=True), (2, 4, 3)),
    (layers.GRU(2, use_bias=False, activation="relu"), (2, 3, 2)),
    (layers.LSTM(2, return_sequences=True, dropout=0.3, recurrent_dropout=0.2), (2, 3, 2)),
    # Only unrolled are the states of SimpleRNN in float64 (Keras 3.15 on JAX).
    (layers.SimpleRNN(3, go_backwards=True, unroll=True), (2, 4, 2)),
    (layers.RNN(layers.SimpleRNNCell(3, activation="relu"), unroll=True), (2, 3, 2)),
    (layers.RNN(layers.LSTMCell(2, use_bias=False), return_sequences=True), (2, 3, 2)),
    (layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)], go_backwards=True), (2, 3, 2)),
    (layers.ConvLSTM1D(2, 2), (2, 3, 4, 2)),
    (
        layers.ConvLSTM2D(
            2, (2, 3), strides=(2, 1), padding="same", return_sequences=True, go_backwards=True
        ),
        (2, 2, 3, 2, 1),
    ),
    (layers.ConvLSTM3D(1, (1, 2, 2), dilation_rate=(1, 1, 2), use_bias=False), (1, 2, 2, 3, 3, 2)),
    (layers.SimpleRNN(2, stateful=True, unroll=True), (2, 3, 2)),
    (layers.LSTM(2, stateful=True, return_sequences=True), (2, 3, 2)),
    (layers.GRU(3, stateful=True, go_backwards=True), (2, 3, 2)),
    (layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)], stateful=True), (2, 3, 2)),
    (layers.ConvLSTM1D(2, 2, stateful=True), (2, 2, 4, 2)),
    (layers.Bidirectional(layers.GRU(2, stateful=True)), (2, 3, 2)),
    (layers.Bidirectional(layers.GRU(2)), (2, 3, 2)),
    (layers.Bidirectional(layers.LSTM(2, return_sequences=True), merge_mode="sum"), (2, 3, 2)),
    (
        layers.Bidirectional(
            layers.LSTM(2), merge_mode="mul", backward_layer=layers.LSTM(2, go_backwards=True)
        ),
        (2, 3, 2),
    ),
    (layers.TimeDistributed(layers.Dense(3, activation="tanh")), (2, 3, 4)),
    (layers.TimeDistributed(layers.Conv2D(2, 2)), (2, 2, 3, 3, 1)),
    (layers.SpectralNormalization(layers.Dense(3), power_iterations=2), (2, 4)),
    # Core.
    (layers.Dense(3, activation="gelu"), (2, 2, 4)),
    (layers.Flatten(), (2, 2, 3)),
    (layers.Reshape((-1, 2)), (2, 2, 3)),
    (layers.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d", activation="tanh"), (2, 3, 4)),
    (layers.EinsumDense("...x,xy->...y", 3, bias_axes="y"), (2, 2, 2, 4)),
    (layers.EinsumDense("ab...,bc->ac...", 3, bias_axes="c"), (2, 4, 3, 2)),
    (layers.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de"), (2, 3, 4)),
    (layers.EinsumDense("abcd,cde->abe", (None, 5)), (2, 2, 3, 2)),
    (layers.Identity(), (2, 3)),
    # Activation.
    (layers.Activation("softplus"), (3, 4)),
    (layers.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.2), (3, 4)),
    (layers.Softmax(axis=1), (2, 3, 4)),
    (layers.LeakyReLU(0.2), (3, 4)),
    (layers.ELU(0.7), (3, 4)),
    (layers.PReLU(), (3, 2, 4)),
    (layers.PReLU(shared_axes=[1, 2]), (2, 2, 3, 2)),
    # Regularization, in inference.
    (layers.Dropout(0.3), (2, 3)),
    (layers.AlphaDropout(0.4, noise_shape=(None, 1)), (2, 3)),
    (layers.GaussianDropout(0.4, seed=3), (2, 3)),
    (layers.GaussianNoise(0.4), (2, 3)),
    (layers.SpatialDropout1D(0.4), (2, 3, 2)),
    (layers.SpatialDropout2D(0.4), (2, 3, 2, 1)),
    (layers.SpatialDropout3D(0.4, seed=1), (2, 1, 3, 2, 1)),
    (layers.ActivityRegularization(l1=0.1, l2=0.2), (2, 3)),
]


def main():
    records = [record(layer, *shapes) for layer, *shapes in CASES]
    lines = ",\n".join(json.dumps(entry) for entry in records)
    print(f'{{"keras": "{keras.__version__}", "layers": [\n{lines}\n]}}')


if __name__ == "__main__":
    main()
