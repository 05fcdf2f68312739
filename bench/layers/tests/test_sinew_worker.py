"""Sinew's worker, the program that SINEW_COMPARE_WORKER names, runs every layer."""

from __future__ import annotations

import json
import math
import os
import struct
import tempfile
import unittest
from pathlib import Path

from compare.worker import Worker
from layers.case import Sized
from layers.cases import choose

WORKER = os.environ.get("SINEW_COMPARE_WORKER", "")
if not WORKER:
    raise unittest.SkipTest("SINEW_COMPARE_WORKER names no program")


def write_zeros(path: Path, tensors: dict[str, tuple[str, list[int]]]) -> None:
    """By hand, because compare.exchange needs NumPy."""
    header, position = {}, 0
    for name, (dtype, shape) in tensors.items():
        end = position + math.prod(shape) * (8 if dtype == "I64" else 4)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [position, end]}
        position = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(position))


class SinewWorker(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.worker = Worker([WORKER], {}, 1, self.path / "log")

    def tearDown(self) -> None:
        self.worker.end()
        self.folder.cleanup()

    def gradients(self, sized: Sized) -> set[str]:
        """The names of what one step gives, run and checked."""
        weights, data, out = (str(self.path / name) for name in ("weights", "data", "check"))
        reply = self.worker.ask("initial_weights", config=sized.model(), out=weights)
        dtype = "I64" if sized.case.indices_below else "F32"
        tensors = {f"x{i}": (dtype, list(shape)) for i, shape in enumerate(sized.shapes)}
        tensors["upstream"] = ("F32", [sized.shapes[0][0], *reply["output_shapes"][0][1:]])
        write_zeros(Path(data), tensors)
        request = {"config": sized.model(), "data": data, "weights": weights}
        self.worker.ask("prepare", kind="layer", training=True, threads=1, **request)
        self.assertEqual(len(self.worker.ask("run", warm=0, steps=2)["seconds"]), 2)
        self.worker.ask("check", out=out)
        content = Path(out).read_bytes()
        (length,) = struct.unpack("<Q", content[:8])
        return set(json.loads(content[8 : 8 + length])) - {"__metadata__"}

    def test_every_layer_runs(self) -> None:
        for sized in choose([]):
            if sized.size != "small":
                continue
            with self.subTest(sized.name):
                wanted = {"output"}
                if not sized.case.indices_below:
                    wanted |= {f"x{i}" for i in range(len(sized.shapes))}
                self.assertLessEqual(wanted, self.gradients(sized))

    def test_weights_have_gradients(self) -> None:
        (sized,) = choose(["Dense/small"])
        self.assertEqual(self.gradients(sized), {"output", "x0", "dense_0/0", "dense_0/1"})


if __name__ == "__main__":
    unittest.main()
