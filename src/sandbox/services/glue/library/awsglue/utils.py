"""`getResolvedOptions`: the arguments of a job.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html, 2026-11-28 (whole file)
Source: awslabs/aws-glue-libs awsglue/utils.py (names and words of errors), 2026-11-28 (whole file)
"""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

#: What only Glue itself says: it is in the answer, and nobody asks for it.
_SWITCHES: dict[str, tuple[str, ...] | None] = {
    "job-bookmark-option": ("job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable"),
    "continuation-option": ("continuation-enabled", "continuation-readonly", "continuation-ignore"),
    "job-bookmark-from": None, "job-bookmark-to": None,
    "JOB_ID": None, "JOB_RUN_ID": None, "SECURITY_CONFIGURATION": None,
    "encryption-type": ("sse-s3",),
}  # fmt: skip


class GlueArgumentError(Exception):
    """An argument that is missing or has no value."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(args: list[str], options: list[str]) -> dict[str, Any]:  # noqa: N802
    """The values of the options that a script asks for; one that was not given is an error."""
    parser = _Parser()
    for name, values in _SWITCHES.items():
        if name in options:
            raise RuntimeError(f"Using reserved arguments {name}")
        parser.add_argument(f"--{name}", choices=values)
    for name in ("RedshiftTempDir", "TempDir"):
        parser.add_argument(f"--{name}")
    for name in options:
        if name not in ("RedshiftTempDir", "TempDir"):
            parser.add_argument(f"--{name}", required=True)
    found = vars(parser.parse_known_args(args[1:])[0])
    found["RedshiftTempDir"] = found["TempDir"] = found["TempDir"] or found["RedshiftTempDir"]
    found.pop("continuation_option")
    found["job_bookmark_option"] = found["job_bookmark_option"] or "job-bookmark-disable"
    return found
