"""Trino's functions on bytes, digests and URLs.

Source: trinodb/trino docs/src/main/sphinx/functions/binary.md, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/functions/url.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import struct
import urllib.parse
import zlib
from typing import Any

from sandbox.services.athena.trino.functions.defining import python, sql
from sandbox.services.athena.trino.values import fault

sql("encode({0})", "to_utf8(varchar(x)) varbinary", "to_utf8(char(x)) varbinary")


@python("from_utf8(varbinary) varchar")
def from_utf8(value: bytes) -> str:
    return value.decode("utf-8", "replace")


@python("from_utf8(varbinary, varchar) varchar", "from_utf8(varbinary, bigint) varchar")
def from_utf8_with(value: bytes, instead: Any) -> str:
    mark = chr(instead) if isinstance(instead, int) else instead
    if len(mark) > 1:
        fault("Replacement character string must empty or a single character")
    return value.decode("utf-8", "replace").replace("\ufffd", mark)


@python("to_hex(varbinary) varchar")
def to_hex(value: bytes) -> str:
    return value.hex().upper()


@python("from_hex(varchar) varbinary", "from_hex(varbinary) varbinary")
def from_hex(text: Any) -> bytes:
    digits = text.decode("latin-1") if isinstance(text, bytes) else text
    wrong = re.search(r"[^0-9a-fA-F]", digits)
    if len(digits) % 2:
        fault(f"invalid input length {len(digits)}")
    if wrong:
        fault(f'not a hexadecimal digit: "{wrong[0]}" = {ord(wrong[0])}')
    return bytes.fromhex(digits)


@python("to_base64(varbinary) varchar")
def to_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


@python("to_base64url(varbinary) varchar")
def to_base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode()


@python("to_base32(varbinary) varchar")
def to_base32(value: bytes) -> str:
    return base64.b32encode(value).decode()


def _decoded(text: Any, decode: Any) -> bytes:
    raw = text if isinstance(text, bytes) else text.encode()
    try:
        return decode(raw)
    except (binascii.Error, ValueError):
        fault("Input byte array has incorrect ending byte or an illegal character")


@python("from_base64(varchar(x)) varbinary", "from_base64(varbinary) varbinary")
def from_base64(text: Any) -> bytes:
    return _decoded(text, lambda raw: base64.b64decode(raw + b"=" * (-len(raw) % 4) if b"=" not in raw else raw, validate=True))


@python("from_base64url(varchar(x)) varbinary", "from_base64url(varbinary) varbinary")
def from_base64url(text: Any) -> bytes:
    return _decoded(text, lambda raw: base64.b64decode((raw + b"=" * (-len(raw) % 4) if b"=" not in raw else raw), b"-_", validate=True))


@python("from_base32(varchar(x)) varbinary", "from_base32(varbinary) varbinary")
def from_base32(text: Any) -> bytes:
    return _decoded(text, lambda raw: base64.b32decode(raw + b"=" * (-len(raw) % 8)))


for _name in ("md5", "sha1", "sha256", "sha512"):

    def _digest(value: bytes, name: str = _name) -> bytes:
        return hashlib.new(name, value, usedforsecurity=False).digest()

    _digest.__qualname__ = f"digest_{_name}"
    python(f"{_name}(varbinary) varbinary")(_digest)

    def _hmac(value: bytes, key: bytes, name: str = _name) -> bytes:
        return hmac.new(key, value, name).digest()

    _hmac.__qualname__ = f"hmac_{_name}"
    python(f"hmac_{_name}(varbinary, varbinary) varbinary")(_hmac)


@python("crc32(varbinary) bigint")
def crc32(value: bytes) -> int:
    return zlib.crc32(value)


_P1, _P2, _P3, _P4, _P5 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
_M = 2**64 - 1


def _rotated(x: int, by: int) -> int:
    return ((x << by) | (x >> (64 - by))) & _M


def _round(acc: int, lane: int) -> int:
    return _rotated((acc + lane * _P2) & _M, 31) * _P1 & _M


def xxh64(value: bytes, seed: int = 0) -> int:
    at, size = 0, len(value)
    if size >= 32:
        v = [(seed + _P1 + _P2) & _M, (seed + _P2) & _M, seed & _M, (seed - _P1) & _M]
        while at + 32 <= size:
            for lane, number in enumerate(struct.unpack_from("<4Q", value, at)):
                v[lane] = _round(v[lane], number)
            at += 32
        found = (_rotated(v[0], 1) + _rotated(v[1], 7) + _rotated(v[2], 12) + _rotated(v[3], 18)) & _M
        for each in v:
            found = ((found ^ _round(0, each)) * _P1 + _P4) & _M
    else:
        found = (seed + _P5) & _M
    found = (found + size) & _M
    while at + 8 <= size:
        found = (_rotated(found ^ _round(0, struct.unpack_from("<Q", value, at)[0]), 27) * _P1 + _P4) & _M
        at += 8
    if at + 4 <= size:
        found = (_rotated(found ^ (struct.unpack_from("<I", value, at)[0] * _P1 & _M), 23) * _P2 + _P3) & _M
        at += 4
    for each in value[at:]:
        found = _rotated(found ^ (each * _P5 & _M), 11) * _P1 & _M
    found = (found ^ (found >> 33)) * _P2 & _M
    found = (found ^ (found >> 29)) * _P3 & _M
    return found ^ (found >> 32)


@python("xxhash64(varbinary) varbinary")
def xxhash64(value: bytes) -> bytes:
    return xxh64(value).to_bytes(8, "big")


def _number(name: str, to: str, kind: str, size: int) -> None:
    def written(value: Any) -> bytes:
        return struct.pack(kind, value)

    def read(value: bytes) -> Any:
        if len(value) != size:
            fault(f"expected {size}-byte input, but got instead: {len(value)}" if not name.startswith("ieee") else f"Input floating-point value must be exactly {size} bytes long")
        return struct.unpack(kind, value)[0]

    written.__qualname__, read.__qualname__ = f"to_{name}", f"from_{name}"
    python(f"to_{name}({to}) varbinary")(written)
    python(f"from_{name}(varbinary) {to}")(read)


_number("big_endian_32", "integer", ">i", 4)
_number("big_endian_64", "bigint", ">q", 8)
_number("ieee754_32", "real", ">f", 4)
_number("ieee754_64", "double", ">d", 8)


# --- URLs ----------------------------------------------------------------------------------------------------------------

_ILLEGAL = re.compile(r"[\s<>\"{}|\\^`]|%(?![0-9a-fA-F]{2})")


def _url(text: str) -> urllib.parse.SplitResult | None:
    try:
        return None if _ILLEGAL.search(text) else urllib.parse.urlsplit(text)
    except ValueError:
        return None


@python("url_extract_protocol(varchar(x)) varchar(x)")
def url_extract_protocol(text: str) -> str | None:
    found = _url(text)
    return text[: len(found.scheme)] if found else None


@python("url_extract_host(varchar(x)) varchar(x)")
def url_extract_host(text: str) -> str | None:
    found = _url(text)
    if not found:
        return None
    host = found.netloc.rpartition("@")[2]
    return re.sub(r":\d*$", "", host)


@python("url_extract_port(varchar(x)) bigint")
def url_extract_port(text: str) -> int | None:
    found = _url(text)
    try:
        return found.port if found else None
    except ValueError:
        return None


@python("url_extract_path(varchar(x)) varchar(x)")
def url_extract_path(text: str) -> str | None:
    found = _url(text)
    return urllib.parse.unquote(found.path) if found else None


@python("url_extract_query(varchar(x)) varchar(x)")
def url_extract_query(text: str) -> str | None:
    found = _url(text)
    return urllib.parse.unquote(found.query) if found else None


@python("url_extract_fragment(varchar(x)) varchar(x)")
def url_extract_fragment(text: str) -> str | None:
    found = _url(text)
    return urllib.parse.unquote(found.fragment) if found else None


@python("url_extract_parameter(varchar(x), varchar(y)) varchar(x)")
def url_extract_parameter(text: str, name: str) -> str | None:
    found = _url(text)
    for each in found.query.split("&") if found and found.query else []:
        key, mark, value = each.partition("=")
        if urllib.parse.unquote(key) == name:
            return urllib.parse.unquote(value)
    return None


@python("url_encode(varchar(x)) varchar")
def url_encode(text: str) -> str:
    return urllib.parse.quote(text, safe="*-._ ").replace(" ", "+").replace("~", "%7E")


@python("url_decode(varchar(x)) varchar(x)")
def url_decode(text: str) -> str:
    return urllib.parse.unquote_plus(text)
