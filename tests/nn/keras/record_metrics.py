"""metrics.h: each metric's result after one batch, after two, and after two with sample weights."""

import keras
import numpy as np

from record import arguments, numbers, text, wave, write


def data(kind, batch):
    """y_true and y_pred of one batch of 4; inputs.h makes the same."""
    shape = (4, 3)
    phase = 2.0 * batch
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    softmax = lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    flags = (wave(shape, 0.3 + phase) > 0).astype("float64")
    labels = np.array([[1, 0, 2, 1], [2, 1, 1, 0]][batch])
    one_hot = np.eye(3)[labels]
    logits = 2 * wave(shape, 1.1 + phase)
    if kind == "real":
        return wave(shape, 0.3 + phase), 1.5 * wave(shape, 1.1 + phase)
    if kind == "positive":
        return 2 + wave(shape, 0.3 + phase), 1.5 + wave(shape, 1.1 + phase)
    if kind == "flags":
        return flags, sigmoid(logits)
    if kind == "flag logits":
        return flags, logits
    if kind == "flag column":
        return flags[:, :1], sigmoid(logits)[:, :1]
    if kind == "one-hot":
        return one_hot, softmax(logits)
    if kind == "classes":
        return labels, softmax(logits)
    if kind == "class pairs":
        return np.stack([labels, labels[::-1]], 1), np.stack([labels, labels[[1, 2, 3, 0]]], 1)
    if kind == "sorted ids":
        return labels, np.argsort(-softmax(logits), -1).astype("float64")
    if kind == "eighths":
        return flags, np.round(sigmoid(logits) * 8) / 8
    raise ValueError(kind)


WEIGHTS = np.array([[1, 0.5, 2, 0.25], [0, 1, 1.5, 3]])
THREE = {"thresholds": [0.7, 0.2, 0.5]}
EVEN = {"thresholds": [0.0, 0.5, 1.0]}
CASES = [
    ("Accuracy", {"name": "accuracy"}, "class pairs"), ("BinaryAccuracy", {}, "flags"), ("BinaryAccuracy", {"threshold": 0.7}, "flag column"),
    ("CategoricalAccuracy", {}, "one-hot"), ("SparseCategoricalAccuracy", {}, "classes"),
    ("TopKCategoricalAccuracy", {"k": 2}, "one-hot"), ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes"),
    ("SparseTopKCategoricalAccuracy", {"from_sorted_ids": True, "k": 2}, "sorted ids"), ("BinaryCrossentropy", {}, "flags"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "flag logits"), ("CategoricalCrossentropy", {}, "one-hot"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}, "one-hot"), ("SparseCategoricalCrossentropy", {}, "classes"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "classes"), ("KLDivergence", {}, "one-hot"), ("Poisson", {}, "positive"),
    ("MeanSquaredError", {}, "real"), ("RootMeanSquaredError", {}, "real"), ("MeanAbsoluteError", {}, "real"),
    ("MeanAbsolutePercentageError", {}, "real"), ("MeanSquaredLogarithmicError", {}, "positive"), ("CosineSimilarity", {}, "real"),
    ("CosineSimilarity", {"axis": 1}, "real"), ("LogCoshError", {}, "real"), ("R2Score", {}, "real"),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, "real"), ("R2Score", {"class_aggregation": "none"}, "real"),
    ("R2Score", {"num_regressors": 2}, "real"), ("PearsonCorrelation", {}, "real"), ("ConcordanceCorrelation", {}, "real"),
    ("Hinge", {}, "flag logits"), ("SquaredHinge", {}, "flag logits"), ("CategoricalHinge", {}, "one-hot"),
    ("TruePositives", {}, "flags"), ("TruePositives", THREE, "flags"), ("TrueNegatives", THREE, "flags"), ("FalsePositives", THREE, "flags"),
    ("FalseNegatives", THREE, "flags"), ("FalseNegatives", EVEN, "eighths"), ("TruePositives", EVEN, "eighths"), ("Precision", {}, "flags"),
    ("Precision", THREE, "flags"), ("Precision", EVEN, "eighths"), ("Precision", {"top_k": 2}, "flags"),
    ("Precision", {"class_id": 1, "top_k": 2}, "flags"), ("Precision", {"thresholds": 0.4, "top_k": 2}, "flags"), ("Recall", {}, "flags"), ("Recall", THREE, "flags"),
    ("Recall", {"class_id": 2}, "flags"), ("Recall", {"top_k": 1}, "flags"), ("Recall", {"top_k": 1}, "eighths"),
    ("SensitivityAtSpecificity", {"specificity": 0.5}, "flags"), ("SensitivityAtSpecificity", {"num_thresholds": 9, "specificity": 0.4}, "eighths"),
    ("SensitivityAtSpecificity", {"num_thresholds": 1, "specificity": 0.4}, "flags"), ("SpecificityAtSensitivity", {"sensitivity": 0.6}, "flags"),
    ("SpecificityAtSensitivity", {"class_id": 1, "sensitivity": 0.6}, "flags"), ("PrecisionAtRecall", {"recall": 0.6}, "flags"),
    ("PrecisionAtRecall", {"num_thresholds": 9, "recall": 0.3}, "eighths"), ("RecallAtPrecision", {"precision": 0.6}, "flags"),
    ("AUC", {}, "flags"), ("AUC", {}, "eighths"), ("AUC", {"num_thresholds": 9}, "eighths"), ("AUC", {"curve": "PR"}, "flags"),
    ("AUC", {"curve": "PRGAIN"}, "flags"), ("AUC", {"summation_method": "majoring"}, "flags"), ("AUC", {"summation_method": "minoring"}, "eighths"),
    ("AUC", {"curve": "PR", "summation_method": "majoring"}, "flags"), ("AUC", {"curve": "PR", "summation_method": "minoring"}, "flags"),
    ("AUC", {"thresholds": [0.2, 0.25, 0.7]}, "flags"), ("AUC", {"curve": "PR", "thresholds": [0.2, 0.25, 0.7]}, "eighths"), ("AUC", {"multi_label": True}, "flags"),
    ("AUC", {"curve": "PR", "label_weights": [0.2, 0.3, 0.5], "multi_label": True}, "flags"), ("AUC", {"label_weights": [0.2, 0.3, 0.5]}, "flags"),
    ("AUC", {"multi_label": True, "num_labels": 3}, "eighths"), ("AUC", {"from_logits": True}, "flag logits"), ("AUC", {}, "flag column"),
    ("F1Score", {}, "one-hot"), ("F1Score", {"average": "micro"}, "one-hot"), ("F1Score", {"average": "macro"}, "one-hot"),
    ("F1Score", {"average": "weighted", "threshold": 0.4}, "flags"), ("FBetaScore", {}, "flags"), ("FBetaScore", {"average": "weighted", "beta": 2.0}, "one-hot"),
    ("FBetaScore", {"beta": 0.5, "threshold": 0.5}, "flags"), ("IoU", {"num_classes": 3, "target_class_ids": [0, 2]}, "class pairs"),
    ("IoU", {"num_classes": 3, "sparse_y_pred": False, "target_class_ids": [1]}, "classes"), ("IoU", {"dtype": "float32", "ignore_class": 0, "num_classes": 3, "target_class_ids": [0, 2]}, "class pairs"),
    ("MeanIoU", {"num_classes": 4}, "class pairs"), ("MeanIoU", {"num_classes": 2}, "class pairs"), ("BinaryIoU", {}, "flags"), ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.7}, "flags"),
    ("OneHotIoU", {"num_classes": 3, "target_class_ids": [0, 2]}, "one-hot"), ("OneHotMeanIoU", {"num_classes": 3}, "one-hot"),
]


