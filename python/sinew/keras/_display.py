"""How models, histories and trainings under way look in a notebook."""

from __future__ import annotations

import sys
import time
from html import escape
from typing import Any

from sinew.keras.callbacks import Callback, Logs


def _table(head: list[str], rows: list[list[str]], caption: str) -> str:
    def line(cells: list[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table><caption>{escape(caption)}</caption>{line(head, 'th')}{body}</table>"


def model_table(model: Any) -> str:
    name = f"{model._handle.class_name} “{model.name}”"
    if not model.built:
        return f"<p>{escape(name)}, not built yet</p>"
    rows = [
        [layer.name, type(layer).__name__, f"{layer.count_params():,}"] for layer in model.layers
    ]
    caption = f"{name}: {model.count_params():,} parameters"
    return _table(["Layer", "Type", "Parameters"], rows, caption)


def history_table(history: Any) -> str:
    names = list(history.history)
    rows = []
    for index, epoch in enumerate(history.epoch):
        values = [history.history[name] for name in names]
        cells = [f"{v[index]:.4g}" if index < len(v) else "" for v in values]
        rows.append([str(epoch + 1), *cells])
    return _table(["Epoch", *names], rows, f"{len(history.epoch)} epochs")


def in_notebook() -> bool:
    """Whether what is displayed is shown by a browser: IPython's kernel, not its terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookProgress(Callback):
    """A bar for the epoch under way, redrawn ten times a second at most, and a line an epoch."""

    def __init__(self, epochs: int, steps: int) -> None:
        super().__init__()
        self.epochs = epochs
        self.steps = steps
        self.epoch = 0
        self.lines: list[str] = []
        self.begin = self.drawn = 0.0
        self.display: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        from IPython.display import HTML, display  # type: ignore[import-not-found]

        self.display = display(HTML(""), display_id=True)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch = epoch
        self.begin = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        now = time.perf_counter()
        if now - self.drawn > 0.1:
            self.drawn = now
            self._draw(batch + 1, logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.lines.append(self._text(self.steps, logs or {}))
        self._draw(0, {})

    def _text(self, done: int, logs: Logs) -> str:
        results = "".join(f" – {name}: {value:.4g}" for name, value in logs.items())
        seconds = time.perf_counter() - self.begin
        return f"Epoch {self.epoch + 1}/{self.epochs} – {done}/{self.steps} – {seconds:.1f} s{results}"

    def _draw(self, done: int, logs: Logs) -> None:
        from IPython.display import HTML  # type: ignore[import-not-found]

        lines = [escape(line) for line in self.lines]
        if done:
            bar = f'<progress value="{done}" max="{self.steps}"></progress>'
            lines.append(f"{bar} {escape(self._text(done, logs))}")
        self.display.update(HTML("<br>".join(lines)))
