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

#: What can be asked, by name; `load` imports the modules that add to it.
questions: dict[str, Callable[..., Any]] = {}

#: This file runs as the program: who imports it by name must get this module, not a second one.
sys.modules["engine"] = sys.modules[__name__]

_write = threading.Lock()
_loaded = threading.Event()
_remote = ""


def question(function: Callable[..., Any]) -> Callable[..., Any]:
    """Lets the gateway ask this function, by its name. Its answer must be JSON."""
    questions[function.__name__] = function
    return function


def remote() -> str:
    """Where this process's Spark Connect server is."""
    return _remote


def load() -> None:
    """Imports what answers. In the background: the jobs, which need only the server, do not wait for it."""
    try:
        import athena_query  # noqa: F401
    finally:
        _loaded.set()


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
        what = request.pop("what")
        if what not in questions:
            _loaded.wait()
        tell({"id": number, "result": questions[what](**request)})
    except Refusal as refusal:
        tell({"id": number, "error": {"code": refusal.code, "message": refusal.message}})
    except Exception as error:
        traceback.print_exc()
        tell({"id": number, "error": {"code": "InternalError", "message": f"{type(error).__name__}: {error}"[:2000]}})


def main() -> None:
    from pysail.spark import SparkConnectServer

    global _remote
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    _remote = f"sc://127.0.0.1:{server.listening_address[1]}"
    tell({"port": server.listening_address[1]})
    threading.Thread(target=load, daemon=True).start()
    # More than the gateway lets run at a time: what ends a query must not wait for it.
    pool = ThreadPoolExecutor(32)
    for line in sys.stdin:
        pool.submit(answer, json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main()
