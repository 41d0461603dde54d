"""Runs a job and ends it, without a goodbye, at its N-th effect: `crash.py N SCRIPT ARGUMENTS…`.

Effects are a directory written, a manifest created, a removal, a publication. An odd N ends it
before the effect of number N // 2, an even one after it. Exit 0 means that the job ended first.
"""

import os
import runpy
import sys

limit, script = int(sys.argv[1]), sys.argv[2]
sys.argv = sys.argv[2:]
sys.path.insert(0, os.path.dirname(script))
import lake_adapter  # noqa: E402

seen = 0


def counted(owner, name):
    plain = getattr(owner, name)

    def wrapper(*args, **kwargs):
        global seen
        seen += 1
        if seen >= limit:
            os._exit(9)
        result = plain(*args, **kwargs)
        seen += 1
        if seen >= limit:
            os._exit(9)
        return result

    setattr(owner, name, wrapper)


counted(lake_adapter.Lake, "write")
counted(lake_adapter.LocalStore, "create")
counted(lake_adapter.LocalStore, "remove")
counted(lake_adapter.NoCatalog, "publish")
runpy.run_path(script, run_name="__main__")
