"""Model: what the library's model is in Python."""

from __future__ import annotations

import os
import tempfile
from typing import Any, Callable

import numpy as np

from sinew import _core
from sinew.keras import _data
from sinew.keras._layer import Layer, layer_of
from sinew.keras._own_model import OwnModel
from sinew.keras._structure import flatten
from sinew.keras._training import Trainable, first, single
from sinew.keras._variable import Weighted


class Model(OwnModel, Trainable, Weighted):
    """The functional model from `inputs` to `outputs`. Sequential is its own class, and so is one of
    the user's, which makes layers in `__init__` and calls them in `call`."""

    def __init__(self, inputs: Any = None, outputs: Any = None, name: str | None = None) -> None:
        if outputs is None and getattr(type(self), "call", None) is not None:
            self._begin(name)
            return
        if inputs is None or outputs is None:
            raise TypeError("Model() needs inputs and outputs: Model(inputs, outputs)")
        self._handle = _core.Model(flatten(inputs), flatten(outputs), name or "")

    @classmethod
    def _of(cls, handle: Any) -> Model:
        kind = Sequential if handle.class_name == "Sequential" else Model
        model = object.__new__(kind)
        model._handle = handle
        return model

    # What it is.

    @property
    def name(self) -> str:
        return self._handle.name

    @property
    def built(self) -> bool:
        return not self._waits and self._handle.built

    @property
    def layers(self) -> list[Layer]:
        if self._body is not None:
            return list(self._body.__dict__.get("_sublayers", []))
        return [layer_of(handle) for handle in self._handle.layers]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        if index is not None:
            return self.layers[index]
        return layer_of(self._handle.get_layer(name))

    @property
    def inputs(self) -> list[Any]:
        return self._handle.inputs

    @property
    def outputs(self) -> list[Any]:
        return self._handle.outputs

    @property
    def input(self) -> Any:
        return single(self.inputs)

    @property
    def output(self) -> Any:
        return single(self.outputs)

    @property
    def input_shape(self) -> Any:
        return single([tensor.shape for tensor in self.inputs])

    @property
    def output_shape(self) -> Any:
        return single([tensor.shape for tensor in self.outputs])

    @property
    def input_names(self) -> list[str]:
        return [tensor.name for tensor in self.inputs]

    @property
    def output_names(self) -> list[str]:
        return self._handle.output_names

    @property
    def trainable(self) -> bool:
        return any(layer.trainable for layer in self.layers)

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        for layer in self.layers:
            layer.trainable = trainable

    def count_params(self) -> int:
        return self._handle.count_params()

    def get_weights(self) -> list[np.ndarray]:
        return self._handle.get_weights()

    def set_weights(self, weights: list[Any]) -> None:
        self._handle.set_weights([_data.arrays(w, f"weight {i}")[0] for i, w in enumerate(weights)])

    def reset_states(self) -> None:
        """Sets to zeros what stateful layers keep from batch to batch."""
        self._handle.reset_states()

    def summary(self, print_fn: Callable[[str], Any] | None = None, **unused: Any) -> None:
        text = self._handle.summary()
        if print_fn is None:
            print(text)
        else:
            for line in text.splitlines():
                print_fn(line)

    def inspect(self, batch_size: int = 32) -> str:
        """The training program before and after each compiler pass, and its memory plan."""
        return self._handle.inspect(batch_size)

    @property
    def memory_plan(self) -> dict[str, int]:
        """Bytes, known before the first step: arenas, weights, optimizer, total."""
        return self._handle.memory_plan

    def __call__(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        tensors = flatten(inputs)
        if any(isinstance(tensor, _core.KerasTensor) for tensor in tensors):
            return single(self._handle.call_tensors(tensors))
        if training:
            raise ValueError("a model runs in training mode within fit() and train_on_batch() only")
        arrays = self._arrays(inputs)
        return single(self._handle.predict(arrays, len(first(arrays)), 0, []))

    # Files.

    def save(self, filepath: Any, overwrite: bool = True, **unused: Any) -> None:
        """One file, of the kind that its name ends with; whole, or not there."""
        if self._body is not None:
            raise ValueError(
                f"the call of model {self.name!r} is Python's, which no file holds: save_weights() instead"
            )
        path = _path(filepath)
        if not overwrite and os.path.exists(path):
            raise FileExistsError(f"there is a file {path!r} already, and overwrite is False")
        self._handle.save(path)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        path = _path(filepath)
        if not overwrite and os.path.exists(path):
            raise FileExistsError(f"there is a file {path!r} already, and overwrite is False")
        self._handle.save_weights(path)

    def load_weights(self, filepath: Any, **unused: Any) -> None:
        self._handle.load_weights(_path(filepath))

    def to_json(self, **unused: Any) -> str:
        return self._handle.to_json()

    def get_config(self) -> dict[str, Any]:
        import json

        return json.loads(self.to_json())["config"]

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Model:
        import json

        from sinew.keras.saving import model_from_json

        name = "Sequential" if "input_layers" not in config else "Functional"
        return model_from_json(json.dumps({"class_name": name, "config": config}))

    def __reduce__(self) -> Any:
        """By its file, so that what is pickled is what is saved: trained state and optimizer too."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.safetensors")
            self.save(path)
            with open(path, "rb") as file:
                return _unpickled, (file.read(),)

    def __repr__(self) -> str:
        return f"<{self._handle.class_name} name={self.name}, built={self.built}>"

    def _repr_html_(self) -> str:
        from sinew.keras._display import model_table

        return model_table(self)


class Sequential(Model):
    """A stack of layers, each with one input and one output."""

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None) -> None:
        self._handle = _core.Sequential(name or "")
        for layer in layers or ():
            self.add(layer)
        if not trainable:
            self.trainable = False

    def add(self, layer: Any, rebuild: bool = True) -> None:
        if isinstance(layer, _core.KerasTensor):
            self._handle.add_input(layer)
        elif isinstance(layer, Sequential):
            for one in layer.layers:
                self.add(one)
        elif isinstance(layer, Layer):
            tensor = layer.__dict__.get("_tensor")
            if tensor is not None:
                self._handle.add_input(tensor)
            else:
                self._handle.add_layer(layer._handle)
        else:
            raise TypeError(f"Sequential takes layers, not {layer!r}")

    def pop(self, rebuild: bool = True) -> None:
        self._handle.pop()

    def build(self, input_shape: Any = None) -> None:
        self._handle.build(tuple(input_shape))


Functional = Model


def _unpickled(data: bytes) -> Model:
    from sinew.keras.saving import load_model

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.safetensors")
        with open(path, "wb") as file:
            file.write(data)
        return load_model(path)


def _path(filepath: Any) -> str:
    return os.path.expanduser(os.fspath(filepath))
