"""The arrays that the scripts take as given: random numbers in the shapes of Fashion-MNIST and of its rows as steps."""

from __future__ import annotations

import os

import numpy as np

rows = int(os.environ.get("ROWS", 60000))
epochs = int(os.environ.get("EPOCHS", 1))
random = np.random.default_rng(0)
images = random.random((rows, 28, 28, 1), dtype="float32")
labels = random.integers(0, 10, rows)
windows = images[:, :, :, 0]
one_hot = np.eye(10, dtype="float32")[labels]
