"""Fills the journal of a sandbox that is stopped with as many more requests as are wanted, of those that are in it.

Usage: `python fill.py FOLDER_OF_SANDBOX_PYTHON FOLDER_OF_JOURNAL JSON`, with `[[NAME, NAMES…], …]` for JSON, the names as
`{"format": TEXT, "count": N, "of": N}`. The request that names NAME (as long as what takes its place) is repeated for each:
`%d`s of the format are the number and the number by `of`. Made by the API, a hundred thousand objects would take minutes.
"""

import base64
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
os.environ["MOTO_ACCOUNT_ID"] = "000000000000"

from sandbox.store.journal_lines import entry_of, line_of  # noqa: E402

PATHS = ("PATH_INFO", "RAW_URI", "REQUEST_URI")


def renamed(entry, old, new):
    environ = {**entry["environ"], **{name: entry["environ"][name].replace(old, new) for name in PATHS}}
    body = base64.b64decode(entry["body"]).replace(old.encode(), new.encode())
    return {**entry, "environ": environ, "body": base64.b64encode(body).decode("ascii")}


def names(entry, name):
    return any(name in entry["environ"][path] for path in PATHS) or name.encode() in base64.b64decode(entry.get("body", ""))


file = Path(sys.argv[2]) / "journal.jsonl"
entries = [entry_of(line) for line in file.read_bytes().splitlines(keepends=True)]
number = entries[-1]["n"]
with open(file, "ab") as out:
    for old, wanted in json.loads(sys.argv[3]):
        made = next(entry for entry in entries if names(entry, old))
        for each in range(1, wanted["count"]):
            number += 1
            out.write(line_of({**renamed(made, old, wanted["format"] % (each % wanted["of"], each)), "n": number}))
