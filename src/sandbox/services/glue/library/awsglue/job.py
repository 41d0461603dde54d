"""`Job`: where a run begins, and where it says that what it read need not be read again.

Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

from sandbox.services.glue import job_bookmarks


class Job:
    """A run of a job."""

    def __init__(self, glue_context: Any) -> None:
        self.glue_context = glue_context

    def init(self, job_name: str, args: dict[str, Any] | None = None) -> None:
        """Begins: what sources with a `transformation_ctx` read from here on is noted."""
        job_bookmarks.begin()

    def commit(self) -> None:
        """What was read so far is not read again by the next run that has bookmarks."""
        job_bookmarks.commit()

    def isInitialized(self) -> bool:  # noqa: N802
        """Whether `init` was called."""
        return job_bookmarks.is_begun()
