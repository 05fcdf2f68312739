"""Keras's keras.optimizers.schedules."""

from sinew.keras._generated.schedules import *  # noqa: F403
from sinew.keras._optimizer import LearningRateSchedule as LearningRateSchedule
