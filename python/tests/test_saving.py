from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import sinew
from sinew import keras
from sinew.keras import layers


def same_state(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a.get_weights(), b.get_weights()))


@pytest.mark.parametrize("way", ["file", "pickle", "deepcopy"])
def test_a_model_goes_on_training_where_it_was(classifier, blobs, tmp_path, way):
    classifier.fit(*blobs, epochs=2, verbose=0)
    if way == "file":
        classifier.save(tmp_path / "model.safetensors")
        other = keras.models.load_model(tmp_path / "model.safetensors")
    else:
        other = pickle.loads(pickle.dumps(classifier)) if way == "pickle" else copy.deepcopy(classifier)
    assert type(other) is keras.Sequential and isinstance(other.optimizer, keras.optimizers.Adam)
    assert same_state(classifier, other)
    assert other.optimizer.iterations == classifier.optimizer.iterations == 8
    for model in (classifier, other):
        model.fit(*blobs, epochs=1, shuffle=False, verbose=0)
    assert same_state(classifier, other)


def test_weights_alone(classifier, tmp_path):
    from conftest import small_classifier

    classifier.save_weights(tmp_path / "w.safetensors")
    keras.utils.set_random_seed(99)
    other = small_classifier()
    assert not same_state(classifier, other)
    other.load_weights(tmp_path / "w.safetensors")
    assert same_state(classifier, other)


def test_json_and_clones(classifier, blobs):
    again = keras.models.model_from_json(classifier.to_json())
    assert [type(layer) for layer in again.layers] == [layers.Dense, layers.Dense]
    clone = keras.models.clone_model(classifier)
    assert clone.predict(blobs[0], verbose=0).shape == (120, 3)


def test_files_that_are_missing_broken_or_there_already(classifier, tmp_path):
    with pytest.raises(OSError, match="missing.safetensors"):
        keras.models.load_model(tmp_path / "missing.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(sinew.FileError, match="broken.safetensors"):
        keras.models.load_model(tmp_path / "broken.safetensors")
    classifier.save(tmp_path / "model.safetensors")
    with pytest.raises(FileExistsError):
        classifier.save(tmp_path / "model.safetensors", overwrite=False)


def test_what_cannot_be_saved_says_so(tmp_path):
    model = keras.Sequential([keras.Input((2,)), layers.Lambda(lambda x: x * 2)])
    with pytest.raises(ValueError, match="Lambda"):
        model.save(tmp_path / "model.safetensors")
    assert not list(tmp_path.iterdir())


def test_optimizers_and_configs_are_pickled():
    optimizer = pickle.loads(pickle.dumps(keras.optimizers.SGD(0.5, momentum=0.25)))
    assert optimizer.get_config()["momentum"] == 0.25 and optimizer.learning_rate == 0.5
    assert pickle.loads(pickle.dumps(keras.regularizers.L2(0.5))) == keras.regularizers.L2(0.5)
    assert pickle.loads(pickle.dumps(layers.Dense(3, "relu"))).units == 3


def test_errors_are_pythons_too():
    assert issubclass(sinew.ShapeError, ValueError) and issubclass(sinew.ShapeError, sinew.Error)
    assert issubclass(sinew.DTypeError, TypeError)
    assert issubclass(sinew.FileError, OSError)
    assert issubclass(sinew.MemoryError, MemoryError)


def test_plot_model(classifier, tmp_path):
    keras.utils.plot_model(classifier, tmp_path / "model.dot")
    assert '"dense" -> "dense_1"' in (tmp_path / "model.dot").read_text()
