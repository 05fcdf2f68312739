"""Arrays of every kind: read as they are, converted as Keras does, or refused by what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

import sinew
from sinew import keras
from sinew._arrays import as_array

X = np.arange(24, dtype="float32").reshape(6, 4) / 24


@pytest.fixture
def model():
    model = keras.Sequential([keras.layers.Dense(2, input_shape=(4,))])
    model.compile("sgd", "mse")
    return model


def test_row_major_float32_is_not_copied():
    assert np.shares_memory(as_array(X), X)


@pytest.mark.parametrize(
    "given",
    [
        X.astype("float64"),
        X.astype("float16"),
        X.astype(">f4"),
        np.asfortranarray(X),
        np.repeat(X, 2, axis=1)[:, ::2],
        X[::-1][::-1],
        X.tolist(),
        np.broadcast_to(X, (6, 4)),
    ],
    ids=["float64", "float16", "big-endian", "column-major", "strided", "reversed", "list", "read-only"],
)
def test_other_layouts_and_dtypes_give_the_same_predictions(model, given):
    assert np.allclose(model.predict(given, verbose=0), model.predict(X, verbose=0), atol=1e-2)


def test_negative_strides(model):
    assert np.array_equal(
        model.predict(X[::-1], verbose=0), model.predict(np.ascontiguousarray(X[::-1]), verbose=0)
    )


def test_unaligned(model):
    buffer = np.zeros(X.nbytes + 1, "uint8")
    unaligned = buffer[1:].view("float32").reshape(X.shape)
    unaligned[:] = X
    assert not unaligned.flags.aligned
    assert np.array_equal(model.predict(unaligned, verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"])
def test_integers_are_numbers_too(model, dtype):
    given = (X * 5).astype(dtype)
    assert np.allclose(model.predict(given, verbose=0), model.predict(given.astype("float32"), verbose=0))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.array([[1, "a"], [None, 2]], dtype=object), "Python objects"),
        (np.array([["a", "b"]]), "dtype <U1"),
        (X.astype("complex64"), "complex64"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "datetime64"),
        (np.ma.masked_array(X, X > 0.5), "masked"),
        (np.zeros(3, dtype=[("a", "f4")]), "Sinew takes numbers"),
    ],
)
def test_what_holds_no_numbers_is_refused(model, given, message):
    with pytest.raises(TypeError, match=message):
        model.predict(given, verbose=0)


def test_ragged_lists_are_refused(model):
    with pytest.raises((TypeError, ValueError), match="x"):
        model.predict([[1.0, 2.0], [3.0]], verbose=0)


def test_too_large_unsigned(model):
    with pytest.raises(ValueError, match="too large for int64"):
        model.predict(np.full((2, 4), 2**64 - 1, dtype="uint64"), verbose=0)


def test_huge_shapes_are_refused_or_computed(model):
    huge = np.broadcast_to(np.float32(0), (2**40, 5))
    with pytest.raises((ValueError, MemoryError)):
        model.predict(huge, verbose=0)
    with pytest.raises(ValueError, match="no machine holds"):
        keras.layers.Dense(2**62)


def test_shapes_and_rows_that_do_not_fit(model):
    with pytest.raises(sinew.ShapeError, match=r"expects shape \(None, 4\), but x has shape \(6, 3\)"):
        model.predict(X[:, :3], verbose=0)
    with pytest.raises(ValueError, match="6 samples.*5"):
        model.fit(X, np.zeros((5, 2)), verbose=0)
    with pytest.raises(ValueError, match="holds no samples"):
        model.predict(X[:0], verbose=0)
    with pytest.raises(ValueError, match="row 2"):
        model.fit(np.where(np.arange(6)[:, None] == 2, np.nan, X), np.zeros((6, 2)), verbose=0)


def test_results_outlive_the_model(model):
    predicted = model.predict(X, verbose=0)
    weights = model.get_weights()
    copy = predicted.copy(), weights[0].copy()
    del model
    assert np.array_equal(predicted, copy[0]) and np.array_equal(weights[0], copy[1])
    predicted[0] = 0


def test_dlpack_both_ways(model):
    class Producer:
        def __dlpack__(self, **options):
            return X.__dlpack__()

        def __dlpack_device__(self):
            return X.__dlpack_device__()

    assert np.array_equal(model.predict(Producer(), verbose=0), model.predict(X, verbose=0))
    assert np.array_equal(np.from_dlpack(model.predict(X, verbose=0)), model.predict(X, verbose=0))
