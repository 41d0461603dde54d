"""Makes moto survive a stop, a restart and a ``kill -9``: a journal of requests, replayed at start.

moto keeps everything in memory and cannot be pickled, but it is deterministic once its randomness and its clock
are. So each request that changes state runs alone, with moto's random source seeded by the request's number and
moto's clock held at the request's time, and is written down before it is answered. Replaying the journal in order,
with the same seeds and times, gives the same lake: the same ids, the same ETags, the same dates.

moto also creates defaults (the default VPC, images, managed policies) on the first *read* of a service. Ids are
drawn then too, so the first read of each (service, region, action) is treated like a change.

Reads run in parallel with everything: the random source is per thread, so they cannot disturb a change's ids.

Bodies of S3's objects are files that moto never sees (``bodies.py``); what was done to objects that are gone is left out
at the next start (``compaction.py``).
"""

from __future__ import annotations

import base64
import collections
import errno
import io
import os
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any, Callable, Iterable, Protocol

from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY as PRESERVED

from sandbox.kernel.extend import REPLAYED, Refusal
from sandbox.store.bodies import Body, File, Reader, Request, Upload
from sandbox.store.call import Call
from sandbox.store.compaction import compacted
from sandbox.store.determinism import pinned
from sandbox.store.journal_file import FEW, JournalFile, Put
from sandbox.store.journal_lines import AFTERWARDS, LINE_END, line_of, room_for

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Larger bodies lie in files beside the journal.
INLINE_BODY_BYTES = 64 * 1024

#: Protocol of the request as WSGI sees it; everything else of an environ belongs to the connection.
KEPT_ENVIRON = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "RAW_URI", "REQUEST_URI", "SCRIPT_NAME", "CONTENT_TYPE", "CONTENT_LENGTH")

class DiskFull(Exception):
    """Nothing more fits; what was asked for was not done."""


#: Errors of a write that only more space mends (EFBIG: a limit on a file's size).
FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))

class Uploads(Protocol):
    """What the journal must be told of S3's plain uploads: most of a large lake is made of them."""

    def plain(self, entry: dict[str, Any]) -> tuple[str, str, str, str] | None:
        """Bucket, key, region and access key of an entry that is one."""

    def resting(self, wake: Callable[[Put], None]) -> Callable[[Put], bool]:
        """Enters objects that are made when somebody looks at them. False for an upload that has to be done."""

    def wake(self, environ: dict[str, Any]) -> None:
        """Makes such an object."""


