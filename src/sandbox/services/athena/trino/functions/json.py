"""Trino's JSON functions by name; the standard's (JSON_VALUE and its like) are in `json_paths`.

Source: trinodb/trino docs/src/main/sphinx/functions/json.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import functools
import re
from typing import Any

from sandbox.services.athena.trino import text as texts
from sandbox.services.athena.trino.functions.defining import python, sql
from sandbox.services.athena.trino.json_casts import Written, decoder, normal, parsed, written
from sandbox.services.athena.trino.values import fault

_MISSING = object()


@python("json_parse(varchar(x)) json")
def json_parse(text: str) -> str:
    try:
        return normal(text)
    except ValueError:
        fault(f"Cannot convert value to JSON: '{text}'")


sql("{0}", "json_format(json) varchar")

_STEP = re.compile(r"""\.(?:([\w$@-]+)|"((?:[^"\\]|\\.)*)")|\[(?:(-?\d+)|"((?:[^"\\]|\\.)*)")\]|\.\.|\[\*\]|\.\*|\[([\w$@-]+)\]""")


@functools.lru_cache(500)
def steps(path: str) -> tuple[Any, ...]:
    """Where a path leads, step by step: names and numbers."""
    if not path.startswith("$"):
        fault(f"Invalid JSON path: '{path}'")
    found: list[Any] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if not match or match[0] in ("..", "[*]", ".*"):
            fault(f"Invalid JSON path: '{path}'")
        plain, quoted, number, double, bare = match.groups()
        if number is not None:
            found.append(int(number))
        else:
            name = plain if plain is not None else quoted if quoted is not None else double if double is not None else bare
            found.append(re.sub(r"\\(.)", r"\1", name))
        at = match.end()
    return tuple(found)


_SPACE = re.compile(r"[ \t\r\n]*")


def _at(text: str, path: str) -> Any:
    """What is where a path leads. What comes after that is not looked at, so it need not be JSON."""
    at = 0
    way = steps(path)
    try:
        for step in way:
            at = _enter(text, at, step)
        return decoder.raw_decode(text, _SPACE.match(text, at).end())[0]  # type: ignore[union-attr]
    except (ValueError, IndexError):
        return _MISSING


def _enter(text: str, at: int, step: Any) -> int:
    """Where the value of a name or a number begins in the object or array that begins here; ValueError if there is none."""
    skip = lambda at: _SPACE.match(text, at).end()  # type: ignore[union-attr] # noqa: E731
    at = skip(at)
    opened = text[at]
    if opened not in "{[" or opened == "[" and not (isinstance(step, int) or step.isdigit()):
        raise ValueError(step)
    at, index = skip(at + 1), 0
    while text[at] not in "}]":
        if opened == "{":
            key, at = decoder.raw_decode(text, at)
            at = skip(at)
            if text[at] != ":":
                raise ValueError(step)
            at = skip(at + 1)
            if key == str(step):
                return at
        elif index == int(step):
            return at
        _, at = decoder.raw_decode(text, at)
        at, index = skip(at), index + 1
        if text[at] == ",":
            at = skip(at + 1)
    raise ValueError(step)


@python("json_extract(json, varchar) json", "json_extract(varchar(x), varchar) json")
def json_extract(text: str, path: str) -> str | None:
    found = _at(text, path)
    return None if found is _MISSING else written(found, ordered=False)


@python("json_extract_scalar(json, varchar) varchar", "json_extract_scalar(varchar(x), varchar) varchar(x)")
def json_extract_scalar(text: str, path: str) -> str | None:
    found = _at(text, path)
    if found is _MISSING or found is None or isinstance(found, (list, dict)):
        return None
    return found if isinstance(found, str) else found.text if isinstance(found, Written) else written(found)


@python("json_size(json, varchar) bigint", "json_size(varchar(x), varchar) bigint")
def json_size(text: str, path: str) -> int | None:
    found = _at(text, path)
    return None if found is _MISSING else len(found) if isinstance(found, (list, dict)) else 0


def _read(text: str) -> Any:
    try:
        return parsed(text)
    except ValueError:
        return _MISSING


@python("json_array_length(json) bigint", "json_array_length(varchar(x)) bigint")
def json_array_length(text: str) -> int | None:
    found = _read(text)
    return len(found) if isinstance(found, list) else None


@python("json_array_get(json, bigint) json", "json_array_get(varchar(x), bigint) json")
def json_array_get(text: str, index: int) -> str | None:
    found = _read(text)
    if not isinstance(found, list) or not -len(found) <= index < len(found):
        return None
    value = found[index]
    # A text comes without its quotes: long known, and kept.
    return value if isinstance(value, str) else written(value)


def _contains(text: str, test: Any) -> bool | None:
    found = _read(text)
    return any(map(test, found)) if isinstance(found, list) else None


@python("json_array_contains(json, boolean) boolean", "json_array_contains(varchar(x), boolean) boolean")
def json_contains_boolean(text: str, value: bool) -> bool | None:
    return _contains(text, lambda each: isinstance(each, bool) and each == value)


@python("json_array_contains(json, bigint) boolean", "json_array_contains(varchar(x), bigint) boolean")
def json_contains_bigint(text: str, value: int) -> bool | None:
    return _contains(text, lambda each: isinstance(each, int) and not isinstance(each, bool) and each == value)


@python("json_array_contains(json, double) boolean", "json_array_contains(varchar(x), double) boolean")
def json_contains_double(text: str, value: float) -> bool | None:
    return _contains(text, lambda each: isinstance(each, (int, float)) and not isinstance(each, bool) and each == value)


@python("json_array_contains(json, varchar) boolean", "json_array_contains(varchar(x), varchar(y)) boolean")
def json_contains_varchar(text: str, value: str) -> bool | None:
    return _contains(text, lambda each: isinstance(each, str) and each == value)


@python("is_json_scalar(json) boolean", "is_json_scalar(varchar(x)) boolean")
def is_json_scalar(text: str) -> bool:
    found = _read(text)
    if found is _MISSING:
        fault(f"Invalid JSON value: {text}")
    return not isinstance(found, (list, dict))


__all__ = ["texts"]
