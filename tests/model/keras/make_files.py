#!/usr/bin/env python3
"""Writes the files of this folder with real Keras, for tests/model/keras_file_test.cpp:

    python -m venv keras && keras/bin/pip install keras==3.15.1 torch h5py
    KERAS_BACKEND=torch keras/bin/python tests/model/keras/make_files.py

Each NAME.keras holds a model with weights that are waves; files.json holds what Keras predicts for two
rows, and of trained models the losses of three more steps.
"""

import json
import pathlib
import zipfile

import keras
import numpy as np
from keras import layers

from waves import feed, flat, train, wave

HERE = pathlib.Path(__file__).parent
ROWS = 2


def deflate(path):
    """The same entries compressed, and with Keras's clock set to no time in particular."""
    with zipfile.ZipFile(path) as file:
        entries = [(info.filename, file.read(info)) for info in file.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, data in entries:
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def set_waves(model):
    for i, weight in enumerate(model.weights):
        value = 0.4 * wave(weight.shape, 1 + i)
        # Variances are positive.
        weight.assign(np.abs(value) + 0.5 if "variance" in weight.path else value)


def branches(*cases):
    """A model of an input and an output (or several) for each layer."""
    inputs, outputs = [], []
    for layer, *shapes in cases:
        dtype = "int32" if isinstance(layer, (layers.Embedding, layers.ReversibleEmbedding)) else "float32"
        tensors = [keras.Input(shape, dtype=dtype) for shape in shapes]
        inputs += tensors
        if isinstance(layer, (layers.MultiHeadAttention, layers.GroupQueryAttention)):
            output = layer(*tensors)
        else:
            output = layer(tensors if len(tensors) > 1 else tensors[0])
        outputs += output if isinstance(output, (list, tuple)) else [output]
    return keras.Model(inputs, outputs)


def core():
    return branches(
        (layers.Dense(3, activation="relu"), (4,)),
        (layers.Dense(2, use_bias=False, kernel_regularizer="l2", name="other"), (3, 2)),
        (layers.Embedding(5, 3), (4,)),
        (layers.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d", activation="tanh"), (3, 4)),
        (layers.Activation("gelu"), (3,)),
        (layers.Identity(), (3,)),
        (layers.ReLU(max_value=0.8, negative_slope=0.1), (3,)),
        (layers.LeakyReLU(negative_slope=0.2), (4,)),
        (layers.ELU(alpha=0.7), (4,)),
        (layers.PReLU(shared_axes=[1]), (2, 4)),
        (layers.Softmax(), (4,)),
        (layers.Add(), (3,), (3,)),
        (layers.Subtract(), (3,), (3,)),
        (layers.Multiply(), (3,), (3,)),
        (layers.Average(), (3,), (3,)),
        (layers.Maximum(), (3,), (3,)),
        (layers.Minimum(), (3,), (3,)),
        (layers.Concatenate(axis=1), (2, 3), (1, 3)),
        (layers.Dot(axes=(2, 1), normalize=True), (3, 4), (4, 2)),
        (layers.Flatten(), (2, 3)),
        (layers.Reshape((3, 2)), (2, 3)),
        (layers.Permute((2, 1)), (2, 3)),
        (layers.RepeatVector(2), (3,)),
    )


def convolution():
    return branches(
        (layers.Conv1D(2, 3, padding="causal", dilation_rate=2, activation="tanh"), (5, 3)),
        (layers.Conv2D(4, (3, 2), strides=(2, 1), padding="same", groups=2), (4, 3, 2)),
        (layers.Conv3D(2, (2, 1, 2), use_bias=False), (3, 2, 3, 1)),
        (layers.Conv1DTranspose(2, 3, strides=2), (3, 2)),
        (layers.Conv2DTranspose(2, (3, 2), strides=2, padding="same"), (2, 2, 2)),
        (layers.Conv3DTranspose(1, (2, 3, 1), strides=(2, 1, 1)), (2, 1, 2, 2)),
        (layers.DepthwiseConv1D(2, padding="same", depth_multiplier=2), (4, 3)),
        (layers.DepthwiseConv2D((2, 3), depth_multiplier=2), (3, 4, 2)),
        (layers.SeparableConv1D(3, 2, padding="same", depth_multiplier=2), (4, 2)),
        (layers.SeparableConv2D(3, (2, 3)), (3, 4, 2)),
        (layers.UpSampling1D(3), (2, 2)),
        (layers.UpSampling2D((2, 3)), (2, 2, 1)),
        (layers.UpSampling3D((1, 2, 3)), (1, 2, 1, 1)),
        (layers.ZeroPadding1D((1, 2)), (3, 1)),
        (layers.ZeroPadding2D(((1, 0), (0, 2))), (2, 2, 1)),
        (layers.ZeroPadding3D(((0, 1), (1, 0), (0, 1))), (2, 1, 1, 1)),
        (layers.Cropping1D((1, 2)), (5, 1)),
        (layers.Cropping2D(((1, 0), (2, 1))), (3, 5, 1)),
        (layers.Cropping3D(((1, 0), (0, 1), (1, 1))), (2, 3, 4, 1)),
    )


def pooling():
    return branches(
        (layers.MaxPooling1D(3, strides=2, padding="same"), (6, 2)),
        (layers.MaxPooling2D((2, 3), strides=1), (4, 5, 1)),
        (layers.MaxPooling3D(2), (3, 4, 2, 1)),
        (layers.AveragePooling1D(2), (5, 2)),
        (layers.AveragePooling2D((3, 2), strides=2), (4, 5, 1)),
        (layers.AveragePooling3D((2, 1, 2)), (3, 2, 4, 1)),
        (layers.GlobalMaxPooling1D(), (4, 3)),
        (layers.GlobalMaxPooling2D(), (2, 3, 2)),
        (layers.GlobalMaxPooling3D(keepdims=True), (2, 2, 3, 1)),
        (layers.GlobalAveragePooling1D(keepdims=True), (4, 3)),
        (layers.GlobalAveragePooling2D(), (2, 3, 2)),
        (layers.GlobalAveragePooling3D(), (2, 2, 3, 1)),
        (layers.AdaptiveMaxPooling1D(3), (7, 1)),
        (layers.AdaptiveMaxPooling2D((3, 2)), (5, 3, 1)),
        (layers.AdaptiveMaxPooling3D((2, 1, 2)), (3, 3, 2, 1)),
        (layers.AdaptiveAveragePooling1D(4), (6, 1)),
        (layers.AdaptiveAveragePooling2D((2, 3)), (5, 4, 1)),
        (layers.AdaptiveAveragePooling3D((2, 2, 1)), (3, 5, 2, 1)),
    )


def normalization():
    return branches(
        (layers.BatchNormalization(), (3, 4)),
        (layers.BatchNormalization(axis=1, scale=False), (2, 3, 2)),
        (layers.LayerNormalization(), (3, 4)),
        (layers.GroupNormalization(2), (3, 4)),
        (layers.RMSNormalization(), (3, 4)),
        (layers.UnitNormalization(), (3, 4)),
        (layers.Dropout(0.4), (3,)),
        (layers.AlphaDropout(0.4, noise_shape=(None, 1)), (3,)),
        (layers.GaussianDropout(0.4, seed=3), (3,)),
        (layers.GaussianNoise(0.4), (3,)),
        (layers.SpatialDropout1D(0.4), (3, 2)),
        (layers.SpatialDropout2D(0.4), (3, 2, 1)),
        (layers.SpatialDropout3D(0.4, seed=1), (1, 3, 2, 1)),
        (layers.ActivityRegularization(l1=0.1, l2=0.2), (3,)),
    )


def sequences():
    return branches(
        (layers.SimpleRNN(3, go_backwards=True), (4, 2)),
        (layers.LSTM(2, return_sequences=True, dropout=0.3), (3, 2)),
        (layers.LSTM(3, return_state=True, use_bias=False), (3, 2)),
        (layers.GRU(3), (4, 2)),
        (layers.GRU(2, reset_after=False, return_sequences=True), (4, 3)),
        (layers.Attention(use_scale=True), (3, 4), (5, 4)),
        (layers.AdditiveAttention(), (3, 4), (2, 4)),
        (layers.MultiHeadAttention(2, 3), (3, 4), (5, 6)),
        (layers.MultiHeadAttention(2, 3, value_dim=2, use_bias=False, dropout=0.1), (3, 4), (3, 4)),
        (layers.GroupQueryAttention(3, 4, 2), (3, 4), (2, 4)),
        (layers.GroupQueryAttention(2, 2, 1, use_gate=True), (3, 4), (3, 4)),
    )


def recurrent():
    return branches(
        (layers.RNN(layers.SimpleRNNCell(3, activation="relu")), (3, 2)),
        (layers.RNN([layers.LSTMCell(2), layers.GRUCell(3), layers.LSTMCell(2)]), (3, 2)),
        (layers.ConvLSTM1D(2, 2), (3, 4, 2)),
        (layers.ConvLSTM2D(1, 2, padding="same", return_sequences=True), (2, 3, 2, 1)),
        (layers.ConvLSTM3D(1, (1, 2, 2), use_bias=False), (2, 2, 3, 3, 1)),
        (layers.Bidirectional(layers.GRU(2)), (3, 2)),
        (layers.Bidirectional(layers.LSTM(2, return_sequences=True), merge_mode="sum"), (3, 2)),
        (layers.TimeDistributed(layers.Dense(3, activation="tanh")), (3, 4)),
        (layers.SpectralNormalization(layers.Dense(3)), (4,)),
        (layers.ReversibleEmbedding(5, 3), (4,)),
        (layers.Masking(0.5), (3, 2)),
    )


def shared():
    """Two inputs, a layer called twice, three outputs, and as many Dense layers as need two tables."""
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    twice = layers.Dense(4, activation="tanh", name="twice")
    first, second = twice(a), twice(b)
    joined = layers.Concatenate()([second, first])
    for i in range(12):
        joined = layers.Dense(3, activation="tanh", name=f"deep_{i}")(joined)
    left = layers.Dense(2, name="left")(layers.Add()([joined, layers.Dense(3)(first)]))
    return keras.Model([b, a], [left, layers.Dense(1, name="right")(second), first])


def nested():
    """Models as layers of another one, one of them called twice."""
    a, b = keras.Input((4,)), keras.Input((4,))
    twice = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(2)])
    x = keras.Input((2,))
    inner = keras.Model(x, layers.Add()([layers.Dense(2)(x), x]))
    return keras.Model([a, b], layers.Dense(1)(layers.Concatenate()([twice(a), inner(twice(b))])))


