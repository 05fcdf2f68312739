#!/usr/bin/env python3
"""Writes files.zip for tests/io/hdf5_test.cpp: files of h5py's as Keras writes them, and as it never does.

    python -m venv h5 && h5/bin/pip install h5py==3.14.0 ml_dtypes && h5/bin/python tests/io/hdf5/make_files.py
"""

import pathlib
import tempfile
import zipfile

import h5py
import ml_dtypes
import numpy as np

SCRATCH = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(SCRATCH.name)


def new(name, **options):
    return h5py.File(FOLDER / f"{name}.h5", "w", **options)


with new("types") as file:
    numbers = np.array([[1, 2, 3], [4, 5, 100]])
    for dtype in ("float32", "float64", "int32", "int64", "uint8"):
        file[f"group/{dtype}"] = numbers.astype(dtype)
    file["group/bool"] = numbers > 3
    file["group/bfloat16"] = numbers.astype(ml_dtypes.bfloat16)
    file["scalar"] = np.float32(0.5)
with new("many") as file:
    for i in range(300):
        file[f"vars/{i}"] = np.float32(i)
with new("float16") as file:
    file["a"] = np.zeros(2, "float16")
with new("big_endian") as file:
    file["a"] = np.zeros(2, ">f4")
with new("text") as file:
    file["a"] = "text"
with new("empty") as file:
    file["a"] = np.zeros((0, 3), "float32")
with new("unwritten") as file:
    file.create_dataset("a", (3,), "float32")
with new("chunked") as file:
    file.create_dataset("a", data=np.zeros(4, "float32"), chunks=(2,))
with new("bomb") as file:
    file.create_dataset("a", (1 << 40,), "float32", chunks=(1 << 20,), compression="gzip")
with new("virtual") as file:
    layout = h5py.VirtualLayout((2,), "float32")
    layout[:] = h5py.VirtualSource("other.h5", "a", (2,))
    file.create_virtual_dataset("a", layout)
with new("external_data") as file:
    file.create_dataset("a", (2,), "float32", external=[("/etc/passwd", 0, 8)])
with new("soft_link") as file:
    file["b"] = np.zeros(2, "float32")
    file["a"] = h5py.SoftLink("/b")
with new("external_link") as file:
    file["a"] = h5py.ExternalLink("/etc/passwd", "/a")
with new("hard_link") as file:
    file["b"] = np.zeros(2, "float32")
    file["a"] = file["b"]
with new("cycle") as file:
    file.create_group("a")["b"] = file
with new("deep") as file:
    file["/".join("a" * 40)] = np.zeros(2, "float32")
with new("latest", libver="latest") as file:
    file["a"] = np.zeros(2, "float32")
with new("ordered", track_order=True) as file:
    file["a"] = np.zeros(2, "float32")
with new("user_block", userblock_size=512) as file:
    file["a"] = np.zeros(2, "float32")

with zipfile.ZipFile(pathlib.Path(__file__).parent / "files.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for path in sorted(FOLDER.glob("*.h5")):
        archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
