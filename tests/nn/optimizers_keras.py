#!/usr/bin/env python3
"""Writes optimizers_keras.json: what Keras's optimizers and schedules compute, for optimizers_keras_test.cpp.

usage: tests/nn/optimizers_keras.py > tests/nn/optimizers_keras.json     (needs keras and jax[cpu])
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import optimizers as o  # noqa: E402
from keras.optimizers import schedules as s  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

keras.backend.set_floatx("float64")
# On JAX Keras computes means, tanh and others of float64 in float32; so it does not on TensorFlow.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

WEIGHTS = [("dense", "kernel", (3, 2)), ("dense", "bias", (3,)), ("conv", "kernel", (2, 2, 2)),
           ("dense_1", "kernel", (2, 3)), ("embedding", "embeddings", (2, 2))]
STEPS = 10
RATE = 0.125  # which float32 holds exactly

# Each: a function that makes the optimizer, and how it is run.
CASES = [
    (lambda: o.SGD(RATE), {}),
    (lambda: o.SGD(RATE, momentum=0.9), {}),
    (lambda: o.SGD(RATE, momentum=0.9, nesterov=True, weight_decay=0.1), {"exclude": ["bias", "^emb"]}),
    (lambda: o.SGD(RATE, clipnorm=0.5), {}),
    (lambda: o.SGD(RATE, clipvalue=0.25), {}),
    (lambda: o.SGD(RATE, global_clipnorm=1.0), {}),
    (lambda: o.SGD(RATE, use_ema=True), {}),
    (lambda: o.SGD(RATE, momentum=0.5, use_ema=True, ema_momentum=0.75, ema_overwrite_frequency=4), {}),
    (lambda: o.SGD(RATE, momentum=0.9, weight_decay=0.1, clipnorm=0.5, gradient_accumulation_steps=3), {}),
    (lambda: o.SGD(RATE, use_ema=True, ema_overwrite_frequency=2, gradient_accumulation_steps=2), {}),
    (lambda: o.SGD(RATE, loss_scale_factor=16.0), {"gradient_factor": 16}),
    (lambda: o.SGD(s.CosineDecay(0.0, 6, alpha=0.25, warmup_target=0.5, warmup_steps=3)), {}),
    (lambda: o.SGD(s.ExponentialDecay(0.5, 2, 0.5), gradient_accumulation_steps=2), {}),
    (lambda: o.Adam(RATE), {}),
    (lambda: o.Adam(RATE, amsgrad=True, weight_decay=0.1, gradient_accumulation_steps=2), {}),
    (lambda: o.AdamW(RATE), {"exclude": ["bias"]}),
    (lambda: o.AdamW(RATE, weight_decay=0.5, beta_1=0.5, beta_2=0.75, epsilon=0.01, amsgrad=True), {}),
    (lambda: o.RMSprop(RATE), {}),
    (lambda: o.RMSprop(RATE, rho=0.5, momentum=0.75, epsilon=0.01, centered=True, weight_decay=0.1), {}),
    (lambda: o.Adamax(RATE), {}),
    (lambda: o.Adamax(RATE, beta_1=0.5, beta_2=0.75, epsilon=0.01, clipvalue=0.5), {}),
    (lambda: o.Nadam(RATE), {}),
    (lambda: o.Nadam(RATE, beta_1=0.5, beta_2=0.75, epsilon=0.01, gradient_accumulation_steps=2), {}),
    (lambda: o.Adagrad(RATE), {}),
    (lambda: o.Adagrad(RATE, initial_accumulator_value=0.5, epsilon=0.01, weight_decay=0.1), {}),
    (lambda: o.Adadelta(RATE), {}),
    (lambda: o.Adadelta(1.0, rho=0.5, epsilon=0.01, use_ema=True), {}),
    (lambda: o.Adafactor(RATE), {}),
    (lambda: o.Adafactor(s.InverseTimeDecay(2.0, 3, 0.5), clip_threshold=0.5, beta_2_decay=-0.5, epsilon_2=0.5), {}),
    (lambda: o.Adafactor(2.0, relative_step=False, weight_decay=0.1), {}),
    (lambda: o.Ftrl(RATE), {}),
    (lambda: o.Ftrl(RATE, learning_rate_power=-0.25, initial_accumulator_value=0.5, l1_regularization_strength=0.125,
                    l2_regularization_strength=0.25, l2_shrinkage_regularization_strength=0.5, beta=0.75), {}),
    (lambda: o.Lion(RATE), {}),
    (lambda: o.Lion(RATE, beta_1=0.5, beta_2=0.75, weight_decay=0.1, global_clipnorm=1.0), {}),
    (lambda: o.Lamb(RATE), {}),
    (lambda: o.Lamb(RATE, beta_1=0.5, beta_2=0.75, epsilon=0.01, weight_decay=0.1), {}),
    (lambda: o.Muon(RATE), {}),
    (lambda: o.Muon(RATE, nesterov=False, rms_rate=None, weight_decay=None, adam_weight_decay=None), {}),
    (lambda: o.Muon(RATE, exclude_layers=["dense_[0-9]"], exclude_embeddings=False, adam_lr_ratio=0.5, momentum=0.5,
                    ns_steps=3, muon_a=2.0, muon_b=-1.5, muon_c=0.5, adam_beta_1=0.5, adam_beta_2=0.75, epsilon=0.01,
                    rms_rate=0.5, weight_decay=0.25, adam_weight_decay=0.5), {"exclude": ["bias"]}),
    (lambda: o.ScheduleFreeAdamW(RATE), {}),
    (lambda: o.ScheduleFreeAdamW(RATE, beta_1=0.5, beta_2=0.75, epsilon=0.01, warmup_steps=4, weight_decay=0.1,
                                 gradient_accumulation_steps=2), {}),
    (lambda: o.LossScaleOptimizer(o.Adam(RATE), initial_scale=8.0, dynamic_growth_steps=3),
     {"gradient_factor": 8, "infinite_at": 5}),
    (lambda: o.LossScaleOptimizer(o.SGD(RATE, use_ema=True, clipnorm=0.5, gradient_accumulation_steps=2)),
     {"gradient_factor": 32768, "infinite_at": 4}),
]

SCHEDULES = [
    s.CosineDecay(0.5, 20), s.CosineDecay(0.5, 20, alpha=0.25),
    s.CosineDecay(0.125, 20, alpha=0.25, warmup_target=0.5, warmup_steps=10),
    s.CosineDecayRestarts(0.5, 10), s.CosineDecayRestarts(0.5, 10, t_mul=1.0, m_mul=0.5),
    s.CosineDecayRestarts(0.5, 10, t_mul=3.0, m_mul=0.75, alpha=0.125),
    s.ExponentialDecay(0.5, 10, 0.75), s.ExponentialDecay(0.5, 10, 0.75, staircase=True),
    s.InverseTimeDecay(0.5, 10, 0.75), s.InverseTimeDecay(0.5, 10, 0.75, staircase=True),
    s.PiecewiseConstantDecay([10, 20], [0.5, 0.25, 0.125]), s.PiecewiseConstantDecay([10], [1.0, 0.5]),
    s.PolynomialDecay(0.5, 20), s.PolynomialDecay(0.5, 20, end_learning_rate=0.25, power=2.0),
    s.PolynomialDecay(0.5, 10, end_learning_rate=0.25, power=0.5, cycle=True),
]
RATES_AT = [0, 1, 4, 9, 10, 11, 15, 19, 20, 21, 29, 30, 31, 45, 70, 100]


def wave(shape, phase):
    """As nn/keras_record.h has it."""
    return np.sin(0.7 * np.arange(np.prod(shape, dtype=int)) + phase).reshape(shape)


def digits(values):
    return [float(f"{value:.14g}") for value in np.asarray(values, "float64").ravel()]


def run(make, how):
    keras.utils.clear_session()
    optimizer = make()
    weights = []
    for i, (layer, name, shape) in enumerate(WEIGHTS):
        with keras.name_scope(layer):
            weights.append(keras.Variable(0.5 * wave(shape, 1 + i), name=name))
    if "exclude" in how:
        optimizer.exclude_from_weight_decay(var_names=how["exclude"])
    description = keras.optimizers.serialize(optimizer)
    optimizer.build(weights)
    apply = jax.jit(optimizer.stateless_apply)
    slots = [v.value for v in optimizer.variables]
    values = [w.value for w in weights]
    history = []
    for step in range(1, STEPS + 1):
        factor = np.inf if step == how.get("infinite_at") else how.get("gradient_factor", 1)
        gradients = [factor * wave(shape, 3 * step + i) for i, (_, _, shape) in enumerate(WEIGHTS)]
        values, slots = apply(slots, gradients, values)
        history.append(np.concatenate([np.asarray(value).ravel() for value in values]))
    for variable, value in zip(weights + optimizer.variables, values + slots):
        variable.assign(value)
    variables = [{"name": v.path, "shape": list(v.shape),
                  "value": digits([np.sum(np.asarray(v.value, "float64") * wave(v.shape, 12))])[0]}
                 for v in optimizer.variables]
    rate = float(optimizer.learning_rate)
    optimizer.finalize_variable_values(weights)
    final = np.concatenate([np.asarray(w.value).ravel() for w in weights])
    return {"optimizer": description, **how, "after_1": digits(history[0]), "after_all": digits(history[-1]),
            "finalized": digits(final) if (final != history[-1]).any() else None, "learning_rate": rate,
            "variables": variables}


def rates(schedule):
    return {"schedule": s.serialize(schedule), "rates": digits([schedule(step) for step in RATES_AT])}


def main():
    cases = [run(make, how) for make, how in CASES]
    lines = ",\n".join(json.dumps(case) for case in cases)
    schedules = ",\n".join(json.dumps(rates(schedule)) for schedule in SCHEDULES)
    weights = [{"name": f"{layer}/{name}", "shape": shape} for layer, name, shape in WEIGHTS]
    sys.stdout.write(f'{{"keras": "{keras.__version__}", "steps": {STEPS}, "rates_at": {RATES_AT},\n'
                     f'"weights": {json.dumps(weights)},\n"cases": [\n{lines}\n],\n"schedules": [\n{schedules}\n]}}\n')


if __name__ == "__main__":
    main()