def classifier():
    model = keras.Sequential(
        [
            layers.Input((6, 6, 1)),
            layers.Conv2D(2, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def unbuilt():
    """Built by its first batch, without an Input."""
    model = keras.Sequential([layers.Dense(3, activation="tanh"), layers.Dense(2)])
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True, clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.build((None, 4))
    return model


def several():
    model = shared()
    model.compile(
        keras.optimizers.RMSprop(0.01, centered=True, use_ema=True),
        loss=["mse", keras.losses.MeanSquaredError(reduction="sum"), keras.losses.mean_absolute_error],
        loss_weights=[1.0, 0.5, 2.0],
        metrics=[["mae"], [], [keras.metrics.MeanSquaredError(name="squares")]],
    )
    return model


def record(name, model, trained=False):
    path = HERE / f"{name}.keras"
    set_waves(model)
    entry = {}
    if trained:
        train(model, 3)
    model.save(path)
    if name != "classifier":
        deflate(path)
    x = [feed(tensor, i, ROWS) for i, tensor in enumerate(model.inputs)]
    entry["outputs"] = flat(model.predict(x if len(x) > 1 else x[0], verbose=0))
    if trained:
        entry["optimizer"] = [float(np.sum(v.numpy(), dtype="float64")) for v in model.optimizer.variables]
        entry["iterations"] = int(model.optimizer.iterations)
        # Of what the file says, which may be less than the model was compiled with.
        entry["losses"] = train(keras.models.load_model(path), 3)
    return entry


def main():
    makers = (core, convolution, pooling, normalization, sequences, recurrent, shared, nested)
    models = {maker.__name__: record(maker.__name__, maker()) for maker in makers}
    for maker in (classifier, unbuilt, several):
        models[maker.__name__] = record(maker.__name__, maker(), trained=True)
    model = classifier()
    set_waves(model)
    model.save_weights(HERE / "classifier.weights.h5")
    lines = ",\n".join(f'"{name}": {json.dumps(entry)}' for name, entry in models.items())
    text = f'{{"keras": "{keras.__version__}", "rows": {ROWS}, "models": {{\n{lines}\n}}}}\n'
    (HERE / "files.json").write_text(text)


main()