class Journal:
    """A WSGI application around moto's that keeps what changes it.

    A request is written down before it is run and taken back if it is refused: what a full disk or a kill keeps from
    being written is not done, what was answered is written. One process at a time may own the folder; `replay` must
    have run before the first request.
    """

    def __init__(self, app: WsgiApp, folder: Path, refuse: Callable[..., Iterable[bytes]], uploads: Uploads) -> None:
        self._app = app
        self._uploads = uploads
        self._refuse = refuse
        self._folder = folder
        self._bodies = folder / "bodies"
        self._bodies.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = JournalFile(folder, uploads.plain)
        #: Plain uploads, for the index.
        self._puts: list[Put] = []
        self._indexing: threading.Thread | None = None
        self._seen: set[str] = set()
        self._change = threading.Lock()
        self._next = 1
        self._garbage: collections.deque[str] = collections.deque()
        self._out: io.FileIO | None = None

    def replay(self) -> int:
        """Applies the journal, compacted, to an empty moto. Returns how many requests it held.

        Plain uploads are not done again: their objects rest in the journal until somebody looks at them.
        """
        items = self._file.read()
        wanted = compacted(items, self._content)
        if len(wanted) < len(items) or self._file.damaged:
            shorter = self._file.rewrite(wanted, line_of)
            wanted = items if shorter is None else shorter
        kept = {file for item in wanted if (file := item.file if isinstance(item, Put) else item.get("file"))}
        for stray in self._bodies.iterdir():
            if stray.name not in kept:
                stray.unlink()
        self._next = self._file.next
        count = len(wanted)
        self._puts = [item for item in wanted if isinstance(item, Put)]
        # What is made of the entries takes the memory that they free.
        del items, kept
        rest = self._uploads.resting(self._wake)
        wanted.reverse()
        while wanted:
            item = wanted.pop()
            if not isinstance(item, Put):
                self._apply(item)
            elif rest(item):
                self._seen.add(f"s3/{item.region}/PUT")
            else:
                self._apply(self._file.line_of(item))
        self._remove_garbage()
        self._out = open(self._file.path, "r+b" if self._file.path.exists() else "x+b", buffering=0)
        self._file.write_index(self._puts, self._out.seek(0, os.SEEK_END), self._next)
        return count

    @property
    def damaged(self) -> int:
        """How many lines the start could not read."""
        return len(self._file.damaged)

    def close(self) -> None:
        """Leaves the next start an index of what was uploaded since. Nothing is changed any more."""
        self._change.acquire()
        if self._indexing:
            self._indexing.join()
        if self._out is not None:
            self._file.write_index(self._puts, self._out.tell(), self._next)

    def _index_if_due(self) -> None:
        """So that a start after a kill reads few uploads line by line, too."""
        due = len(self._puts) - self._file.indexed >= max(5 * FEW, self._file.indexed // 4)
        if due and (self._indexing is None or not self._indexing.is_alive()):
            assert self._out is not None
            self._indexing = threading.Thread(target=self._file.write_index, args=(list(self._puts), self._out.tell(), self._next), daemon=True)
            self._indexing.start()

    def _wake(self, put: Put) -> None:
        """Makes the object that rests in an upload's line, as that made it."""
        entry = self._file.line_of(put)
        with self._open(entry) as body, pinned(entry["n"], entry["time"]), Request(self._upload_of(entry), entry.get("after", {}).get("known", {})):
            self._uploads.wake({**entry["environ"], "wsgi.input": body})

    def _content(self, entry: dict[str, Any]) -> bytes:
        with self._open(entry) as body:
            return body.read()

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
                REPLAYED: True,
            }
        )
        if "underscored" in entry:
            environ[PRESERVED] = entry["underscored"]
        try:
            self._run(environ, entry, entry.get("after", {}).get("known", {}))
        except Exception as error:  # what failed then fails now; the rest must still come back
            print(f"replay of request {entry['n']} ({entry['kind']}): {error!r}", file=sys.stderr)
        finally:
            body.close()
        self._seen.add(entry["kind"])

    def _open(self, entry: dict[str, Any]) -> Any:
        if "file" in entry and "md5" not in entry:
            return open(self._bodies / entry["file"], "rb")
        return io.BytesIO(base64.b64decode(entry.get("body", "")))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return self._serve(environ, start_response)
        except Refusal as refusal:
            return self._refuse(Call(environ, None), start_response, "400 Bad Request", refusal.code, refusal.message)
        except OSError as error:
            if error.errno not in FULL:
                raise
        except DiskFull:
            pass
        # Not one of the errors that clients try again and again.
        message = f"The disk is full. Nothing was changed. Free some space where {self._folder} is and try again."
        return self._refuse(Call(environ, None), start_response, "400 Bad Request", "InsufficientStorage", message)

    def _serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        chunked = environ.get("wsgi.input_terminated", False) and not environ.get("CONTENT_LENGTH")
        small = not chunked and length <= INLINE_BODY_BYTES
        body = environ["wsgi.input"].read(length) if small else None
        call = Call(environ, body)
        # Reading objects makes nothing in moto, and may take a while.
        if call.reads and (call.kind in self._seen or call.service == "s3"):
            if body is not None:
                environ["wsgi.input"] = io.BytesIO(body)
            return self._app(environ, start_response)
        # The body is taken in before the lock: a slow upload holds up nobody.
        stored: dict[str, Any] = {}
        if not small:
            name = uuid.uuid4().hex
            upload = Upload.of(environ, call.service)
            stored["file"] = name
            if upload:
                upload.save(environ["wsgi.input"], None if chunked else length, self._bodies / name)
                stored.update(size=upload.size, md5=upload.md5)
            else:
                self._spool(environ, self._bodies / name, None if chunked else length)
        elif body:
            stored["body"] = base64.b64encode(body).decode("ascii")
        with self._change:
            status, headers, chunks = self._changing(environ, call, stored)
        start_response(status, headers)
        return chunks

    def _spool(self, environ: dict[str, Any], target: Path, length: int | None) -> None:
        reader = Reader(environ["wsgi.input"], length)
        try:
            with open(target, "wb") as out:
                for piece in reader.chunks():
                    out.write(piece)
                environ["CONTENT_LENGTH"] = str(out.tell())
        except OSError as error:
            target.unlink(missing_ok=True)
            if not isinstance(error, ConnectionError):
                reader.drain()
            raise
        environ.pop("HTTP_TRANSFER_ENCODING", None)

    def _changing(self, environ: dict[str, Any], call: Call, stored: dict[str, Any]) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        entry: dict[str, Any] = {"n": self._next, "time": time.time(), "kind": call.kind, "environ": _kept(environ), **stored}
        if environ.get(PRESERVED):
            entry["underscored"] = environ[PRESERVED]
        start = self._begin(entry)
        assert self._out is not None
        known: dict[str, Any] = {}
        status = "500"
        # A refused change leaves nothing behind, except that a service's first call may have made its defaults.
        first, done = call.kind not in self._seen, False
        try:
            with self._open(entry) as content:
                environ["wsgi.input"] = content
                status, headers, chunks = self._run(environ, entry, known)
            done = int(status[:3]) < 400
        finally:
            if first or done:
                self._finish({"status": int(status[:3]), **({"known": known} if known else {})})
                self._seen.add(call.kind)
                self._next += 1
                if done and call.service == "s3" and (found := self._uploads.plain(entry)):
                    bucket, key, region, access_key = found
                    self._puts.append(Put(start, self._out.tell() - start, sys.intern(bucket), key, sys.intern(region), sys.intern(access_key), entry["time"], entry.get("file")))
                    self._index_if_due()
            else:
                self._take_back(entry, start)
        if done:
            self._remove_garbage()
        return status, headers, chunks

    def _begin(self, entry: dict[str, Any]) -> int:
        """Writes a request down; where it starts."""
        assert self._out is not None
        start = self._out.tell()
        line = line_of(entry)
        try:
            written = 0
            while written < len(line):
                written += self._out.write(line[written:]) or 0
        except OSError as error:
            self._take_back(entry, start)
            if "file" in entry:
                (self._bodies / entry["file"]).unlink(missing_ok=True)
            if error.errno in FULL:
                raise DiskFull from error
            raise
        return start

    def _finish(self, after: dict[str, Any]) -> None:
        """Adds to the last line what came of its request, in the room that it has for that."""
        assert self._out is not None
        room = room_for(after)
        if len(room) == AFTERWARDS:
            end = self._out.tell()
            self._out.seek(end - AFTERWARDS - len(LINE_END))
            self._out.write(room)
            self._out.seek(end)

    def _take_back(self, entry: dict[str, Any], start: int) -> None:
        assert self._out is not None
        self._out.seek(start)
        self._out.truncate()
        if "file" in entry and "md5" not in entry:
            (self._bodies / entry["file"]).unlink(missing_ok=True)

    def _remove_garbage(self) -> None:
        """Files that nothing is made of since a change that is written down."""
        while self._garbage:
            try:
                (self._bodies / self._garbage.popleft()).unlink(missing_ok=True)
            except OSError:  # Windows, while someone reads it: the next start removes it
                pass

    def _upload_of(self, entry: dict[str, Any]) -> Body | None:
        return Body([(File(self._bodies, entry["file"], self._garbage), 0, entry["size"])], entry["md5"]) if "md5" in entry else None

    def _run(self, environ: dict[str, Any], entry: dict[str, Any], known: dict[str, Any]) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        answer: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc: Any = None) -> None:
            answer[:] = [status, headers]

        with pinned(entry["n"], entry["time"]), Request(self._upload_of(entry), known):
            result = self._app(environ, start_response)
            chunks = list(result)
            close = getattr(result, "close", None)
            if close:
                close()
        return answer[0], answer[1], chunks


def _kept(environ: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in environ.items() if isinstance(value, str) and (key in KEPT_ENVIRON or key.startswith("HTTP_"))}
