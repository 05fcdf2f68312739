"""Keras 3's names, run by Sinew."""

from sinew._core import KerasTensor
from sinew.keras import _operators as _operators
from sinew.keras import (
    activations,
    backend,
    callbacks,
    config,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    random,
    regularizers,
    saving,
    utils,
)
from sinew.keras._initializer import Initializer
from sinew.keras._layer import Layer
from sinew.keras._loss import Loss
from sinew.keras._metric import Metric
from sinew.keras._optimizer import Optimizer
from sinew.keras._regularizer import Regularizer
from sinew.keras._variable import Variable
from sinew.keras.layers import Input
from sinew.keras.models import Model, Sequential

__version__ = "3.0"

__all__ = [
    "Initializer", "Input", "KerasTensor", "Layer", "Loss", "Metric", "Model", "Optimizer",
    "Regularizer", "Sequential", "Variable", "activations", "backend", "callbacks", "config",
    "constraints", "initializers", "layers", "losses", "metrics", "models", "ops", "optimizers",
    "random", "regularizers", "saving", "utils",
]
