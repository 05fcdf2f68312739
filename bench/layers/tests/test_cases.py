"""What is declared, and the page that is made of it: Python alone."""

from __future__ import annotations

import json
import re
import unittest
from pathlib import Path

from compare.rows import Row
from layers import cases, reasons, report

PARITY = Path(__file__).resolve().parents[3] / "docs/keras-parity.md"

#: No computation of their own: inputs, functions of the user's, and the cells that RNN is timed with.
LEFT_OUT = {"InputLayer", "Lambda", "GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"}


def rows_of(name: str, sinew: float, **peers: float) -> list[Row]:
    modes = {"jit": "keras", "eager": "pytorch", "compile": "pytorch"}
    found = [Row(name, "sinew", "float32", "1", sinew, agrees=True)]
    return found + [
        Row(name, modes[mode], mode, "1", ms, agrees=True) for mode, ms in peers.items()
    ]


class Cases(unittest.TestCase):
    def test_every_layer_of_sinews_is_there(self) -> None:
        section = PARITY.read_text().split("## Layers")[1].split("\n## ")[0]
        done = set(re.findall(r"^\| (\w+) \| done", section, re.MULTILINE))
        self.assertEqual(done - LEFT_OUT, {case.layer for case in cases.CASES})

    def test_names_are_unique(self) -> None:
        names = [case.name for case in cases.CASES]
        self.assertEqual(len(names), len(set(names)))

    def test_each_size_is_a_model(self) -> None:
        for sized in cases.choose([]):
            config = json.loads(sized.model())["config"]
            self.assertEqual(len(config["input_layers"]), len(sized.shapes), sized.name)

    def test_chosen_by_name_family_and_size(self) -> None:
        self.assertEqual([one.name for one in cases.choose(["Dense/small"])], ["Dense/small"])
        self.assertEqual({one.case.family for one in cases.choose(["pooling"])}, {"pooling"})
        with self.assertRaisesRegex(SystemExit, "no layer begins with 'Desne'"):
            cases.choose(["Desne"])

    def test_reasons_are_of_cases(self) -> None:
        names = {case.name for case in cases.CASES} | {one.name for one in cases.choose([])}
        self.assertLessEqual(set(reasons.REASONS), names)


class Page(unittest.TestCase):
    def test_the_best_peer_is_named(self) -> None:
        page = report.page(rows_of("Dense/small", 2, jit=5, eager=3), "machine")
        self.assertIn("**1.50** PyTorch", page)
        self.assertIn("None.", page)

    def test_who_computes_something_else_is_no_rival(self) -> None:
        rows = rows_of("Dense/small", 2, jit=5, eager=1)
        rows[-1].agrees = False
        page = report.page(rows, "machine")
        self.assertIn("**2.50** Keras jit", page)
        self.assertIn("NO: PyTorch", page)

    def test_slower_rows_have_reasons(self) -> None:
        (late,) = report.slower(report.entries(rows_of("Dense/large", 2, jit=1)))
        self.assertEqual(late.ratio, 0.5)
        self.assertIn(
            f"| 0.50 Keras jit | {reasons.reason(late.sized)} |",
            report.page(rows_of("Dense/large", 2, jit=1), ""),
        )


if __name__ == "__main__":
    unittest.main()
