"""Base of all layers: the library's own, and those that users write in Python."""

from __future__ import annotations

import inspect
import weakref
from typing import Any

import numpy as np

from sinew import _core
from sinew._arrays import as_array
from sinew.keras import config as keras_config
from sinew.keras._configured import plain, plain_config, with_nones
from sinew.keras._layer_config import common_config, policy, required
from sinew.keras._structure import flatten, holes, pack_like, place
from sinew.keras._variable import Variable, Weighted

#: Python's objects of the library's layers, by address: a layer has one.
_objects: weakref.WeakValueDictionary[int, Layer] = weakref.WeakValueDictionary()


def layer_of(handle: Any) -> Layer:
    """The Python object of a layer of the library's."""
    own = handle.python_object
    if own is not None:
        return own
    known = _objects.get(handle.address)
    if known is None:
        from sinew.keras import layers

        kind = getattr(layers, handle.class_name, Layer)
        known = kind.__new__(kind)
        object.__setattr__(known, "_handle", handle)
        _objects[handle.address] = known
    return known


class Layer(Weighted):
    """A layer. One of one's own has `build(input_shape)`, which makes weights by `add_weight`, and
    `call(inputs)`, which computes in `keras.ops`: it is recorded once for each program, in which
    it then runs as fast as the library's own; its gradient follows."""

    _handle: Any
    _class_name: str = ""
    _kinds: dict[str, str] = {}
    _none_matters: tuple[str, ...] = ()
    #: Whether results have the masks of the inputs at their places.
    supports_masking = False

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **keywords: Any,
    ) -> None:
        object.__setattr__(self, "_handle", _core.make_python_layer(self, type(self).__name__))
        self._calls: dict[str, Any] = {}
        self._activity_regularizer = activity_regularizer
        self._take_common({"name": name, "trainable": trainable, "dtype": dtype, **keywords})

    def _take_common(self, keywords: dict[str, Any]) -> None:
        shape = common_config(type(self).__name__, keywords).pop("input_shape", None)
        if shape is not None:
            self._handle.set_input_shape(shape)
        if keywords.get("name"):
            self._handle.name = keywords["name"]
            object.__setattr__(self, "_is_named", True)
        if keywords.get("dtype") is not None:
            self._handle.set_dtype_policy(policy(keywords["dtype"]))
        if keywords.get("trainable") is False:
            self._handle.trainable = False

    def _configure(self, keywords: dict[str, Any], **arguments: Any) -> None:
        """Makes the library's layer of a generated class."""
        config = common_config(type(self).__name__, keywords)
        given = with_nones(arguments, self._none_matters, "None")
        self._make({**config, **plain_config(given, self._kinds)})

    def _make(self, config: dict[str, Any]) -> None:
        object.__setattr__(self, "_handle", _core.make_layer(self._class_name, config))
        object.__setattr__(self, "_made_of", config)
        object.__setattr__(self, "_is_named", "name" in config)
        if type(self).call is not Layer.call:
            raise TypeError(
                f"{type(self).__name__} overrides call() of the library's {self._class_name}, which "
                f"is not Python's: derive from Layer and call a {self._class_name} in it"
            )
        _objects[self._handle.address] = self

    def __setattr__(self, name: str, value: Any) -> None:
        """Layers that become attributes, alone or in lists, are part of this one: their weights are
        among its own. Those without a name of their own take the attribute's, so that files do not
        depend on what else the program has made."""
        if not self._class_name and name != "_calls":
            layers = layers_in(value)
            for index, layer in enumerate(layers):
                self._track(layer, name if value is layer else f"{name}_{index}")
        object.__setattr__(self, name, value)

    def _track(self, layer: Layer, name: str) -> None:
        known = self.__dict__.setdefault("_sublayers", [])
        if any(layer is one for one in known):
            return
        if "_handle" not in self.__dict__:
            raise RuntimeError(f"{type(self).__name__}: call super().__init__() before layers are set")
        known.append(layer)
        if not layer.built and not layer.__dict__.get("_is_named"):
            layer._handle.name = name
        _core.add_sublayer(self._handle, layer._handle)

    # What a layer is.

    @property
    def name(self) -> str:
        return self._handle.name

    @property
    def trainable(self) -> bool:
        return self._handle.trainable

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        self._handle.trainable = bool(trainable)

    @property
    def built(self) -> bool:
        return self._handle.built

    @built.setter
    def built(self, built: bool) -> None:
        """Set by custom of a user's build(); the library knows by itself."""

    @property
    def dtype(self) -> str:
        return self._handle.dtype

    variable_dtype = dtype

    @property
    def compute_dtype(self) -> str:
        return self._handle.compute_dtype

    @property
    def dtype_policy(self) -> str:
        return self._handle.dtype_policy

    def count_params(self) -> int:
        return self._handle.parameter_count

    def get_weights(self) -> list[np.ndarray]:
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        own = self.weights
        if len(own) != len(weights):
            raise ValueError(
                f"layer {self.name!r} has {len(own)} weights, but {len(weights)} were given"
            )
        arrays = [as_array(weight, f"weight {i}") for i, weight in enumerate(weights)]
        for variable, array in zip(own, arrays):
            if variable.shape != array.shape:
                raise ValueError(
                    f"weight {variable.path!r} has shape {variable.shape}, "
                    f"but the array given has shape {array.shape}"
                )
        for variable, array in zip(own, arrays):
            variable.assign(array)

    @property
    def states(self) -> list[Variable]:
        """What the layer keeps from one batch to the next."""
        return [Variable._of(handle) for handle in self._handle.states]

    def reset_state(self) -> None:
        """Sets the states to zeros."""
        self._handle.reset_state()

    reset_states = reset_state

    def get_config(self) -> dict[str, Any]:
        if self._class_name:
            return self._keras_config()
        return {"name": self.name, "trainable": self.trainable, "dtype": self.dtype_policy}

    def _keras_config(self) -> dict[str, Any]:
        """With what Keras takes at the call only where it is on."""
        config = self._handle.config
        off = [name for name in self._handle.call_options if not config.get(name)]
        return {name: value for name, value in config.items() if name not in off}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Layer:
        if not cls._class_name:
            return cls(**config)
        layer = cls.__new__(cls)
        layer._make(plain_config(config))
        return layer

    def __getattr__(self, name: str) -> Any:
        """A weight by its name, or an argument: layer.kernel, layer.units."""
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        for weight in self.weights:
            if weight.name == name:
                return weight
        if self._class_name and name in (config := self._handle.arguments):
            return config[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # Making weights and computing.

    def build(self, input_shape: Any) -> None:
        """Makes the weights; of a user's layer, what it has none of."""
        if self._class_name:
            self._handle.build([(tuple(input_shape), self._handle.compute_dtype)])

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        name: str | None = None,
    ) -> Variable:
        if isinstance(shape, str):
            # Keras 2 had the name first.
            shape, name = initializer, shape
            initializer = None
        usual = "glorot_uniform" if trainable else "zeros"
        return Variable._of(
            _core.add_weight(
                self._handle,
                name or "variable",
                tuple(shape or ()),
                plain(initializer or usual, "initializer"),
                plain(regularizer or "", "regularizer"),
                plain(constraint or "", "constraint"),
                trainable,
            )
        )

    add_variable = add_weight

    def add_loss(self, loss: Any) -> None:
        """A scalar that training adds to its loss."""
        _core.add_loss(loss)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"layer {type(self).__name__} has no call()")

    def compute_output_shape(self, *input_shapes: Any) -> Any:
        types = [(tuple(shape), self.compute_dtype) for shape in input_shapes]
        shapes = [shape for shape, _ in self._handle.output_types(types)]
        return shapes[0] if len(shapes) == 1 else shapes

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        training = kwargs.pop("training", None)
        kwargs.pop("mask", None)
        self._take_call_options(kwargs)
        inputs = flatten((args, kwargs))
        if not inputs:
            raise ValueError(f"layer {self.name!r} was called without a tensor")
        if not self._class_name:
            object.__setattr__(self, "_calls", {"args": args, "kwargs": kwargs})
        return self._dispatch(inputs, training)

    def _take_call_options(self, kwargs: dict[str, Any]) -> None:
        """Options that Keras takes at the call and the library when the layer is made."""
        options = {name: kwargs.pop(name) for name in self._handle.call_options if name in kwargs}
        config = getattr(self, "_made_of", {})
        changed = {name: value for name, value in options.items() if value != config.get(name, False)}
        if not changed:
            return
        if self.built:
            raise ValueError(f"layer {self.name!r} was called without {sorted(changed)} before")
        self._make({**config, "name": self.name, **changed})

    def _dispatch(self, inputs: list[Any], training: bool | None) -> Any:
        if any(isinstance(x, _core.KerasTensor) for x in inputs):
            return self._pack(self._handle.call_tensors(inputs))
        if _core.in_trace():
            from sinew.keras.ops._dispatch import value

            return self._pack(self._handle.call_values([value(x) for x in inputs]))
        wanted = "float64" if self.compute_dtype == "float64" else "float32"
        arrays = [as_array(x, "the input", wanted) for x in inputs]
        return self._pack(self._handle.call_arrays(arrays))

    def _pack(self, results: list[Any]) -> Any:
        if "returned" in self.__dict__.get("_calls", {}):
            return pack_like(self._calls["returned"], results)
        return results[0] if len(results) == 1 else results

    # Called by the library.

    def _build(self, types: list[tuple[tuple[int | None, ...], str]]) -> None:
        shapes = [shape for shape, _ in types]
        args = self._calls.get("args")
        if len(shapes) > 1 and args and len(args) == len(shapes):
            names = required(self.build)
            if len(names) == len(shapes):
                self.build(*shapes)
                return
        self.build(shapes[0] if len(shapes) == 1 else shapes)

    def _call(self, values: list[Any], training: bool) -> list[Any]:
        parameters = inspect.signature(self.call).parameters
        options = {"training": training} if "training" in parameters else {}
        if self._calls.get("args") is not None:
            args, kwargs = place((self._calls["args"], self._calls["kwargs"]), values)
        else:
            # A layer from a file: as its call takes them.
            spread = len(values) > 1 and len(required(self.call)) == len(values)
            args = tuple(values) if spread or len(values) == 1 else (values,)
            kwargs = {}
        returned = self.call(*args, **kwargs, **options)
        results = flatten(returned)
        self._calls["returned"] = holes(returned)
        if self._activity_regularizer is not None:
            self._add_activity_loss(results)
        return results

    def _add_activity_loss(self, results: list[Any]) -> None:
        from sinew.keras import regularizers

        regularizer = regularizers.get(self._activity_regularizer)
        for result in results:
            self.add_loss(regularizer(result) / float(result.shape[0]))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def __reduce__(self) -> Any:
        if self.weights:
            raise TypeError(f"layer {self.name!r} has weights: pickle the model that it belongs to")
        return type(self).from_config, (self.get_config(),)


def layers_in(value: Any) -> list[Layer]:
    if isinstance(value, Layer):
        return [value]
    if isinstance(value, (list, tuple)):
        return [layer for item in value for layer in layers_in(item)]
    if isinstance(value, dict):
        return layers_in(list(value.values()))
    return []
