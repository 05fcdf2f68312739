from __future__ import annotations

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from sklearn.model_selection import cross_val_score  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from sinew import SinewClassifier, SinewRegressor, keras  # noqa: E402


@parametrize_with_checks(
    [
        SinewClassifier(epochs=60, optimizer=keras.optimizers.Adam(0.01), random_state=0),
        SinewRegressor(epochs=60, optimizer=keras.optimizers.Adam(0.01), random_state=0),
    ]
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def build(features, classes):
    return keras.Sequential([keras.Input((features,)), keras.layers.Dense(classes, activation="softmax")])


def test_a_network_of_ones_own(blobs):
    estimator = SinewClassifier(build, epochs=30, optimizer="adam", random_state=1)
    names = np.array(["a", "b", "c"])[blobs[1]]
    assert cross_val_score(SinewClassifier(epochs=30, random_state=1), blobs[0], names, cv=3).mean() > 0.9
    fitted = estimator.fit(blobs[0], names)
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(fitted.predict(blobs[0]), again.predict(blobs[0]))
