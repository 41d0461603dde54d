"""The sandbox's engine: Spark's API without Spark (Sail), which the jobs and Athena run on.

Usage: ``python -m sandbox.kernel.engine [MODULE …]``: the modules whose functions can be asked for.

Started by the gateway, whose S3 it reads and writes (``AWS_ENDPOINT`` and its kin in the environment). Writes one line
of JSON to stdout once it answers, ``{"port": N, "guarded": true}``, with the port where its Spark Connect server is
reached and whether only its user can; then it answers requests, one JSON
document a line on stdin (``{"id": 1, "what": NAME, …}``), by one a line on stdout (``{"id": 1, "result": …}`` or
``{"id": 1, "error": {"code": …, "message": …}}``), in any order. It ends when its stdin ends, so that it never
outlives the gateway.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

from sandbox.kernel import engine_door, peers

#: What can be asked, by name; `load` imports the modules that add to it.
questions: dict[str, Callable[..., Any]] = {}

#: This file runs as the program: who imports it by name must get this module, not a second one.
sys.modules["sandbox.kernel.engine"] = sys.modules[__name__]

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
        for name in sys.argv[1:]:
            importlib.import_module(name)
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
        # Source: our own (the engine's own failure, which Athena's room and Glue's say in AWS's words), 2026-11-28
        tell({"id": number, "error": {"code": "InternalError", "message": f"{type(error).__name__}: {error}"[:2000]}})


def guarded(port: int) -> int | None:
    """The port of a door that only our user gets through, where the system has what that takes; the server's own is shut."""
    if not peers.how()[1]:
        return None
    listener = engine_door.listener_at(port)
    try:
        if not listener:
            return None
        engine_door.shut(listener)
        if engine_door.is_visited(port):
            # Somebody was quicker. It is started again, elsewhere.
            os._exit(1)
    except OSError:
        return None
    door = subprocess.Popen(
        [sys.executable, "-I", "-S", "-u", engine_door.__file__, str(listener.fileno()), str(port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[listener.fileno()],
    )
    line = door.stdout.readline() if door.stdout else b""
    if not line:
        os._exit(1)
    # Without its door it is of no use.
    threading.Thread(target=lambda: (door.wait(), os._exit(1)), daemon=True).start()
    return int(line)


def main() -> None:
    from pysail.spark import SparkConnectServer

    global _remote
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    own = server.listening_address[1]
    door = guarded(own)
    port = door or own
    _remote = f"sc://127.0.0.1:{port}"
    tell({"port": port, "guarded": door is not None})
    threading.Thread(target=load, daemon=True).start()
    # More than the gateway lets run at a time: what ends a query must not wait for it.
    pool = ThreadPoolExecutor(32)
    for line in sys.stdin:
        pool.submit(answer, json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main()
