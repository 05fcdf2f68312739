"""Keras's keras.models."""

from sinew.keras._model import Functional as Functional
from sinew.keras._model import Model as Model
from sinew.keras._model import Sequential as Sequential
from sinew.keras.saving import clone_model as clone_model
from sinew.keras.saving import load_model as load_model
from sinew.keras.saving import model_from_json as model_from_json
from sinew.keras.saving import save_model as save_model
