"""Every optimizer, with what all share: ten steps on a network of two layers."""

from __future__ import annotations

import keras
import numpy as np
import optimizers_keras
import pytest
from record import wave

from sinew import keras as ours

CASES = [(make(), how) for make, how in optimizers_keras.CASES if "infinite_at" not in how]


def network(library, optimizer):
    model = library.Sequential([
        library.Input((4,), dtype="float64"),
        library.layers.Dense(3, activation="tanh", dtype="float64"),
        library.layers.Dense(2, dtype="float64"),
    ])
    model.set_weights([0.5 * wave(weight.shape, 1 + i) for i, weight in enumerate(model.weights)])
    model.compile(optimizer=optimizer, loss="mse")
    return model


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{type(case[0]).__name__}" for i, case in enumerate(CASES)])
def test_ten_steps(case, comparison):
    optimizer, how = case
    name = type(optimizer).__name__
    described = keras.optimizers.serialize(optimizer)
    own = ours.optimizers.deserialize(described)
    kind = type(optimizer)
    optimizer = kind.from_config(described["config"])
    for one in (own, optimizer):
        if "exclude" in how:
            one.exclude_from_weight_decay(var_names=how["exclude"])
    theirs, mine = network(keras, optimizer), network(ours, own)
    for step in range(10):
        x, y = wave((8, 4), step), wave((8, 2), 3 * step + 1)
        theirs.train_on_batch(x, y)
        mine.train_on_batch(x, y)
    wanted, found = (model.evaluate(x, y, batch_size=8, verbose=0) for model in (theirs, mine))
    compared = comparison("optimizers", name)
    # Losses are told in float32.
    compared.close(found, wanted, "the loss after ten steps", None, 1e-6)
    for i, (one, other) in enumerate(zip(mine.get_weights(), theirs.get_weights(), strict=True)):
        compared.close(one, other, f"weight {i} after ten steps", "ten steps", 1e-9)
    assert kind.from_config(own.get_config()).get_config() == optimizer.get_config()
