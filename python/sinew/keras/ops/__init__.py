"""Keras's keras.ops: functions for `call` of a layer, for losses and metrics, and for arrays."""

from sinew.keras.activations import *  # noqa: F403
from sinew.keras.ops._arrangement import *  # noqa: F403
from sinew.keras.ops._elementwise import *  # noqa: F403
from sinew.keras.ops._nn import *  # noqa: F403
from sinew.keras.ops._reductions import *  # noqa: F403
