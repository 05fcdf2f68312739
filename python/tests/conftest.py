from __future__ import annotations

import numpy as np
import pytest

from sinew import keras


@pytest.fixture(autouse=True)
def fresh_session():
    keras.utils.set_random_seed(1)
    keras.utils.clear_session()


@pytest.fixture
def blobs():
    """Three classes that a small network tells apart."""
    random = np.random.default_rng(0)
    labels = np.arange(120) % 3
    x = random.normal(size=(120, 4)) * 0.3 + np.eye(3, 4)[labels] * 2
    return x.astype("float32"), labels


def small_classifier() -> keras.Sequential:
    model = keras.Sequential(
        [keras.layers.Dense(8, activation="relu", input_shape=(4,)), keras.layers.Dense(3, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture
def classifier():
    return small_classifier()
