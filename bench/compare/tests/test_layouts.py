"""Files and layouts: need NumPy."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

try:
    import numpy as np
except ImportError as error:
    raise unittest.SkipTest("NumPy is not installed") from error

from compare import agree, exchange, layouts


class Files(unittest.TestCase):
    def test_arrays_come_back(self) -> None:
        arrays = {
            "a": np.arange(6, dtype=np.float32).reshape(2, 3),
            "b": np.array([1, 2]),
            "c": np.float32(3),
        }
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.safetensors"
            exchange.save(path, {name: np.asarray(array) for name, array in arrays.items()})
            for name, array in exchange.load(path).items():
                np.testing.assert_array_equal(array, arrays[name])


class Layouts(unittest.TestCase):
    def weights(self) -> exchange.Arrays:
        shapes = {
            "conv2d_0/0": (3, 3, 1, 32),
            "conv2d_0/1": (32,),
            "conv2d_1/0": (3, 3, 32, 64),
            "conv2d_1/1": (64,),
            "dense_0/0": (1600, 128),
            "dense_0/1": (128,),
            "dense_1/0": (128, 10),
            "dense_1/1": (10,),
        }
        random = np.random.default_rng(0)
        return {
            name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()
        }

    def test_there_and_back(self) -> None:
        weights = self.weights()
        back = layouts.to_keras("cnn", layouts.to_torch("cnn", weights))
        self.assertEqual(set(back), set(weights))
        for name, array in weights.items():
            np.testing.assert_array_equal(back[name], array)

    def test_joined_matrices_come_apart(self) -> None:
        entries = layouts.attention("a", "t")
        random = np.random.default_rng(0)
        shapes = [(256, 4, 64), (4, 64)] * 3 + [(4, 64, 256), (256,)]
        for entry, shape in zip(entries, shapes):
            array = random.normal(size=shape)
            np.testing.assert_array_equal(entry.to_keras(entry.to_torch(array)), array)


class Agreement(unittest.TestCase):
    def test_the_worst_array_is_named(self) -> None:
        ours = {"output": np.ones(3), "loss": np.array(2.0)}
        self.assertIsNone(
            agree.disagreement(ours, {"output": np.ones(3), "loss": np.array(2.0001)}, 1e-4)
        )
        told = agree.disagreement(ours, {"output": np.ones(3), "loss": np.array(3.0)}, 1e-4)
        self.assertIn("loss", told or "")

    def test_what_is_missing_or_not_a_number_does_not_agree(self) -> None:
        self.assertIsNotNone(agree.disagreement({"output": np.ones(3)}, {}, 1e-4))
        self.assertIsNotNone(
            agree.disagreement({"output": np.ones(3)}, {"output": np.full(3, np.nan)}, 1e-4)
        )

    def test_a_gradient_that_is_zero_but_for_rounding_agrees(self) -> None:
        ours = {"a/0": np.array([1.0]), "a/1": np.array([1e-9])}
        self.assertIsNone(
            agree.disagreement(ours, {"a/0": np.array([1.0]), "a/1": np.array([-3e-9])}, 1e-4)
        )


if __name__ == "__main__":
    unittest.main()
