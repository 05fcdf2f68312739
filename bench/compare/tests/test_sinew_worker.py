"""Sinew's worker, the program that SINEW_COMPARE_WORKER names, answers the protocol."""

from __future__ import annotations

import json
import os
import struct
import tempfile
import unittest
from pathlib import Path

from compare.models import Builder
from compare.worker import Worker, WorkerError

WORKER = os.environ.get("SINEW_COMPARE_WORKER", "")
if not WORKER:
    raise unittest.SkipTest("SINEW_COMPARE_WORKER names no program")


def write_data(path: Path) -> None:
    """Two rows of three numbers, two labels."""
    header = {
        "x": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "y": {"dtype": "I64", "shape": [2], "data_offsets": [24, 40]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(
        struct.pack("<Q", len(text)) + text + struct.pack("<6f2q", 1, 2, 3, 4, 5, 6, 0, 1)
    )


class SinewWorker(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.worker = Worker([WORKER], {}, 1, self.path / "log")

    def tearDown(self) -> None:
        self.worker.end()
        self.folder.cleanup()

    def request(self) -> dict[str, object]:
        net = Builder((3,))
        config = net.finish(net("Dense", net.first, units=2, activation="softmax"))
        write_data(self.path / "data")
        self.worker.ask("initial_weights", config=config, out=str(self.path / "weights"))
        return {
            "kind": "mlp",
            "config": config,
            "loss": "sparse_categorical_crossentropy",
            "training": True,
            "threads": 1,
            "data": str(self.path / "data"),
            "weights": str(self.path / "weights"),
        }

    def test_a_network_is_trained_and_checked(self) -> None:
        self.assertIn("version", self.worker.ask("prepare", **self.request()))
        self.assertEqual(len(self.worker.ask("run", warm=1, steps=3)["seconds"]), 3)
        self.worker.ask("check", out=str(self.path / "check"))
        (length,) = struct.unpack("<Q", (self.path / "check").read_bytes()[:8])
        header = json.loads((self.path / "check").read_bytes()[8 : 8 + length])
        self.assertLessEqual({"output", "loss", "dense_0/0", "dense_0/1"}, set(header))

    def test_paused_and_continued(self) -> None:
        self.worker.ask("prepare", **self.request())
        self.worker.pause()
        self.worker.go_on()
        self.assertEqual(len(self.worker.ask("run", warm=0, steps=1)["seconds"]), 1)
        self.assertGreater(self.worker.peak_memory_mb(), 0)

    def test_errors_are_answers(self) -> None:
        with self.assertRaisesRegex(WorkerError, "cannot do 'dance'"):
            self.worker.ask("dance")
        with self.assertRaisesRegex(WorkerError, "nowhere"):
            self.worker.ask("prepare", **{**self.request(), "data": "/nowhere"})

    def test_a_worker_that_is_gone_is_reported(self) -> None:
        self.worker.process.kill()
        self.worker.process.wait()
        with self.assertRaisesRegex(WorkerError, "ended"):
            self.worker.ask("run", warm=0, steps=1)


if __name__ == "__main__":
    unittest.main()
