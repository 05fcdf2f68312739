"""Models as scikit-learn's estimators."""

from __future__ import annotations

import copy
from typing import Any, Callable

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from sinew import _core, keras

Build = Callable[[int, int], keras.Model]


def _perceptron(features: int, outputs: int, units: tuple[int, ...], last: str) -> keras.Model:
    hidden = [keras.layers.Dense(count, activation="relu") for count in units]
    return keras.Sequential(
        [keras.Input((features,)), *hidden, keras.layers.Dense(outputs, activation=last)]
    )


class _Estimator(BaseEstimator):
    """What both share: a model of the network's, fitted anew by each fit()."""

    _last = "linear"

    def __init__(
        self,
        model: Build | None = None,
        *,
        hidden_units: tuple[int, ...] = (32,),
        optimizer: Any = "adam",
        loss: Any = None,
        metrics: Any = None,
        epochs: int = 50,
        batch_size: int = 32,
        validation_split: float = 0.0,
        callbacks: Any = None,
        verbose: int = 0,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.hidden_units = hidden_units
        self.optimizer = optimizer
        self.loss = loss
        self.metrics = metrics
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_split = validation_split
        self.callbacks = callbacks
        self.verbose = verbose
        self.random_state = random_state

    def _seed(self) -> int:
        from sklearn.utils import check_random_state

        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _fit(self, X: np.ndarray, y: np.ndarray, outputs: int, loss: str) -> None:
        seed = self._seed()
        before = _core.random_seed()
        _core.set_random_seed(seed)
        try:
            build = self.model or self._network
            self.model_ = build(X.shape[1], outputs)
        finally:
            _core.set_random_seed(before)
        self.model_.compile(
            optimizer=copy.deepcopy(self.optimizer), loss=self.loss or loss, metrics=self.metrics
        )
        self.history_ = self.model_.fit(
            X, y, epochs=self.epochs, batch_size=min(self.batch_size, len(X)), verbose=self.verbose,
            validation_split=self.validation_split, callbacks=self.callbacks, seed=seed,
        ).history
        self.n_iter_ = len(next(iter(self.history_.values()), []))

    def _network(self, features: int, outputs: int) -> keras.Model:
        return _perceptron(features, outputs, tuple(self.hidden_units), self._last)

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float32, reset=False)
        # Sample by sample: a sample's numbers do not depend on those beside it, to the last bit.
        return self.model_.predict(X, batch_size=1, verbose=0)


class SinewClassifier(ClassifierMixin, _Estimator):
    """A classifier. `model(features, classes)` makes the network, which ends in probabilities of
    the classes; by default one with `hidden_units`."""

    _last = "softmax"

    def fit(self, X: Any, y: Any) -> SinewClassifier:
        X, y = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"SinewClassifier needs two classes or more, but y has one class: {self.classes_[0]!r}"
            )
        self._fit(X, numbers, len(self.classes_), "sparse_categorical_crossentropy")
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return self._outputs(X)

    def predict(self, X: Any) -> np.ndarray:
        probabilities = self.predict_proba(X)
        return self.classes_[np.argmax(probabilities, axis=1)]


class SinewRegressor(RegressorMixin, _Estimator):
    """A regressor of one value or several. `model(features, outputs)` makes the network; by default
    one with `hidden_units`. Values are learnt in units of their standard deviation."""

    def fit(self, X: Any, y: Any) -> SinewRegressor:
        X, y = validate_data(self, X, y, dtype=np.float32, multi_output=True, y_numeric=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._flat = y.ndim == 1
        y = y.reshape(len(y), -1).astype(np.float64)
        self._mean, scale = y.mean(axis=0), y.std(axis=0)
        self._scale = np.where(scale > 0, scale, 1.0)
        scaled = ((y - self._mean) / self._scale).astype(np.float32)
        self._fit(X, scaled, y.shape[1], "mean_squared_error")
        return self

    def predict(self, X: Any) -> np.ndarray:
        y = self._outputs(X) * self._scale + self._mean
        return y[:, 0] if self._flat else y
