"""moto's randomness and clock, made such that a request that is replayed draws the same ids and dates as at first."""

from __future__ import annotations

import contextlib
import datetime
import random
import threading
import time
from typing import Any, Iterator

import moto.core.utils
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.moto_random import MotoRandom

_thread = threading.local()


class _ThreadRandom(MotoRandom):
    """moto's one random source, with a stream per thread."""

    @staticmethod
    def _stream() -> random.Random:
        """Made when something is drawn: most requests draw nothing, and seeding takes longer than drawing."""
        if getattr(_thread, "random", None) is None:
            _thread.random = random.Random(getattr(_thread, "seed", None))
        return _thread.random

    def random(self) -> float:
        return self._stream().random()

    def getrandbits(self, k: int) -> int:
        return self._stream().getrandbits(k)

    def seed(self, a: Any = None, version: int = 2) -> None:
        _thread.seed, _thread.random = a, None


def _now() -> float:
    """Seconds since the epoch: of the request being replayed or changed, else the clock's."""
    return getattr(_thread, "time", None) or time.time()


def _utcnow() -> datetime.datetime:
    return datetime.datetime.fromtimestamp(_lake_now(), datetime.timezone.utc).replace(tzinfo=None)  # noqa: F821


def install_determinism() -> None:
    """Replaces moto's randomness and clock by ones that a change can pin, for all modules that imported them."""
    mock_random.__class__ = _ThreadRandom
    # Modules hold the function object itself (``from … import utcnow``): only its code can be swapped for all.
    moto.core.utils.__dict__["_lake_now"] = _now
    moto.core.utils.utcnow.__code__ = _utcnow.__code__


@contextlib.contextmanager
def pinned(seed: int, moment: float) -> Iterator[None]:
    """Gives this thread the random numbers and the time of a request; afterwards what it had before."""
    before = [getattr(_thread, name, None) for name in ("seed", "random", "time")]
    _thread.seed, _thread.random, _thread.time = seed, None, moment
    try:
        yield
    finally:
        _thread.seed, _thread.random, _thread.time = before
