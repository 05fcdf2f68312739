"""keras.ops on arrays, which is what they compute within a program: compared with NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from sinew import keras
from sinew.keras import ops

RANDOM = np.random.default_rng(0)
A = RANDOM.normal(size=(3, 4)).astype("float32")
B = RANDOM.uniform(0.5, 2, size=(4,)).astype("float32")
CASES = {
    "add": (lambda o: o.add(A, B), A + B),
    "subtract a number": (lambda o: o.subtract(1.0, A), 1 - A),
    "divide integers": (lambda o: o.divide(np.arange(4), 2), np.arange(4) / 2),
    "power": (lambda o: o.power(B, 2.5), B**2.5),
    "mod": (lambda o: o.mod(A, 0.5), np.mod(A, 0.5)),
    "floor_divide": (lambda o: o.floor_divide(A, B), A // B),
    "exp and log": (lambda o: o.log(o.exp(A)), A),
    "log10": (lambda o: o.log10(B), np.log10(B)),
    "clip": (lambda o: o.clip(A, -0.5, 0.5), np.clip(A, -0.5, 0.5)),
    "round": (lambda o: o.round(A, 1), np.round(A, 1)),
    "where": (lambda o: o.where(o.greater(A, 0), A, 0.0), np.where(A > 0, A, 0)),
    "logic": (lambda o: o.logical_and(o.less(A, 1), o.logical_not(o.equal(A, 0))), (A < 1) & (A != 0)),
    "isnan": (lambda o: o.isnan(np.array([1.0, np.nan])), [False, True]),
    "isinf": (lambda o: o.isinf(np.array([1.0, np.inf, np.nan])), [False, True, False]),
    "divide_no_nan": (lambda o: o.divide_no_nan(np.ones(2), np.array([0.0, 2.0])), [0, 0.5]),
    "sum": (lambda o: o.sum(A, axis=1, keepdims=True), A.sum(1, keepdims=True)),
    "sum of integers": (lambda o: o.sum(np.arange(5)), 10),
    "mean": (lambda o: o.mean(A, axis=(0, 1)), A.mean()),
    "std": (lambda o: o.std(A, axis=0), A.std(0)),
    "max": (lambda o: o.max(A, axis=-1), A.max(-1)),
    "any": (lambda o: o.any(A > 1, axis=0), (A > 1).any(0)),
    "argmax": (lambda o: o.argmax(A, axis=1), A.argmax(1)),
    "argmin of all": (lambda o: o.argmin(A), A.argmin()),
    "logsumexp": (lambda o: o.logsumexp(A, axis=(0, 1)), np.log(np.exp(A).sum())),
    "matmul": (lambda o: o.matmul(A, A.T), A @ A.T),
    "matrix and vector": (lambda o: o.matmul(A, B), A @ B),
    "vectors": (lambda o: o.dot(B, B), B @ B),
    "einsum": (lambda o: o.einsum("ij,kj->ik", A, A), A @ A.T),
    "norm": (lambda o: o.norm(A, axis=1), np.linalg.norm(A, axis=1)),
    "reshape": (lambda o: o.reshape(A, (2, -1)), A.reshape(2, -1)),
    "transpose": (lambda o: o.transpose(A), A.T),
    "moveaxis": (lambda o: o.moveaxis(A[None], 0, 2), np.moveaxis(A[None], 0, 2)),
    "squeeze": (lambda o: o.squeeze(A[None, :, None]), A),
    "concatenate": (lambda o: o.concatenate([A, A], axis=0), np.concatenate([A, A])),
    "stack": (lambda o: o.stack([A, A], axis=1), np.stack([A, A], 1)),
    "split": (lambda o: o.split(A, 2, axis=1)[1], np.split(A, 2, axis=1)[1]),
    "flip": (lambda o: o.flip(A, axis=0), A[::-1]),
    "pad": (lambda o: o.pad(A, ((1, 0), (0, 2))), np.pad(A, ((1, 0), (0, 2)))),
    "take": (lambda o: o.take(A, [2, 0], axis=0), A[[2, 0]]),
    "take along 1": (lambda o: o.take(A, [[2, 0]], axis=1), A[:, [[2, 0]]]),
    "one_hot": (lambda o: o.one_hot([1, 0], 3), np.eye(3)[[1, 0]]),
    "repeat": (lambda o: o.repeat(A, 2, axis=1), np.repeat(A, 2, 1)),
    "tile": (lambda o: o.tile(A, (2, 1)), np.tile(A, (2, 1))),
    "arange": (lambda o: o.arange(1, 7, 2), np.arange(1, 7, 2)),
    "zeros": (lambda o: o.zeros((2, 2)), np.zeros((2, 2))),
    "softmax": (lambda o: o.softmax(A), np.exp(A) / np.exp(A).sum(-1, keepdims=True)),
    "relu": (lambda o: o.relu(A), np.maximum(A, 0)),
    "leaky_relu": (lambda o: o.leaky_relu(A, 0.1), np.where(A > 0, A, 0.1 * A)),
    "cast": (lambda o: o.cast(A, "int32"), A.astype("int32")),
    "crossentropy": (
        lambda o: o.sparse_categorical_crossentropy(np.array([1, 0, 3]), A, from_logits=True),
        -(A - np.log(np.exp(A).sum(-1, keepdims=True)))[range(3), [1, 0, 3]],
    ),
    "max_pool": (lambda o: o.max_pool(A.reshape(1, 3, 4, 1), 2, padding="same").ravel(),
                 np.stack([[A[:2, :2].max(), A[:2, 2:].max()], [A[2, :2].max(), A[2, 2:].max()]]).ravel()),
}


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_numpy(case):
    compute, expected = CASES[case]
    result = compute(ops)
    assert isinstance(result, np.ndarray)
    np.testing.assert_allclose(result, expected, rtol=2e-5, atol=1e-6)


INDEXED = {
    "a row": lambda x: x[1],
    "slices": lambda x: x[1:, ::2],
    "from the end": lambda x: x[..., -1],
    "a new axis": lambda x: x[:, None],
    "reversed": lambda x: x[::-1],
}


@pytest.mark.parametrize("case", INDEXED)
def test_indexing_agrees_with_numpy(case):
    x = keras.Input((3, 4))
    model = keras.Model(x, INDEXED[case](x) if case == "a new axis" else _per_sample(INDEXED[case], x))
    samples = RANDOM.normal(size=(2, 3, 4)).astype("float32")
    expected = samples[:, None] if case == "a new axis" else np.stack([INDEXED[case](s) for s in samples])
    assert np.array_equal(model.predict(samples, verbose=0), expected)


def _per_sample(index, x):
    parts = keras.layers.Lambda(lambda t: ops.stack([index(t[i]) for i in range(t.shape[0])]))
    return parts(x)


def test_operators_on_a_models_tensors():
    x = keras.Input((4,))
    y = (2 * x - 1) / (abs(x) + 1) ** 2
    model = keras.Model(x, keras.layers.Dense(1)(y))
    assert model.predict(A, verbose=0).shape == (3, 1)
    plain = keras.Model(x, y)
    np.testing.assert_allclose(plain.predict(A, verbose=0), (2 * A - 1) / (np.abs(A) + 1) ** 2, rtol=1e-5)


def test_symbolic_tensors_have_no_truth_and_no_numbers():
    x = keras.Input((4,))
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(x > 0)
    with pytest.raises(TypeError, match="iterated"):
        iter(x)
    with pytest.raises(ValueError, match="no numbers"):
        ops.convert_to_numpy(x)
    with pytest.raises(IndexError):
        x[0, 0, 0]


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"\(3, 4\).*\(3,\)"):
        ops.add(A, np.ones(3, "float32"))
