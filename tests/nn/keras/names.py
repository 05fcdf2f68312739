#!/usr/bin/env python3
"""Records what Keras has, by its own names and without aliases, for the page docs/keras-parity.md:

    keras/bin/python tests/nn/keras/names.py > tests/nn/keras/names.json
"""

import inspect
import json
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras  # noqa: E402


def classes(module, base):
    found = {}
    for name in sorted(dir(module)):
        member = getattr(module, name)
        if not (inspect.isclass(member) and issubclass(member, base)) or member is base:
            continue
        # Of several names the class's own, or else the first.
        if member not in found or name == member.__name__:
            found[member] = name
    return sorted(found.values())


def functions(module):
    found = {}
    for name in sorted(dir(module)):
        member = getattr(module, name)
        if inspect.isfunction(member) and name not in ("get", "serialize", "deserialize"):
            if member not in found or name == member.__name__:
                found[member] = name
    return sorted(found.values())


schedules = keras.optimizers.schedules
print(
    json.dumps(
        {
            "keras": keras.__version__,
            "layers": classes(keras.layers, keras.layers.Layer),
            "optimizers": classes(keras.optimizers, keras.optimizers.Optimizer),
            "schedules": classes(schedules, schedules.LearningRateSchedule),
            "losses": classes(keras.losses, keras.losses.Loss),
            "metrics": classes(keras.metrics, keras.metrics.Metric),
            "callbacks": classes(keras.callbacks, keras.callbacks.Callback),
            "initializers": classes(keras.initializers, keras.initializers.Initializer),
            "regularizers": classes(keras.regularizers, keras.regularizers.Regularizer),
            "constraints": classes(keras.constraints, keras.constraints.Constraint),
            "activations": functions(keras.activations),
        },
        indent=1,
    )
)
