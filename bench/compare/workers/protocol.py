"""The workers' side of the protocol of README.md: one JSON object a line in, one out."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from typing import Any, Callable

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
