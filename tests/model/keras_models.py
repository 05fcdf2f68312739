#!/usr/bin/env python3
"""Records what Keras makes of whole models, for tests/model/keras_models_test.cpp:

    python -m venv keras && keras/bin/pip install keras==3.15.1 'jax[cpu]'
    keras/bin/python tests/model/keras_models.py > tests/model/keras_models.json

Weight number i is half of sin(0.7 k + 1 + i) over its elements k (a variance its absolute value), a floating input number i is
sin(0.7 k + 0.1 + 0.3 i), and zero in step t of sample n where (5 n + 3 t) % 7 > 4; an input of tokens
is (3 n + 5 t) % 7. Targets are sin(0.7 k + 2). Recorded are predictions, what evaluate() returns, the loss of one
train_on_batch() with SGD(0.5) (its metrics forget masks on JAX), and the weights' sums with
sin(0.7 k + 12) after it.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

keras.config.set_floatx("float64")
# On JAX Keras computes means, tanh and others of float64 in float32; so it does not on TensorFlow.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

SAMPLES = 3


def wave(shape, phase):
    count = int(np.prod(shape))
    return np.sin(0.7 * np.arange(count) + phase).reshape(shape)


def rounded(array):
    return [float(f"{value:.14g}") for value in np.asarray(array, np.float64).ravel()]


def data(index, tensor):
    shape = (SAMPLES,) + tuple(tensor.shape[1:])
    n = np.arange(SAMPLES)[:, None]
    t = np.arange(shape[1])[None, :]
    if "int" in str(tensor.dtype):
        return (3 * n + 5 * t) % 7
    x = wave(shape, 0.1 + 0.3 * index)
    if len(shape) > 2:
        x[(5 * n + 3 * t) % 7 > 4] = 0
    return x


def listed(values):
    return list(values) if isinstance(values, (list, tuple)) else [values]


def record(name, model):
    for i, weight in enumerate(model.weights):
        if "seed" not in weight.path:
            value = 0.5 * wave(weight.shape, 1 + i)
            weight.assign(abs(value) if weight.path.endswith("variance") else value)
    x = [data(i, tensor) for i, tensor in enumerate(model.inputs)]
    outputs = listed(model.predict(x, batch_size=SAMPLES, verbose=0))
    y = [wave(output.shape, 2) for output in outputs]
    model.compile(keras.optimizers.SGD(0.5), loss="mse", metrics=[["mae"]] * len(y))
    evaluated = listed(model.evaluate(x, y, batch_size=SAMPLES, verbose=0))
    model.reset_metrics()
    trained = listed(model.train_on_batch(x, y))[:1]
    weights = [weight for weight in model.weights if "seed" not in weight.path]
    return {
        "name": name,
        "model": json.loads(model.to_json()),
        "outputs": [rounded(output) for output in outputs],
        "evaluated": rounded(evaluated),
        "trained": rounded(trained),
        "weights": rounded([np.sum(np.asarray(w) * wave(w.shape, 12)) for w in weights]),
    }


def masked(*stack, features=2, steps=4):
    return keras.Sequential([keras.Input((steps, features)), layers.Masking(), *stack])


def tokens(*stack, steps=5):
    embedding = layers.Embedding(7, 3, mask_zero=True)
    return keras.Sequential([keras.Input((steps,), dtype="int64"), embedding, *stack])


def two_sequences(join, second_is_masked=True):
    a, b = keras.Input((4, 2)), keras.Input((4, 2))
    left = layers.Masking()(a)
    right = layers.Masking(mask_value=0.0)(b) if second_is_masked else b
    return keras.Model([a, b], layers.GRU(2)(join(left, right)))


def attention(layer, separate=True):
    a = keras.Input((4,), dtype="int64")
    b = keras.Input((5,), dtype="int64")
    embedding = layers.Embedding(7, 4, mask_zero=True)
    query, value = embedding(a), embedding(b)
    if separate:
        output = layer(query, value)
    else:
        output = layer([query, value])
    return keras.Model([a, b], output)


def with_states():
    x = keras.Input((4, 2))
    sequence, hidden, cell = layers.LSTM(3, return_sequences=True, return_state=True)(
        layers.Masking()(x)
    )
    again = layers.LSTM(3, return_sequences=True)(sequence, initial_state=[hidden, cell])
    return keras.Model(x, [again, hidden])


def last_states(layer):
    x = keras.Input((9, 2))
    # Keras keeps the losses of outputs of one layer under one name.
    outputs = [
        layers.Identity(name=f"state_{i}")(output)
        for i, output in enumerate(layer(layers.Masking()(x)))
    ]
    return keras.Model(x, outputs)


def shared_embedding():
    x = keras.Input((5,), dtype="int64")
    embedding = layers.ReversibleEmbedding(7, 3, logit_soft_cap=2.0, mask_zero=True)
    return keras.Model(x, embedding(layers.Dense(3)(embedding(x)), reverse=True))


CASES = {
    "LSTM": lambda: masked(layers.LSTM(3)),
    "LSTMSequences": lambda: masked(layers.LSTM(2, return_sequences=True), layers.Dense(2)),
    "LSTMZeros": lambda: masked(
        layers.LSTM(2, return_sequences=True, zero_output_for_mask=True), layers.Dense(2)
    ),
    "LSTMBackwards": lambda: masked(layers.LSTM(2, return_sequences=True, go_backwards=True)),
    "LSTMStates": lambda: last_states(layers.LSTM(2, return_state=True, return_sequences=True)),
    "GRU": lambda: masked(layers.GRU(2, return_sequences=True), layers.GRU(3)),
    "GRUZeros": lambda: masked(
        layers.GRU(2, return_sequences=True, zero_output_for_mask=True), layers.Dense(2), steps=9
    ),
    "GRUBackwards": lambda: masked(
        layers.GRU(2, return_sequences=True, go_backwards=True), steps=9
    ),
    "GRUResetBefore": lambda: masked(layers.GRU(2, reset_after=False)),
    "GRUStates": lambda: last_states(layers.GRU(2, return_state=True, zero_output_for_mask=True)),
    "SimpleRNN": lambda: masked(layers.SimpleRNN(3, unroll=True)),
    "RNN": lambda: masked(layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)])),
    "Bidirectional": lambda: masked(layers.Bidirectional(layers.LSTM(2, return_sequences=True))),
    "BidirectionalAverage": lambda: masked(layers.Bidirectional(layers.GRU(2), merge_mode="ave")),
    "InitialState": with_states,
    "ConvLSTM": lambda: keras.Sequential([keras.Input((3, 4, 2)), layers.ConvLSTM1D(2, 2)]),
    "TimeDistributed": lambda: masked(
        layers.TimeDistributed(layers.Dense(3, activation="tanh")), layers.LSTM(2)
    ),
    "TimeDistributedBatchNormalization": lambda: keras.Sequential(
        [keras.Input((3, 2)), layers.TimeDistributed(layers.BatchNormalization())]
    ),
    "Embedding": lambda: tokens(layers.LSTM(2)),
    "EmbeddingDense": lambda: tokens(layers.Dense(2, activation="tanh")),
    "PassedOn": lambda: tokens(
        layers.Dropout(0.0),
        layers.LayerNormalization(),
        layers.Activation("relu"),
        layers.GlobalAveragePooling1D(),
    ),
    "Dropped": lambda: tokens(layers.Conv1D(2, 2, padding="same"), layers.GRU(2)),
    "BatchNormalization": lambda: tokens(layers.BatchNormalization(), layers.LSTM(2)),
    "Add": lambda: two_sequences(lambda a, b: layers.Add()([a, b])),
    "AddToUnmasked": lambda: two_sequences(lambda a, b: layers.Multiply()([a, b]), False),
    "Concatenate": lambda: two_sequences(lambda a, b: layers.Concatenate()([a, b]), False),
    "ConcatenateSteps": lambda: two_sequences(lambda a, b: layers.Concatenate(axis=1)([a, b])),
    "MultiHeadAttention": lambda: attention(layers.MultiHeadAttention(2, 3)),
    "GroupQueryAttention": lambda: attention(layers.GroupQueryAttention(2, 2, 1)),
    "Attention": lambda: attention(layers.Attention(use_scale=True), separate=False),
    "AdditiveAttention": lambda: attention(layers.AdditiveAttention(), separate=False),
    "ReversibleEmbedding": shared_embedding,
}


def main():
    records = []
    for name, make in CASES.items():
        keras.backend.clear_session()
        records.append(json.dumps(record(name, make())))
    lines = ",\n".join(records)
    print(f'{{"keras": "{keras.__version__}", "models": [\n{lines}\n]}}')


main()
