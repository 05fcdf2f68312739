"""losses.h: each loss's values a sample, reductions and gradient."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from record import arguments, number, numbers, text, wave, write


def data(kind):
    """y_true and y_pred; inputs.h makes the same."""
    shape = (4, 3)
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    softmax = lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    flags = (wave(shape, 0.3) > 0).astype("float64")
    labels = np.array([1, 0, 2, 1])
    one_hot = np.eye(3)[labels]
    logits = 2 * wave(shape, 1.1)
    if kind == "real":
        return wave(shape, 0.3), 1.5 * wave(shape, 1.1)
    if kind == "positive":
        return 2 + wave(shape, 0.3), 1.5 + wave(shape, 1.1)
    if kind == "flags":
        return flags, sigmoid(logits)
    if kind == "flag logits":
        return flags, logits
    if kind == "signs":
        return 2 * flags - 1, logits
    if kind == "one-hot":
        return one_hot, softmax(logits)
    if kind == "one-hot logits":
        return one_hot, logits
    if kind == "soft":
        return softmax(wave(shape, 0.3)), softmax(logits)
    if kind == "classes":
        return labels, softmax(logits)
    if kind == "class logits":
        return labels, logits
    if kind == "class images":
        return np.array([[1, 0], [2, 1], [0, 0], [2, 2]]), softmax(2 * wave((4, 2, 3), 1.1))
    if kind == "embeddings":
        points = wave((4, 3), 1.1)
        return np.array([1, 0, 1, 2]), points / np.sqrt((points**2).sum(-1, keepdims=True))
    if kind == "sequences":
        return np.array([[1, 2, 0], [2, 2, 1], [3, 0, 0], [0, 0, 0]]), 2 * wave((4, 6, 4), 1.1)
    raise ValueError(kind)


WEIGHTS = np.array([1, 0.5, 2, 0.25])
CASES = [
    ("MeanSquaredError", {}, "real"), ("MeanAbsoluteError", {}, "real"), ("MeanAbsolutePercentageError", {}, "real"),
    ("MeanSquaredLogarithmicError", {}, "positive"), ("MeanSquaredLogarithmicError", {}, "real"), ("Huber", {}, "real"),
    ("Huber", {"delta": 0.3}, "real"), ("LogCosh", {}, "real"), ("CosineSimilarity", {}, "real"),
    ("CosineSimilarity", {"axis": 0}, "real"), ("BinaryCrossentropy", {}, "flags"),
    ("BinaryCrossentropy", {"from_logits": True}, "flag logits"), ("BinaryCrossentropy", {"label_smoothing": 0.2}, "flags"),
    ("BinaryCrossentropy", {"axis": 0}, "flags"), ("BinaryFocalCrossentropy", {}, "flags"),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True}, "flags"),
    ("BinaryFocalCrossentropy", {"alpha": 0.4, "apply_class_balancing": True, "gamma": 1.5}, "flags"),
    ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "flag logits"),
    ("CategoricalCrossentropy", {}, "one-hot"), ("CategoricalCrossentropy", {"from_logits": True}, "one-hot logits"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}, "one-hot"), ("CategoricalCrossentropy", {"axis": 0}, "soft"),
    ("CategoricalCrossentropy", {"axis": 0, "from_logits": True}, "one-hot logits"),
    ("CategoricalFocalCrossentropy", {}, "one-hot"),
    ("CategoricalFocalCrossentropy", {"alpha": [0.2, 0.3, 0.5], "gamma": 1.0}, "one-hot"),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "one-hot logits"),
    ("CategoricalGeneralizedCrossEntropy", {}, "classes"), ("CategoricalGeneralizedCrossEntropy", {"q": 0.7}, "classes"),
    ("SparseCategoricalCrossentropy", {}, "classes"), ("SparseCategoricalCrossentropy", {"from_logits": True}, "class logits"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "classes"), ("SparseCategoricalCrossentropy", {}, "class images"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 2}, "class images"),
    ("KLDivergence", {}, "soft"), ("KLDivergence", {}, "one-hot"), ("Poisson", {}, "positive"), ("Hinge", {}, "signs"),
    ("Hinge", {}, "flag logits"), ("Hinge", {}, "real"), ("SquaredHinge", {}, "signs"), ("SquaredHinge", {}, "flag logits"),
    ("CategoricalHinge", {}, "one-hot logits"), ("Dice", {}, "flags"), ("Dice", {"axis": [1]}, "flags"), ("Tversky", {}, "flags"),
    ("Tversky", {"alpha": 0.3, "beta": 0.7}, "flags"), ("Tversky", {"alpha": 0.3, "axis": [1]}, "flags"), ("Circle", {}, "embeddings"),
    ("Circle", {"gamma": 10.0, "margin": 0.2}, "embeddings"), ("Circle", {"remove_diagonal": False}, "embeddings"),
    ("CTC", {}, "sequences"),
]
REDUCTIONS = ["sum_over_batch_size", "sum", "mean_with_sample_weight"]


def record():
    lines = [
        "/// `data` names the arrays of inputs.h; `values` is reduction \"none\", then come sum_over_batch_size, sum and",
        "/// mean_with_sample_weight, without weights and with `kLossWeights` (none where the values are not one a sample);",
        "/// `slope` is the gradient of the sum of values times wave(9) by y_pred.",
        "struct LossCase { const char* identifier; const char* data; std::vector<double> values, reduced, weighted, slope; };",
        f"inline const std::vector<double> kLossWeights = {numbers(WEIGHTS)};",
        "inline const std::vector<LossCase> kLosses = {",
    ]
    for name, given, kind in CASES:
        make = getattr(keras.losses, name)
        y_true, y_pred = data(kind)
        python = dict(given)
        if isinstance(python.get("axis"), list):
            python["axis"] = tuple(python["axis"])
        values = np.array(make(reduction="none", **python)(y_true, y_pred))
        reduced = [make(reduction=r, **python)(y_true, y_pred) for r in REDUCTIONS]
        weighted = []
        if values.shape[:1] == (4,) or values.shape == ():
            weights = WEIGHTS.reshape((4,) + (1,) * (values.ndim - 1)) if values.ndim else WEIGHTS
            weighted = [make(reduction=r, **python)(y_true, y_pred, weights) for r in REDUCTIONS]
        total = lambda p: (make(reduction="none", **python).call(jnp.array(y_true), p) * wave(values.shape, 9)).sum()
        slope = jax.grad(total)(jnp.array(y_pred))
        lines.append(
            f"    {{{text(name + arguments(given))}, {text(kind)}, {numbers(values)}, {numbers(reduced)}, "
            f"{numbers(weighted)}, {numbers(slope)}}},"
        )
    write("losses.h", "Keras's losses.", lines + ["};"])
