"""weights.h: constraints, regularizers and the initializer that draws nothing."""

import keras
import numpy as np

from record import arguments, number, numbers, text, wave, write

CONSTRAINTS = [
    ("MaxNorm", {}), ("MaxNorm", {"axis": [0, 1], "max_value": 0.7}), ("MinMaxNorm", {}),
    ("MinMaxNorm", {"axis": [1], "max_value": 1.1, "min_value": 0.9, "rate": 0.5}), ("NonNeg", {}), ("UnitNorm", {}),
    ("UnitNorm", {"axis": [1]}),
]
REGULARIZERS = [
    ("L1", {}), ("L1", {"l1": 0.3}), ("L2", {}), ("L2", {"l2": 0.3}), ("L1L2", {}), ("L1L2", {"l1": 0.1, "l2": 0.2}),
    ("OrthogonalRegularizer", {}), ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
]
STFT = [
    ({}, (5, 2, 4)), ({"side": "imag"}, (5, 1, 4)), ({"periodic": True, "scaling": "spectrum"}, (4, 1, 3)),
    ({"window": "hamming"}, (6, 1, 3)), ({"periodic": True, "window": "blackman"}, (6, 1, 3)), ({"window": "none"}, (3, 1, 3)),
    ({"scaling": "none", "window": "boxcar"}, (3, 1, 3)),
]


def made(module, name, given):
    given = {key: None if value == "none" else tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return getattr(module, name)(**given)


def record():
    matrix = 1.5 * wave((3, 4), 0.4)
    lines = ["/// What becomes of 1.5 wave({3, 4}, 0.4).", "struct ConstraintCase { const char* identifier; std::vector<double> weight; };"]
    lines.append("inline const std::vector<ConstraintCase> kConstraints = {")
    for name, given in CONSTRAINTS:
        lines.append(f"    {{{text(name + arguments(given))}, {numbers(made(keras.constraints, name, given)(matrix))}}},")
    lines += ["};", "/// The penalty of 1.5 wave({3, 4}, 0.4).", "struct RegularizerCase { const char* identifier; double penalty; };"]
    lines.append("inline const std::vector<RegularizerCase> kRegularizers = {")
    for name, given in REGULARIZERS:
        penalty = made(keras.regularizers, name, given)(keras.ops.convert_to_tensor(matrix))
        lines.append(f"    {{{text(name + arguments(given))}, {number(penalty)}}},")
    lines += ["};", "/// A kernel of this shape.", "struct StftCase { const char* identifier; std::vector<long> shape; std::vector<double> kernel; };"]
    lines.append("inline const std::vector<StftCase> kStft = {")
    for given, shape in STFT:
        kernel = np.broadcast_to(made(keras.initializers, "STFT", given)(shape, "float64"), shape)
        lines.append(f"    {{{text('STFT' + arguments(given))}, {{{', '.join(map(str, shape))}}}, {numbers(kernel)}}},")
    write("weights.h", "Keras's constraints, regularizers and STFT initializer.", lines + ["};"])
