"""The sandbox's engine: Spark's API without Spark (Sail), which the jobs and Athena run on.

Started by the gateway, whose S3 it reads and writes (``AWS_ENDPOINT`` and its kin in the environment). Writes one line
of JSON to stdout once it answers, ``{"port": N}`` of its Spark Connect server; then it answers requests, one JSON
document a line on stdin (``{"id": 1, "what": NAME, …}``), by one a line on stdout (``{"id": 1, "result": …}`` or
``{"id": 1, "error": {"code": …, "message": …}}``), in any order. It ends when its stdin ends, so that it never
outlives the gateway.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

#: What can be asked, by name; a module that adds to it is imported below.
questions: dict[str, Callable[..., Any]] = {}

_write = threading.Lock()


class Refusal(Exception):
    """A failure whose code and message are meant for whoever asked."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def tell(document: dict[str, Any]) -> None:
    with _write:
        print(json.dumps(document), flush=True)


def answer(request: dict[str, Any]) -> None:
    number = request.pop("id")
    try:
        tell({"id": number, "result": questions[request.pop("what")](**request)})
    except Refusal as refusal:
        tell({"id": number, "error": {"code": refusal.code, "message": refusal.message}})
    except Exception as error:
        traceback.print_exc()
        tell({"id": number, "error": {"code": "InternalError", "message": f"{type(error).__name__}: {error}"[:2000]}})


def main() -> None:
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    tell({"port": server.listening_address[1]})
    pool = ThreadPoolExecutor(4)
    for line in sys.stdin:
        pool.submit(answer, json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main()
