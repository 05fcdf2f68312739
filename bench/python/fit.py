"""Prints the seconds of each of five fits of the tutorial's network, three epochs of 200 batches of 32."""

from __future__ import annotations

import time

import numpy as np

from sinew import keras

rows = 6400
x = np.sin(np.arange(rows * 784) * 0.7, dtype="float32").reshape(rows, 28, 28, 1)
y = np.arange(rows) % 10
keras.utils.set_random_seed(1)
model = keras.Sequential([
    keras.layers.Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1)),
    keras.layers.MaxPooling2D((2, 2)),
    keras.layers.Conv2D(64, (3, 3), activation="relu"),
    keras.layers.MaxPooling2D((2, 2)),
    keras.layers.Flatten(),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=1, batch_size=32, verbose=0)
for _ in range(5):
    begin = time.perf_counter()
    model.fit(x, y, epochs=3, batch_size=32, verbose=0)
    print(time.perf_counter() - begin)
