"""Bodies of objects as files beside the journal: moto holds what is known of an object, never its bytes.

An upload is written to a file of its own while it arrives, then moto is asked to put an empty object, and `Body` takes
the place of its content. Length and digest are known from the upload and kept in the journal, so a start reads no body.
A file that no object is made of any more is garbage, which the journal removes once the change that made it so is
written down.
"""

from __future__ import annotations

import base64
import collections
import hashlib
import io
import re
import threading
import urllib.parse
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterator, Union

from sandbox.kernel.extend import Refusal

#: Smaller objects stay in the journal's line and in memory: a file each would cost more.
SMALL_BYTES = 64 * 1024
CHUNK_BYTES = 1 << 20

#: Parts of a query that make a PUT of a key something else than an upload.
SUBRESOURCES = {"acl", "tagging", "retention", "legal-hold", "torrent", "restore", "attributes"}

request_state = threading.local()


class File:
    """A file of the store; when nothing is made of it any more, it is garbage."""

    def __init__(self, folder: Path, name: str, garbage: collections.deque[str]) -> None:
        self.path, self._name, self._garbage = folder / name, name, garbage
        #: A change has read it (a function's code): its replay will again.
        self.needed = False

    def __del__(self) -> None:
        if not self.needed:
            self._garbage.append(self._name)


Piece = Union[bytes, tuple[File, int, int]]


class Body:
    """The content of an object, as pieces of files. It has a length and can be sliced and iterated, as moto does with bytes."""

    def __init__(self, pieces: list[Piece], md5: str | None = None) -> None:
        self.pieces, self.known_md5 = pieces, md5

    def __len__(self) -> int:
        return sum(len(piece) if isinstance(piece, bytes) else piece[2] for piece in self.pieces)

    def __getitem__(self, part: slice) -> Body:
        start, stop, _ = part.indices(len(self))
        pieces: list[Piece] = []
        at = 0
        for piece in self.pieces:
            length = len(piece) if isinstance(piece, bytes) else piece[2]
            low, high = max(start - at, 0), min(stop - at, length)
            if low < high:
                pieces.append(piece[low:high] if isinstance(piece, bytes) else (piece[0], piece[1] + low, high - low))
            at += length
        return Body(pieces)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            source, start, left = piece
            with open(source.path, "rb") as file:
                file.seek(start)
                while left:
                    chunk = file.read(min(left, CHUNK_BYTES))
                    if not chunk:
                        raise OSError(f"{source.path} is shorter than it was")
                    left -= len(chunk)
                    yield chunk

    def __bytes__(self) -> bytes:
        return b"".join(self)

    def __deepcopy__(self, _memo: Any) -> Body:
        return self

    def md5(self) -> str:
        """In hexadecimal. Read for it once, if ever: what the journal knows is not computed again."""
        if self.known_md5 is None:
            self.known_md5 = computed_once("md5", lambda: _digest(self, hashlib.md5(usedforsecurity=False)))
        return self.known_md5


def _digest(body: Body, digest: Any) -> str:
    for chunk in body:
        digest.update(chunk)
    return digest.hexdigest()


def computed_once(name: str, compute: Callable[[], Any]) -> Any:
    """A value that the request at hand took reading bodies for; the journal gives it to the replay."""
    known = getattr(request_state, "known", None)
    if known is None:
        return compute()
    if name not in known:
        known[name] = compute()
    return known[name]


class Request:
    """The request at hand: the upload that it brings, and what was computed for it once."""

    def __init__(self, upload: Body | None, known: dict[str, Any]) -> None:
        self._upload, self._known = upload, known

    def __enter__(self) -> None:
        self._before = getattr(request_state, "upload", None), getattr(request_state, "known", None)
        request_state.upload, request_state.known = self._upload, self._known
        self._upload = None

    def __exit__(self, *_: Any) -> None:
        # A request may look at an object that rests in the journal, which is made by its own request then.
        request_state.upload, request_state.known = self._before


class ByReference:
    """While it lasts, the value of an object is its `Body`; else whoever asks gets bytes."""

    def __enter__(self) -> None:
        self._before = getattr(request_state, "by_reference", False)
        request_state.by_reference = True

    def __exit__(self, *_: Any) -> None:
        request_state.by_reference = self._before


