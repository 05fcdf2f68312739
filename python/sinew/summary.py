"""Event files for TensorBoard, without TensorFlow."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew._arrays import as_array


class SummaryWriter:
    """Writes an event file into `log_dir`, a run of TensorBoard's, as tf.summary does. What has been
    written can be read a second later, or after flush()."""

    def __init__(self, log_dir: Any) -> None:
        self._handle = _core.SummaryWriter(str(log_dir))

    @classmethod
    def _of(cls, handle: Any) -> SummaryWriter:
        writer = cls.__new__(cls)
        writer._handle = handle
        return writer

    @property
    def path(self) -> str:
        return self._handle.path

    def scalar(self, name: str, data: Any, step: int) -> None:
        self._handle.scalar(name, float(data), int(step))

    def histogram(self, name: str, data: Any, step: int, buckets: int = 30) -> None:
        self._handle.histogram(name, as_array(data), int(step), buckets)

    def image(self, name: str, data: Any, step: int, max_outputs: int = 3) -> None:
        """`data` is (N, H, W, C) with 1, 3 or 4 channels: uint8, or numbers in [0, 1]."""
        self._handle.image(name, as_array(data), int(step), max_outputs)

    def text(self, name: str, data: str, step: int) -> None:
        """Markdown."""
        self._handle.text(name, data, int(step))

    def graph(self, model: Any, step: int = 0) -> None:
        self._handle.graph(model.to_json(), int(step))

    def hparams(self, hparams: dict[str, bool | int | float | str], trial_id: str = "") -> None:
        self._handle.hparams(_plain(hparams), trial_id)

    def hparams_end(self, success: bool = True) -> None:
        self._handle.hparams_end(success)

    def flush(self) -> None:
        self._handle.flush()

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *error: Any) -> None:
        self.flush()


def _plain(hparams: dict[str, Any]) -> dict[str, Any]:
    return {
        str(name): value if isinstance(value, (bool, str)) else float(value)
        for name, value in hparams.items()
    }
