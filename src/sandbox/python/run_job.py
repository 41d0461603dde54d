"""Runs the script of a Glue job.

Usage: ``python run_job.py FOLDER``, where ``FOLDER/job.json`` says what to run (``{"script": …, "arguments": [...],
"path": [...]}``): a command line can be read by everybody, a job's arguments are nobody's business. How it ended is
written to ``FOLDER/result.json`` as ``{"error": null | "Class: message"}``, the last line of a traceback being what
Glue shows.

The gateway holds the other end of stdin. When that is gone the gateway is, and so are this process and its children:
a job whose run nobody follows must not go on writing.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType


def end_with_parent() -> None:
    parent = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def watch() -> None:
        while os.read(parent, 1024):
            pass
        if os.name == "posix" and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


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
    job = json.loads((folder / "job.json").read_text("utf-8"))
    (folder / "job.json").unlink()
    end_with_parent()
    sys.argv = [job["script"], *job["arguments"]]
    # In place of this file's own folder.
    sys.path[:1] = job["path"]
    error = run(job["script"])
    (folder / "result.json").write_text(json.dumps({"error": error}), "utf-8")
    if error:
        sys.exit(1)


if __name__ == "__main__":
    main()
