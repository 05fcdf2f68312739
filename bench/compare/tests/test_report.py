"""Statistics, rows, the comparison with a baseline, the table: all that needs Python alone."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from compare import baseline, models, report, rows, stats
from compare.rows import Row


def row(ms: float, spread: list[float], system: str = "sinew", mode: str = "float32") -> Row:
    return Row("mlp-train", system, mode, "1", ms, spread)


class Statistics(unittest.TestCase):
    def test_quantiles_lie_between_the_nearest_values(self) -> None:
        self.assertEqual(stats.median([3, 1, 2]), 2)
        self.assertEqual(stats.median([4, 1, 2, 3]), 2.5)
        self.assertEqual(stats.quartiles([1, 2, 3, 4, 5]), [2, 4])
        self.assertAlmostEqual(stats.quantile([0, 10], 0.99), 9.9)

    def test_nothing_has_no_median(self) -> None:
        with self.assertRaises(ValueError):
            stats.median([])


class Rows(unittest.TestCase):
    def test_ratios_are_over_sinews_main_row(self) -> None:
        table = [row(2, [2, 2]), row(4, [4, 4], mode="1 thread"), row(7, [7, 7], "keras", "jit")]
        rows.fill_ratios(table)
        self.assertEqual([entry.ratio for entry in table], [1, 2, 3.5])

    def test_sizes_have_ratios_too(self) -> None:
        table = [Row("installed-size", "sinew", "float32", "1", peak_mb=5)]
        table.append(Row("installed-size", "keras", "", "3", peak_mb=500))
        rows.fill_ratios(table)
        self.assertEqual(table[1].ratio, 100)

    def test_files_keep_them(self) -> None:
        table = [row(2, [1.5, 2.5]), rows.unavailable("mlp-train", "keras", "jit", "no network")]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.json"
            rows.write(path, table)
            self.assertEqual(rows.read(path), table)

    def test_the_table_gives_reasons(self) -> None:
        text = report.table(
            [row(2, [1.5, 2.5]), rows.unavailable("mlp-train", "keras", "jit", "no network")]
        )
        self.assertIn("unavailable: no network", text)
        self.assertIn("2.000", text)

    def test_the_summary_names_the_best_peer(self) -> None:
        table = [row(2, [2, 2]), row(9, [9, 9], "keras", "jit"), row(5, [5, 5], "pytorch", "eager")]
        self.assertIn("2.50 x pytorch eager", report.table(table))

    def test_the_summary_compares_precisions_fairly(self) -> None:
        table = [
            row(2, [2, 2]),
            row(1, [1, 1], "sinew", "bfloat16"),
            row(5, [5, 5], "pytorch", "eager"),
            row(3, [3, 3], "pytorch", "bfloat16"),
        ]
        text = report.table(table)
        self.assertIn("2.50 x pytorch eager", text)
        self.assertIn("3.00 x pytorch bfloat16", text)


class Baseline(unittest.TestCase):
    def machine(self, gflops: float) -> Row:
        return baseline.machine_row("a processor", 2, gflops)

    def test_more_than_noise_is_told(self) -> None:
        lines = baseline.compare(
            [self.machine(200), row(2.4, [2.3, 2.5])], [self.machine(200), row(2, [1.9, 2.1])]
        )
        self.assertEqual(len(lines), 1)
        self.assertIn("+20 %", lines[0])

    def test_noise_is_not(self) -> None:
        then = [self.machine(200), row(2, [1.9, 2.1])]
        self.assertEqual(baseline.compare([self.machine(200), row(2.08, [2.07, 2.1])], then), [])
        self.assertEqual(baseline.compare([self.machine(200), row(2.4, [2.0, 2.9])], then), [])

    def test_a_slower_clock_is_not_a_slower_program(self) -> None:
        then = [self.machine(200), row(2, [1.9, 2.1])]
        self.assertEqual(baseline.compare([self.machine(160), row(2.5, [2.4, 2.6])], then), [])

    def test_another_machine_is_named(self) -> None:
        lines = baseline.compare([self.machine(200)], [baseline.machine_row("another", 2, 200)])
        self.assertIn("another machine: another", lines[0])


class Flops(unittest.TestCase):
    def test_the_tutorials_network_has_the_arithmetic_that_is_said_of_it(self) -> None:
        self.assertAlmostEqual(models.cnn().flops(32, True) / 1e6, 493, delta=1)


if __name__ == "__main__":
    unittest.main()
