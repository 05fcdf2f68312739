"""The workers' side of the protocol of README.md: one JSON object a line in, one out."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from typing import Any, Callable

from compare import exchange

Request = dict[str, Any]
Handler = Callable[[Request], dict[str, Any]]


def timed(request: Request, step: Callable[[], Any]) -> dict[str, Any]:
    """Runs `step` request["warm"] times for nothing, then request["steps"] times by the clock."""
    for _ in range(request["warm"]):
        step()
    seconds = []
    for _ in range(request["steps"]):
        begin = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - begin)
    return {"seconds": seconds}


class Worker:
    """Keeps the task that "prepare" makes (something with step() and check()) for later requests.

    A check gives arrays, which are written to the file that the request names, or one number.
    """

    def __init__(self, make: Callable[[Request], tuple[Any, str]]) -> None:
        """`make` gives the task of a "prepare" and the version of what it runs on."""
        self.make = make
        self.task: Any = None

    def prepare(self, request: Request) -> dict[str, Any]:
        self.task, version = self.make(request)
        return {"version": version}

    def run(self, request: Request) -> dict[str, Any]:
        return timed(request, self.task.step)

    def check(self, request: Request) -> dict[str, Any]:
        result = self.task.check()
        if not isinstance(result, dict):
            return {"sum": result}
        exchange.save(request["out"], result)
        return {}

    def serve(self) -> None:
        serve({"prepare": self.prepare, "run": self.run, "check": self.check})


def serve(handlers: dict[str, Handler]) -> None:
    """Answers requests by the handler that their member "do" names, until standard input ends."""
    # Libraries print to standard output what they like: for them it becomes standard error.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            request = json.loads(line)
            reply = handlers[request["do"]](request)
        except Exception as error:  # the driver reports it, whatever it is
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(reply) + "\n")
