"""A typed piece of SQL in the engine's words, and what every translation of one uses.

Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import itertools
import re
from typing import Any, Callable, NamedTuple, NoReturn

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.syntax import place
from sandbox.services.athena.trino.types import UNKNOWN, Type, engine_type

NOTHING = object()


class Value(NamedTuple):
    """SQL of the engine's, Trino's type of it, and what it is if the query says it outright."""

    sql: str
    type: Type
    literal: Any = NOTHING

    @property
    def is_literal(self) -> bool:
        return self.literal is not NOTHING


def quoted(text: str) -> str:
    """A text as the engine's SQL writes it."""
    if "\0" in text:
        return " || ".join("chr(0)" if not each else f"'{each}'" for each in text.replace("'", "''").replace("\0", "\1\0\1").split("\1") if each).replace("'\0'", "chr(0)")
    return "'" + text.replace("'", "''") + "'"


def null(kind: Type = UNKNOWN) -> Value:
    return Value(f"CAST(NULL AS {engine_type(kind)})", kind)


_counter = itertools.count()


def fresh(prefix: str) -> str:
    """A name that nothing else has."""
    return f"{prefix}{next(_counter)}"


def let(sql: str, body: Callable[[str], str]) -> str:
    """SQL in which a value occurs more than once, and is computed once."""
    if re.fullmatch(r"[\w.]+", sql):
        return body(sql)
    name = fresh("v")
    return f"list_transform([{sql}], lambda {name}: {body(name)})[1]"


class Fault(Refusal):
    """What a query is refused with while it runs; inside TRY it is a NULL."""


def fault(message: str, code: str = "INVALID_FUNCTION_ARGUMENT") -> NoReturn:
    raise Fault(code, message)


class Place:
    """Says where in the query something is wrong."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def fail(self, code: str, at: int, message: str) -> NoReturn:
        raise Refusal(code, f"{place(self.sql, at)}: {message}")

    def unsupported(self, at: int, what: str) -> NoReturn:
        raise Refusal("NOT_SUPPORTED", f"{place(self.sql, at)}: The sandbox's Athena does not run {what}, which AWS's does.")
