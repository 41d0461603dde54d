"""Runs the script of a Glue job.

Usage: ``python run_job.py FOLDER [warm]``. Waits for one line of JSON on stdin that says what to run (``{"script": …,
"arguments": […], "path": […], "environment": {…}, "bookmark": {…}}``); ``warm`` loads meanwhile what jobs need. How the script ended is
written to ``FOLDER/result.json`` as ``{"error": null | "Class: message", "bookmark": …}``, the last line of a traceback being what
Glue shows.

The gateway holds the other end of stdin. When that is gone the gateway is, and so are this process and its children:
a job whose run nobody follows must not go on writing.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

#: Where the package `sandbox` is: what stands in for a JDBC driver is looked for there, by the job and by the engine.
sys.path.append(str(Path(__file__).resolve().parents[3]))

#: What takes long to load, and most jobs load.
LIBRARIES = ("pandas", "pyspark.sql.connect.session", "sandbox.services.glue.jdbc", "adbc_driver_postgresql.dbapi", "pg8000.native")
SERVICES = ("s3", "glue")


def load() -> None:
    """Loads what jobs need. None of it ever goes away, so the collector need not look at it: not now, and not at the end,
    where taking it apart would last longer than many a job."""
    gc.disable()
    import boto3

    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError:
            pass
    # The descriptions of AWS's interfaces, which the default session then has; the job makes clients of its own from them.
    for service in SERVICES:
        boto3.client(service, region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")
    gc.freeze()
    gc.enable()


def await_job(warm: bool) -> dict[str, Any]:
    """What to run, once the gateway says so. From then on this process ends with the gateway's."""
    parent = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    if warm:
        load()
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(parent, 65536)
        if not piece:
            sys.exit(0)
        line += piece

    def watch() -> None:
        while os.read(parent, 1024):
            pass
        if os.name == "posix" and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    return json.loads(line)


def within(script: str, trace: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that is the script's: what runs it interests nobody."""
    inner = trace
    while inner and inner.tb_frame.f_code.co_filename != script:
        inner = inner.tb_next
    return inner or trace


def run(script: str) -> str | None:
    """What made the script fail, if it did."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if end.code in (None, 0):
            return None
        if not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
        return f"SystemExit: {end.code}"
    except BaseException as error:
        traceback.print_exception(type(error), error, within(script, error.__traceback__))
        return "".join(traceback.format_exception_only(type(error), error)).strip() if isinstance(error, SyntaxError) else f"{type(error).__name__}: {error}"
    return None


def main() -> None:
    folder = Path(sys.argv[1])
    job = await_job(warm=len(sys.argv) > 2)
    os.environ.update(job["environment"])
    sys.argv = [job["script"], *job["arguments"]]
    from sandbox.services.glue import job_bookmarks

    if os.environ.get("SPARK_REMOTE"):
        from sandbox.services.glue import glue_library, storage_rights

        storage_rights.watch()
        glue_library.install()
        job_bookmarks.prepare(job.get("bookmarkOption"), job.get("bookmark"))
    # In place of this file's own folder.
    sys.path[:1] = job["path"]
    error = run(job["script"])
    (folder / "result.json").write_text(json.dumps({"error": error, "bookmark": job_bookmarks.committed()}), "utf-8")
    if error:
        sys.exit(1)


if __name__ == "__main__":
    main()
