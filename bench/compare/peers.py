"""Installing the systems that Sinew is compared with."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

from compare.systems import LIBTORCH_WORKER, ROOT

#: What pip is asked for. Keras before 3 was another library.
PACKAGES = {
    "pytorch": ["torch"],
    "keras": ["tensorflow-cpu", "keras>=3"],
    "onnxruntime": ["onnxruntime", "onnx"],
}


def _missing(packages: list[str]) -> list[str]:
    missing = []
    for package in packages:
        try:
            metadata.version(package.split(">")[0])
        except metadata.PackageNotFoundError:
            missing.append(package)
    return missing


def _failure(result: subprocess.CompletedProcess[str]) -> str | None:
    """The first line that tells of an error, or the last one."""
    if result.returncode == 0:
        return None
    lines = [line for line in (result.stdout + "\n" + result.stderr).splitlines() if line.strip()]
    return next(
        (line for line in lines if "error" in line.lower()), lines[-1] if lines else "failed"
    ).strip()


def _run(command: list[str]) -> str | None:
    return _failure(
        subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    )


def _build_libtorch_worker() -> str | None:
    build = LIBTORCH_WORKER.parent
    source = ROOT / "bench/compare/libtorch"
    return _run(["cmake", "-G", "Ninja", "-S", str(source), "-B", str(build)]) or _run(
        ["cmake", "--build", str(build)]
    )


def install(peer: str) -> str | None:
    """Makes a peer ready to run; says why it cannot be where it cannot."""
    if peer == "libtorch":
        return _build_libtorch_worker()
    missing = _missing(PACKAGES[peer])
    return _run([sys.executable, "-m", "pip", "install", "--quiet", *missing]) if missing else None