def results(name, given, kind, batches, weighted):
    given = dict(given)
    if given.get("class_aggregation") == "none":
        given["class_aggregation"] = None
    metric = getattr(keras.metrics, name)(**given)
    for batch in range(batches):
        y_true, y_pred = data(kind, batch)
        weights = WEIGHTS[batch] if weighted else None
        if weighted and "IoU" in name:
            weights = np.repeat(weights, np.argmax(y_true, -1).size // 4 if "OneHot" in name else y_true.size // 4)
        metric.update_state(y_true, y_pred, weights)
    return metric.result()


def record():
    lines = [
        "/// `data` names the arrays of inputs.h. The results after one batch, after two, and after two with",
        "/// `kMetricWeights`.",
        "struct MetricCase { const char* identifier; const char* data; std::vector<double> one, two, weighted; };",
        f"inline const std::vector<double> kMetricWeights = {numbers(WEIGHTS)};",
        "inline const std::vector<MetricCase> kMetrics = {",
    ]
    for name, given, kind in CASES:
        runs = [results(name, given, kind, *run) for run in ((1, False), (2, False), (2, True))]
        lines.append(f"    {{{text(name + arguments(given))}, {text(kind)}, " + ", ".join(numbers(run) for run in runs) + "},")
    lines += ["};", "/// Classes and the names that their objects have.", "struct MetricName { const char* class_name; const char* name; };"]
    lines += ["inline const std::vector<MetricName> kMetricNames = {"]
    needed = {"num_classes": 2, "target_class_ids": [0], "specificity": 0.5, "sensitivity": 0.5, "recall": 0.5, "precision": 0.5}
    for name in sorted(set(case[0] for case in CASES) | {"Mean", "Sum"}):
        keras.backend.clear_session()
        given = {}
        for key, value in needed.items():
            try:
                getattr(keras.metrics, name)(**given)
                break
            except TypeError as error:
                if f"'{key}'" in str(error):
                    given[key] = value
        keras.backend.clear_session()
        lines.append(f"    {{{text(name + arguments(given))}, {text(getattr(keras.metrics, name)(**given).name)}}},")
    write("metrics.h", "Keras's metrics.", lines + ["};"])
