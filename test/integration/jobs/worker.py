"""Runs jobs for portability.py without paying for a start each time: `worker.py fork|keep`.

`fork`: what the jobs import is loaded once, and each job runs in a fork, which can be killed like any process.
`keep`: the jobs run one after the other in this process, so that they share one JVM.

A job is one line of JSON on stdin: {"argv": [SCRIPT, ARGUMENT…], "env": {…}, "out": FILE, "err": FILE}, with `fork` also
"crash" (see crash.py) and "kill" (seconds). Answered by a line on stdout when it has ended: {"rc": …}.
"""

import json
import os
import runpy
import signal
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(argv, crash):
    """The exit code of a script run as Python runs it."""
    before = [str(HERE / "crash.py"), str(crash)] if crash else []
    sys.argv = before + argv
    sys.path.insert(0, os.path.dirname(sys.argv[0]))
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
        return 0
    except SystemExit as end:
        return end.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.path.pop(0)
        sys.stdout.flush()
        sys.stderr.flush()


def redirect(job):
    for stream, name in ((1, "out"), (2, "err")):
        file = os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, stream)
        os.close(file)


def main():
    mode = sys.argv[1]
    # Ours stays apart from the stdout of the jobs.
    answers = os.fdopen(os.dup(1), "w")

    def tell(**answer):
        print(json.dumps(answer), file=answers, flush=True)

    if mode == "fork":
        import boto3  # noqa: F401
        import pandas  # noqa: F401
        import pyarrow  # noqa: F401
        import sandbox.services.glue.jdbc  # noqa: F401
        import pyspark.sql.connect.session  # noqa: F401
    for line in sys.stdin:
        job = json.loads(line)
        if mode == "keep":
            os.environ.update(job["env"])
            redirect(job)
            tell(rc=run(job["argv"], None))
            continue
        child = os.fork()
        if child == 0:
            os.environ.clear()
            os.environ.update(job["env"])
            redirect(job)
            os._exit(run(job["argv"], job.get("crash")))
        if job.get("kill"):
            time.sleep(job["kill"])
            os.kill(child, signal.SIGKILL)  # it may have ended, but nobody else has its id before we have waited for it
        tell(rc=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
