"""Arrays between the driver and its workers: .safetensors files, read and written in a few lines.

Format: https://huggingface.co/docs/safetensors: a u64 length, a JSON header, the buffers.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np

Arrays = dict[str, np.ndarray]

_DTYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64, "U8": np.uint8}
_NAMES = {np.dtype(dtype): name for name, dtype in _DTYPES.items()}


def save(path: Path | str, arrays: Arrays) -> None:
    header, buffers, position = {}, [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [position, position + len(data)],
        }
        buffers.append(data)
        position += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(buffers)


def load(path: Path | str) -> Arrays:
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    arrays = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        array = np.frombuffer(data[begin:end], _DTYPES[entry["dtype"]])
        arrays[name] = array.reshape(entry["shape"])
    return arrays
