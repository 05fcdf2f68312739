#!/usr/bin/env python3
"""Reads with real Keras what Sinew wrote: check_files.py FOLDER, with NAME.keras and NAME.weights.h5 for each model
of files.json. Predictions, the optimizer's state and the losses of further training must be those recorded there."""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras  # noqa: E402
import numpy as np  # noqa: E402

from waves import feed, flat, train  # noqa: E402

HERE = pathlib.Path(__file__).parent
RECORD = json.loads((HERE / "files.json").read_text())


def close(found, wanted, what, tolerance=1e-5):
    found, wanted = np.asarray(found, "float64"), np.asarray(wanted, "float64")
    error = np.max(np.abs(found - wanted)) / max(np.max(np.abs(wanted)), 1e-30)
    if found.shape != wanted.shape or not error <= tolerance:
        raise ValueError(f"{what}: {found} instead of {wanted}")


def check(folder, name, record):
    model = keras.models.load_model(folder / f"{name}.keras")
    x = [feed(tensor, i, RECORD["rows"]) for i, tensor in enumerate(model.inputs)]

    def check_outputs(how):
        outputs = flat(model.predict(x if len(x) > 1 else x[0], verbose=0))
        for i, wanted in enumerate(record["outputs"]):
            close(outputs[i], wanted, f"{name} {how}, output {i}")

    check_outputs("loaded")
    for weight in model.weights:
        weight.assign(np.zeros(weight.shape))
    model.load_weights(folder / f"{name}.weights.h5")
    check_outputs("with weights loaded")
    if "losses" in record:
        assert int(model.optimizer.iterations) == record["iterations"], name
        variables = model.optimizer.variables
        for variable, wanted in zip(variables, record["optimizer"], strict=True):
            found = np.sum(keras.ops.convert_to_numpy(variable), dtype="float64")
            close(found, wanted, f"{name}: {variable.path}", 1e-6)
        close(train(model, len(record["losses"])), record["losses"], f"{name}, training", 2e-5)
    return {type(layer).__name__ for layer in model.layers}


def main():
    folder = pathlib.Path(sys.argv[1])
    classes, failures = set(), 0
    for name, record in RECORD["models"].items():
        try:
            classes |= check(folder, name, record)
        except Exception as error:
            failures += 1
            print(f"{name}: {type(error).__name__}: {error}")
    if failures:
        sys.exit(f"{failures} of {len(RECORD['models'])} models failed")
    print(f"Keras {keras.__version__} reads {len(RECORD['models'])} models, {len(classes)} classes of layers")


main()