class Upload:
    """A request that brings an object or a part of one, and whose body is worth a file."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._environ = environ
        self._encoding = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
        self.md5 = ""
        self.size = 0

    @staticmethod
    def of(environ: dict[str, Any], service: str) -> Upload | None:
        if environ["REQUEST_METHOD"] != "PUT" or service != "s3" or "HTTP_X_AMZ_COPY_SOURCE" in environ:
            return None
        key = environ.get("PATH_INFO", "/").lstrip("/").partition("/")[2]
        query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        if not key or SUBRESOURCES & set(query):
            return None
        length = environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH") or environ.get("CONTENT_LENGTH")
        return Upload(environ) if not length or int(length) > SMALL_BYTES else None

    def save(self, source: BinaryIO, length: int | None, path: Path) -> None:
        """Writes the body, decoded, to a file; drains the source when that fails, so that an answer gets through."""
        reader = Reader(source, length)
        chunks = self._decoded(reader) if self._encoding.startswith("STREAMING-") else reader.chunks()
        digests = {"md5": hashlib.md5(usedforsecurity=False)}
        algorithm = self._environ.get("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", "").upper()
        given = any(name.startswith("HTTP_X_AMZ_CHECKSUM_") for name in self._environ) or "HTTP_X_AMZ_TRAILER" in self._environ
        other = None if given else {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "CRC32": _Crc32}.get(algorithm)
        if other:
            digests["other"] = other()
        try:
            with open(path, "wb") as out:
                for chunk in chunks:
                    for digest in digests.values():
                        digest.update(chunk)
                    out.write(chunk)
                    self.size += len(chunk)
        except ConnectionError:
            path.unlink()
            raise
        except OSError:
            path.unlink(missing_ok=True)
            reader.drain()
            raise
        self.md5 = digests["md5"].hexdigest()
        if other:
            self._environ[f"HTTP_X_AMZ_CHECKSUM_{algorithm}"] = base64.b64encode(digests["other"].digest()).decode()
        self._check(path)
        self._empty()

    def _check(self, path: Path) -> None:
        """Source: localstack/localstack tests/aws/services/s3/test_s3.snapshot.json, 2026-11-28
        Source: none found (tried: code search; the words on Content-MD5 and on the length are in many copies of S3's list of errors), 2026-11-28
        """
        wanted = self._environ.get("HTTP_CONTENT_MD5")
        decoded = self._environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH")
        if wanted and wanted != base64.b64encode(bytes.fromhex(self.md5)).decode():
            path.unlink()
            raise Refusal("BadDigest", "The Content-MD5 you specified did not match what we received.")
        if decoded and int(decoded) != self.size:
            path.unlink()
            raise Refusal("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.")

    def _empty(self) -> None:
        """What is left of the request: the same without its body."""
        environ = self._environ
        for name in ("HTTP_TRANSFER_ENCODING", "HTTP_X_AMZ_DECODED_CONTENT_LENGTH", "HTTP_X_AMZ_TRAILER", "HTTP_CONTENT_MD5"):
            environ.pop(name, None)
        environ["CONTENT_LENGTH"] = "0"
        environ["HTTP_X_AMZ_CONTENT_SHA256"] = "UNSIGNED-PAYLOAD"
        encodings = [part for part in re.split(r"\s*,\s*", environ.get("HTTP_CONTENT_ENCODING", "")) if part and part != "aws-chunked"]
        if encodings:
            environ["HTTP_CONTENT_ENCODING"] = ",".join(encodings)
        else:
            environ.pop("HTTP_CONTENT_ENCODING", None)

    def _decoded(self, reader: Reader) -> Iterator[bytes]:
        """The content of an aws-chunked body; its trailers become headers."""
        while True:
            left = int(reader.line().split(b";")[0].strip() or b"0", 16)
            if left == 0:
                break
            while left:
                chunk = reader.read(left)
                left -= len(chunk)
                yield chunk
            reader.line()
        while line := reader.line().strip():
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower().startswith("x-amz-checksum-"):
                self._environ["HTTP_" + name.upper().replace("-", "_")] = value.strip()


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, chunk: bytes) -> None:
        self._value = zlib.crc32(chunk, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")

    def hexdigest(self) -> str:
        return self.digest().hex()


class Reader:
    """The body of a request, of a length that is known or to its end."""

    def __init__(self, source: BinaryIO, length: int | None) -> None:
        self._source = source if length is not None else io.BufferedReader(source)  # type: ignore[arg-type]
        self._left = length

    def read(self, most: int = CHUNK_BYTES) -> bytes:
        most = min(most, CHUNK_BYTES) if self._left is None else min(most, CHUNK_BYTES, self._left)
        chunk = self._source.read(most) if most else b""
        if most and not chunk and self._left is not None:
            raise ConnectionError("the client closed the connection within the body")
        if self._left is not None:
            self._left -= len(chunk)
        return chunk

    def line(self) -> bytes:
        line = self._source.readline() if self._left is None else self._source.readline(self._left)
        if self._left is not None:
            self._left -= len(line)
        return line

    def chunks(self) -> Iterator[bytes]:
        while chunk := self.read():
            yield chunk

    def drain(self) -> None:
        """Reads what is left: an answer does not get through to a client that is still sending."""
        for _ in self.chunks():
            pass
