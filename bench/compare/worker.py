"""A worker process: started, asked, paused while others are measured, and ended."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

#: Seconds that a compiler of graphs may take before its system counts as not running.
PATIENCE = 900


class WorkerError(Exception):
    """Why a system could not be measured."""


class Worker:
    """One system in one mode, in a session of its own: its children are paused and ended too."""

    def __init__(
        self, command: list[str], environment: dict[str, str], threads: int, log: Path
    ) -> None:
        self.log = log
        cores = sorted(os.sched_getaffinity(0))[:threads]
        self.began = time.perf_counter()
        with open(log, "wb") as errors:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                bufsize=1,
                start_new_session=True,
                env={**os.environ, **environment, "OMP_NUM_THREADS": str(threads)},
                preexec_fn=lambda: os.sched_setaffinity(0, cores),
            )

    def ask(self, what: str, **details: Any) -> dict[str, Any]:
        """Sends a request and waits for its answer. Throws WorkerError where that is an error."""
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(json.dumps({"do": what, **details}) + "\n")
        except BrokenPipeError:
            raise WorkerError(f"ended before '{what}': {self._last_words()}") from None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        if not ready:
            raise WorkerError(f"no answer to '{what}' within {PATIENCE} s")
        line = self.process.stdout.readline()
        if not line:
            raise WorkerError(f"ended without an answer to '{what}': {self._last_words()}")
        reply = json.loads(line)
        if "error" in reply:
            raise WorkerError(reply["error"])
        return reply

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")

    def pause(self) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def forget_peak_memory(self) -> None:
        """Starts VmHWM anew at what is resident now."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak_memory_mb(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        raise WorkerError("the kernel tells no VmHWM")

    def cpu_seconds(self) -> float:
        """That its threads have run so far: others on the same cores do not count."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    def end(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.communicate()
