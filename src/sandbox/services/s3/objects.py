"""S3's objects in moto, whose content is a `Body`: reads, ranges of them, copies and multipart uploads are pieces of the
store's files, read when they are sent.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Any

from moto.core.common_models import BaseModel
from moto.moto_api._internal import mock_random
from moto.s3 import models
from moto.s3.models import FakeKey, FakeMultipart, S3Backend
from moto.s3.responses import S3Response

from sandbox.kernel.extend import around
from sandbox.store.bodies import Body, ByReference, Piece, computed_once, request_state

_plain_value: Any = FakeKey.value
_plain_etag: Any = FakeKey.etag


def _get_value(self: FakeKey) -> Any:
    body = self.__dict__.get("_body")
    if body is None:
        return _plain_value.fget(self)
    if getattr(request_state, "by_reference", False):
        return body
    if getattr(request_state, "known", None) is not None:
        for piece in body.pieces:
            if not isinstance(piece, bytes):
                piece[0].needed = True
    return bytes(body)


def _set_value(self: FakeKey, value: Any) -> None:
    upload = getattr(request_state, "upload", None)
    if upload is not None and not value:
        value, request_state.upload = upload, None
    if isinstance(value, Body) and all(isinstance(piece, bytes) for piece in value.pieces):
        value = bytes(value)
    if isinstance(value, Body):
        _plain_value.fset(self, b"")
        self.__dict__["_body"] = value
        self.contentsize = len(value)
    else:
        self.__dict__["_body"] = None
        _plain_value.fset(self, value)


def _get_etag(self: FakeKey) -> str:
    body = self.__dict__.get("_body")
    if self._etag is None and body is not None:
        self._etag = body.md5()
    return _plain_etag.fget(self)


# moto remembers every model that was ever made, for its own page, which is closed: an object's file, or that of an object
# which a mark of its deletion names, could never go.
BaseModel.__new__ = lambda cls, *args, **kwargs: object.__new__(cls)  # type: ignore[method-assign, assignment]
FakeKey.value = property(_get_value, _set_value)  # type: ignore[assignment, method-assign]
FakeKey.etag = property(_get_etag)  # type: ignore[assignment, method-assign]


def _by_reference(owner: type, *names: str) -> None:
    for name in names:
        original = getattr(owner, name)

        def method(self: Any, *args: Any, original: Any = original, **kwargs: Any) -> Any:
            with ByReference():
                return original(self, *args, **kwargs)

        setattr(owner, name, functools.wraps(original)(method))


_by_reference(S3Response, "get_object")
_by_reference(S3Backend, "copy_object", "upload_part_copy")
_by_reference(FakeKey, "__getstate__")


@around(FakeMultipart, "__init__")
def _multipart(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    """Source: our own (the randomness that the journal replays), 2026-11-28"""
    original(*args, **kwargs)
    # moto takes the operating system's randomness: a replay would give other ids, and no part find its upload.
    self.id = computed_once("upload", lambda: f"{mock_random.getrandbits(256):064x}")


@around(FakeMultipart, "complete")
def _complete(original: Any, self: Any, body: Any) -> tuple[Any, str, Any]:
    """The parts one behind the other, without their bytes.

    Source: botocore s3 1.44.5 CompleteMultipartUpload, 2026-11-28
    Source: localstack/localstack tests/aws/services/s3/test_s3.snapshot.json, 2026-11-28
    """
    pieces: list[Piece] = []
    digests = b""
    last: FakeKey | None = None
    parts: list[Any] = []
    with ByReference():
        for number, etag in body:
            part = self.parts.get(number)
            if part is None or part.etag.replace('"', "") != etag.replace('"', ""):
                raise models.InvalidPart()
            if last is not None and last.contentsize < models.S3_UPLOAD_PART_MIN_SIZE:
                raise models.EntityTooSmall()
            digests += bytes.fromhex(part.etag.replace('"', ""))
            value = part.value
            pieces += value.pieces if isinstance(value, Body) else [value]
            parts.append(part)
            last = part
    if not parts:
        raise models.MalformedXML
    algorithm = self.metadata.get("x-amz-checksum-algorithm")
    checksum = tuple(computed_once("checksum", lambda: _checksum(self, algorithm, parts))) if algorithm else None
    return Body(pieces), f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}", checksum


def _checksum(multipart: FakeMultipart, algorithm: str, parts: list[Any]) -> tuple[str, str, int]:
    builder = models.MultipartChecksumBuilder(algorithm, multipart.metadata.get("x-amz-checksum-type"))
    for part in parts:
        builder.addPart(part.value)
    return builder.build()  # type: ignore[return-value]
