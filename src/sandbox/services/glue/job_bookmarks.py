"""How far a job has read its sources: what Glue keeps between the runs of a job that has bookmarks.

The gateway says what the last run committed, and keeps what this one does. Of a source in S3 that has a `transformation_ctx` it is the time
of its newest file, and which files are of that time.

Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple, Protocol


class Dated(Protocol):
    """A file, and when it was written."""

    @property
    def uri(self) -> str: ...
    @property
    def modified(self) -> float: ...


class _Mark(NamedTuple):
    until: float
    files: list[str]


#: "job-bookmark-enable", "…-pause" (what was read is not kept) or "…-disable".
_option = "job-bookmark-disable"
_last: dict[str, _Mark] = {}
_read: dict[str, _Mark] = {}
_committed: dict[str, _Mark] | None = None
_begun = False


def prepare(option: str | None, last: dict[str, Any] | None) -> None:
    """What the gateway knows, before the script begins."""
    global _option, _last
    _option = option or "job-bookmark-disable"
    _last = {name: _Mark(*mark) for name, mark in (last or {}).items()}


def begin() -> None:
    global _begun
    _begun = True


def is_begun() -> bool:
    return _begun


def is_on() -> bool:
    """Whether sources are read from where the last run ended."""
    return _begun and _option != "job-bookmark-disable"


def commit() -> None:
    global _committed
    if _option == "job-bookmark-enable":
        _committed = {**_last, **_read}


def committed() -> dict[str, Any] | None:
    """What the gateway is to keep; None where nothing was committed."""
    return _committed


def unread(context: str, files: Iterable[Any]) -> list[Any]:
    """Those of a source's files that no earlier run has read."""
    files = list(files)
    if not context or not is_on():
        return files
    until, known = _last.get(context, _Mark(0, []))
    newest = max([until, *(file.modified for file in files)])
    same = {file.uri for file in files if file.modified == newest} | ({*known} if newest == until else set())
    _read[context] = _Mark(newest, sorted(same))
    return [file for file in files if file.modified > until or (file.modified == until and file.uri not in known)]
