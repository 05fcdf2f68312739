"""Keras's keras.backend."""

from sinew.keras.config import epsilon as epsilon
from sinew.keras.config import floatx as floatx
from sinew.keras.config import image_data_format as image_data_format
from sinew.keras.config import set_epsilon as set_epsilon
from sinew.keras.config import set_floatx as set_floatx
from sinew.keras.utils import clear_session as clear_session


def backend() -> str:
    return "sinew"
