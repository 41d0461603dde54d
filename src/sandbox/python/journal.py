"""Makes moto survive a stop, a restart and a ``kill -9``: a journal of requests, replayed at start.

moto keeps everything in memory and cannot be pickled, but it is deterministic once its randomness and its clock
are. So each request that changes state runs alone, with moto's random source seeded by the request's number and
moto's clock held at the request's time, and is written down before it is answered. Replaying the journal in order,
with the same seeds and times, gives the same lake: the same ids, the same ETags, the same dates.

moto also creates defaults (the default VPC, images, managed policies) on the first *read* of a service. Ids are
drawn then too, so the first read of each (service, region, action) is treated like a change.

Reads run in parallel with everything: the random source is per thread, so they cannot disturb a change's ids.
"""

from __future__ import annotations

import base64
import datetime
import io
import json
import os
import random
import re
import shutil
import sys
import threading
import time
import urllib.parse
import uuid
from pathlib import Path
from typing import Any, Callable, Iterable

import moto.core.utils
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY as PRESERVED
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.moto_random import MotoRandom

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Larger bodies lie in files beside the journal.
INLINE_BODY_BYTES = 64 * 1024

#: Actions of the JSON and query protocols that change nothing, by the verb they start with.
READ_VERBS = ("Get", "List", "Describe", "BatchGet", "Search", "Head", "Lookup", "Simulate", "Test", "Filter", "Check")

#: Protocol of the request as WSGI sees it; everything else of an environ belongs to the connection.
KEPT_ENVIRON = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "RAW_URI", "REQUEST_URI", "SCRIPT_NAME", "CONTENT_TYPE", "CONTENT_LENGTH")

_thread = threading.local()


class _ThreadRandom(MotoRandom):
    """moto's one random source, with a stream per thread."""

    @staticmethod
    def _stream() -> random.Random:
        if not hasattr(_thread, "random"):
            _thread.random = random.Random()
        return _thread.random

    def random(self) -> float:
        return self._stream().random()

    def getrandbits(self, k: int) -> int:
        return self._stream().getrandbits(k)

    def seed(self, a: Any = None, version: int = 2) -> None:
        self._stream().seed(a, version)


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


class Call:
    """What kind of request an environ is, from its signature scope, its target header or its form."""

    def __init__(self, environ: dict[str, Any], body: bytes | None) -> None:
        self.method: str = environ["REQUEST_METHOD"]
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        query = environ.get("QUERY_STRING", "")
        scope = re.search(r"Credential=[^/]+/[^/]+/([^/]+)/([^/]+)/aws4_request", authorization + "," + urllib.parse.unquote(query))
        self.region, self.service = scope.groups() if scope else ("", "s3")
        self.action = self._action(environ, body, query)

    def _action(self, environ: dict[str, Any], body: bytes | None, query: str) -> str:
        target: str = environ.get("HTTP_X_AMZ_TARGET", "")
        if target:
            return target.rsplit(".", 1)[-1]
        form = body.decode("utf-8", "replace") if body and "form-urlencoded" in environ.get("CONTENT_TYPE", "") else ""
        named = re.search(r"(?:^|&)Action=(\w+)", form) or re.search(r"(?:^|&)Action=(\w+)", query)
        if named:
            return named.group(1)
        # Lake Formation is REST with a POST per action: its path is the action.
        return environ.get("PATH_INFO", "/")[1:] if self.service == "lakeformation" else ""

    @property
    def reads(self) -> bool:
        return self.action.startswith(READ_VERBS) if self.action else self.method in ("GET", "HEAD", "OPTIONS")

    @property
    def kind(self) -> str:
        return f"{self.service}/{self.region}/{self.action or self.method}"


