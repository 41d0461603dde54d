"""The lock by which one process at a time owns the journal's folder."""

from __future__ import annotations

import os
import time
from pathlib import Path


class FolderLock:
    """Lets one process own the journal's folder; a second one waits for the first to die, then gives up."""

    def __init__(self, folder: Path, seconds: float) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = open(folder / "owner.lock", "a+b")
        deadline = time.monotonic() + seconds
        while not self._try():
            if time.monotonic() > deadline:
                raise SystemExit("another process owns the sandbox's journal: " + str(folder))
            time.sleep(0.05)

    def _try(self) -> bool:
        try:
            if os.name == "nt":
                import msvcrt

                self._file.seek(0)
                msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            return False
