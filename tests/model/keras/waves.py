"""What the files of this folder are fed: numbers that C++ makes alike."""

import numpy as np


def wave(shape, phase):
    count = int(np.prod(shape))
    return np.sin(0.7 * np.arange(count) + phase).astype("float32").reshape(shape)


def feed(tensor, number, rows):
    """Rows for input `number`: waves, or the whole numbers 0, 1, 2, 0, … where it takes integers."""
    shape = (rows, *tensor.shape[1:])
    if "int" in tensor.dtype:
        return (np.arange(int(np.prod(shape))) % 3).astype(tensor.dtype).reshape(shape)
    return wave(shape, 0.1 + 0.3 * number)


def flat(outputs):
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return [[float(f"{value:.9g}") for value in np.asarray(array).ravel()] for array in outputs]


def train(model, steps, rows=8):
    """The losses of steps on one batch of waves, or of classes where the model tells some apart."""
    x = [wave((rows, *tensor.shape[1:]), 0.2 + i) for i, tensor in enumerate(model.inputs)]
    y = [wave((rows, *tensor.shape[1:]), 0.5 + i) for i, tensor in enumerate(model.outputs)]
    if len(model.outputs) == 1 and model.outputs[0].shape[-1] > 1:
        y = [np.arange(rows) % model.outputs[0].shape[-1]]
    x, y = (arrays if len(arrays) > 1 else arrays[0] for arrays in (x, y))
    losses = []
    for _ in range(steps):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x, y, return_dict=True)["loss"]))
    return losses