class Journal:
    """A WSGI application around moto's that keeps what changes it.

    One process at a time may own the folder; `replay` must have run before the first request.
    """

    def __init__(self, app: WsgiApp, folder: Path) -> None:
        self._app = app
        self._folder = folder
        self._bodies = folder / "bodies"
        self._bodies.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = folder / "journal.jsonl"
        self._seen: set[str] = set()
        self._change = threading.Lock()
        self._next = 1
        self._out: io.BufferedWriter | None = None

    def replay(self) -> int:
        """Applies the journal to an empty moto. Returns how many requests it held.

        A last line that was cut off by a kill is dropped: its request was never answered.
        """
        entries = self._read()
        kept = {entry["file"] for entry in entries if "file" in entry}
        for stray in self._bodies.iterdir():
            if stray.name not in kept:
                stray.unlink()
        for entry in entries:
            self._apply(entry)
        self._out = open(self._file, "ab", buffering=0)
        return len(entries)

    def _read(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = []
        if not self._file.exists():
            return entries
        whole = 0
        with open(self._file, "rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                entries.append(json.loads(line))
                whole += len(line)
        os.truncate(self._file, whole)
        return entries

    def _apply(self, entry: dict[str, Any]) -> None:
        environ = {key: value for key, value in entry["environ"].items()}
        body = self._open(entry)
        environ.update(
            {
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "http",
                "wsgi.input": body,
                "wsgi.input_terminated": True,
                "wsgi.errors": sys.stderr,
                "wsgi.multithread": True,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
                "SERVER_PROTOCOL": "HTTP/1.1",
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "80",
                "REMOTE_ADDR": "127.0.0.1",
            }
        )
        if "underscored" in entry:
            environ[PRESERVED] = entry["underscored"]
        try:
            self._run(environ, entry["n"], entry["time"])
        except Exception as error:  # what failed then fails now; the rest must still come back
            print(f"replay of request {entry['n']} ({entry['kind']}): {error!r}", file=sys.stderr)
        finally:
            body.close()
        self._seen.add(entry["kind"])
        self._next = entry["n"] + 1

    def _open(self, entry: dict[str, Any]) -> Any:
        if "file" in entry:
            return open(self._bodies / entry["file"], "rb")
        return io.BytesIO(base64.b64decode(entry.get("body", "")))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        chunked = environ.get("wsgi.input_terminated", False) and not environ.get("CONTENT_LENGTH")
        small = not chunked and length <= INLINE_BODY_BYTES
        body = environ["wsgi.input"].read(length) if small else None
        call = Call(environ, body)
        if call.reads and call.kind in self._seen:
            if body is not None:
                environ["wsgi.input"] = io.BytesIO(body)
            return self._app(environ, start_response)
        # The body is taken in before the lock: a slow upload holds up nobody.
        name = None if small else uuid.uuid4().hex
        if name:
            self._spool(environ, self._bodies / name, None if chunked else length)
        with self._change:
            status, headers, chunks = self._changing(environ, call, body, name)
        start_response(status, headers)
        return chunks

    def _spool(self, environ: dict[str, Any], target: Path, length: int | None) -> None:
        source = environ["wsgi.input"]
        with open(target, "wb") as out:
            if length is None:
                shutil.copyfileobj(source, out)
            else:
                left = length
                while left:
                    piece = source.read(min(left, 1 << 20))
                    if not piece:
                        raise ConnectionError("the client closed the connection within the body")
                    out.write(piece)
                    left -= len(piece)
            environ["CONTENT_LENGTH"] = str(out.tell())
        environ.pop("HTTP_TRANSFER_ENCODING", None)

    def _changing(self, environ: dict[str, Any], call: Call, body: bytes | None, name: str | None) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        number, moment = self._next, time.time()
        entry: dict[str, Any] = {"n": number, "time": moment, "kind": call.kind, "environ": _kept(environ)}
        if name:
            entry["file"] = name
        elif body:
            entry["body"] = base64.b64encode(body).decode("ascii")
        if environ.get(PRESERVED):
            entry["underscored"] = environ[PRESERVED]
        with self._open(entry) as content:
            environ["wsgi.input"] = content
            status, headers, chunks = self._run(environ, number, moment)
        first = call.kind not in self._seen
        # A refused change leaves nothing behind, except that a service's first call may have made its defaults.
        if first or int(status[:3]) < 400:
            assert self._out is not None
            self._out.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
            self._seen.add(call.kind)
            self._next = number + 1
        elif name:
            (self._bodies / name).unlink()
        return status, headers, chunks

    def _run(self, environ: dict[str, Any], number: int, moment: float) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        answer: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc: Any = None) -> None:
            answer[:] = [status, headers]

        mock_random.seed(number)
        _thread.time = moment
        try:
            result = self._app(environ, start_response)
            chunks = list(result)
            close = getattr(result, "close", None)
            if close:
                close()
        finally:
            _thread.time = None
            mock_random.seed()
        return answer[0], answer[1], chunks


def _kept(environ: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in environ.items() if isinstance(value, str) and (key in KEPT_ENVIRON or key.startswith("HTTP_"))}


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
