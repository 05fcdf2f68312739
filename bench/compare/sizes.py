"""What each system takes on the disk, once installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

from compare.rows import Row, unavailable
from compare.systems import ROOT
from compare.workloads import SIZE

#: What a computer without a graphics card would not need.
GPU_PACKAGES = re.compile(r"^(nvidia|cuda|triton)")
GPU_FILES = re.compile(r"(cuda|cudnn|nccl|nvshmem|cupti)", re.IGNORECASE)

DISTRIBUTIONS = {
    "pytorch": ["torch"],
    "keras": ["keras", "tensorflow-cpu"],
    "onnxruntime": ["onnxruntime"],
}


def sinew_bytes(folder: Path) -> int:
    """Library and program, stripped; oneDNN is Debian's."""
    build = ROOT / "build/release"
    total = 0
    for file in (next((build / "lib").glob("libsinew.so.*.*")), build / "bin/sinew"):
        copy = folder / file.name
        shutil.copy(file, copy)
        subprocess.run(["strip", str(copy)], check=True)
        total += copy.stat().st_size
    return total


def needed_by(names: list[str]) -> set[str]:
    """Those distributions and all that they require and that is installed."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower()
        if name in found or GPU_PACKAGES.match(name):
            continue
        try:
            requirements = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
        waiting += [
            re.split(r"[^\w.-]", line)[0] for line in requirements if "extra ==" not in line
        ]
    return found


def python_bytes(names: list[str]) -> int:
    if not all(_installed(name) for name in names):
        raise LookupError(f"{' and '.join(names)} are not installed")
    located = (
        Path(str(file.locate())) for name in needed_by(names) for file in metadata.files(name) or []
    )
    files = {path for path in located if not GPU_FILES.search(path.name) and path.is_file()}
    return sum(path.stat().st_size for path in files)


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def libtorch_bytes() -> int:
    """Debian's run-time package by itself."""
    query = ["dpkg-query", "-W", "-f=${Installed-Size}\n", "libtorch[0-9]*"]
    sizes = subprocess.run(query, capture_output=True, text=True).stdout.split()
    if not sizes:
        raise LookupError("libtorch-dev is not installed")
    return sum(map(int, sizes)) * 1024


def rows(peers: list[str], versions: dict[str, str], folder: Path) -> list[Row]:
    """`peak_mb` is the size."""
    result = [
        Row(SIZE, "sinew", "float32", versions.get("sinew", ""), peak_mb=sinew_bytes(folder) / 1e6)
    ]
    for peer in peers:
        try:
            size = libtorch_bytes() if peer == "libtorch" else python_bytes(DISTRIBUTIONS[peer])
            result.append(Row(SIZE, peer, "", versions.get(peer, ""), peak_mb=size / 1e6))
        except LookupError as error:
            result.append(unavailable(SIZE, peer, "", str(error)))
    return result
