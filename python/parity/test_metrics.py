"""Every metric: its result after one batch, after two, and with sample weights; its state begins anew."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import record_metrics
from record import arguments

from sinew import keras as ours


def result(library, name, given, kind, batches, weighted):
    given = {key: None if (key, value) == ("class_aggregation", "none") else value for key, value in given.items()}
    metric = getattr(library.metrics, name)(**given)
    for repetition in range(2):
        metric.reset_state()
        for batch in range(batches):
            y_true, y_pred = record_metrics.data(kind, batch)
            weights = record_metrics.WEIGHTS[batch] if weighted else None
            if weighted and "IoU" in name and "OneHot" not in name:
                weights = np.repeat(weights, y_true.size // 4).reshape(y_true.shape)
            metric.update_state(y_true, y_pred, weights)
    return np.asarray(metric.result())


@pytest.mark.parametrize("case", record_metrics.CASES, ids=[f"{name}{arguments(given)}-{kind}" for name, given, kind in record_metrics.CASES])
def test_metrics(case, comparison):
    name, given, kind = case
    compared = comparison("metrics", name)
    for batches, weighted in ((1, False), (2, False), (2, True)):
        wanted = result(keras, name, given, kind, batches, weighted)
        found = result(ours, name, given, kind, batches, weighted)
        compared.close(found, wanted, f"after {batches} batches", "float32", 2e-6)
