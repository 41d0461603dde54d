"""Trino's SQL as words and as a tree: what the parser makes and everything after it reads.

Source: trinodb/trino core/trino-grammar/src/main/antlr4/io/trino/grammar/sql/SqlBase.g4, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/language/reserved.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sandbox.kernel.engine import Refusal

#: Words that are no names unless they stand in double quotes.
RESERVED = frozenset(
    """ALTER AND AS AUTO BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA
    CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR
    FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE
    LEFT LIKE LISTAGG LOCALTIME LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE
    THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH""".split()
)

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\r\n]*|/\*.*?\*/)
  | (?P<binary>[xX]'[^']*')
  | (?P<unicode>[uU]&'(?:[^']|'')*')
  | (?P<string>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<backquoted>`(?:[^`]|``)*`)
  | (?P<double>(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)[eE][+-]?\d+)
  | (?P<decimal>\d+(?:_\d+)*\.(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)
  | (?P<radix>0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+)(?![A-Za-z0-9_])
  | (?P<digits>\d+[A-Za-z_]\w*)
  | (?P<integer>\d+)
  | (?P<word>[^\W\d][\w@:]*)
  | (?P<sign><>|!=|<=|>=|->|=>|\|\||[-+*/%=<>()\[\].,;?:|{}])
  | (?P<bad>.)
    """,
    re.X | re.S,
)
_INTEGER = re.compile(r"\d+(?:_\d+)*(?![A-Za-z0-9_])")
_WORD = re.compile(r"[A-Za-z_]\w*")


class Token(NamedTuple):
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """The word in capitals, as keywords are compared; empty if it is none."""
        return self.text.upper() if self.kind == "word" else self.text if self.kind == "sign" else ""


class Node:
    """A piece of a query: what it is, where it stands, and its parts by name."""

    __slots__ = ("kind", "at", "parts", "_key")

    def __init__(self, kind: str, at: int, **parts: Any) -> None:
        self.kind, self.at, self.parts = kind, at, parts
        self._key: Any = None

    def __getattr__(self, name: str) -> Any:
        try:
            return self.parts[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def key(self) -> Any:
        """The same for two pieces that say the same, wherever they stand."""
        if self._key is None:
            self._key = (self.kind, *(_key(each) for name, each in self.parts.items() if name != "end"))
        return self._key

    def children(self) -> list["Node"]:
        found: list[Node] = []
        for each in self.parts.values():
            _collect(each, found)
        return found

    def __repr__(self) -> str:
        return f"{self.kind}({', '.join(f'{k}={v!r}' for k, v in self.parts.items())})"


def _key(value: Any) -> Any:
    if isinstance(value, Node):
        return value.key
    if isinstance(value, (list, tuple)):
        return tuple(_key(each) for each in value)
    return value


def _collect(value: Any, found: list[Node]) -> None:
    if isinstance(value, Node):
        found.append(value)
    elif isinstance(value, (list, tuple)):
        for each in value:
            _collect(each, found)


def place(sql: str, at: int) -> str:
    """Where something stands, as Trino says it."""
    before = sql[:at]
    return f"line {before.count(chr(10)) + 1}:{at - (before.rfind(chr(10)) + 1) + 1}"


def malformed(sql: str, at: int, message: str) -> Refusal:
    return Refusal("MALFORMED_QUERY", f"{place(sql, at)}: {message}")


def tokens_of(sql: str) -> list[Token]:
    """The words of a query, with one at its end that says so."""
    found: list[Token] = []
    at = 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        assert match
        kind, text = match.lastgroup or "bad", match[0]
        if kind == "digits":
            number = _INTEGER.match(sql, at)
            if number:
                kind, text = "integer", number[0]
        elif kind == "integer":
            number = _INTEGER.match(sql, at)
            text = number[0] if number else text
        elif kind == "word":
            plain = _WORD.match(text)
            if plain:
                text = plain[0]
        if kind == "backquoted":
            raise malformed(sql, at, "backquoted identifiers are not supported; use double quotes to quote identifiers")
        if kind == "digits":
            raise malformed(sql, at, "identifiers must not start with a digit; surround the identifier with double quotes")
        if kind != "space":
            found.append(Token(kind, text, at))
        at += len(text)
    found.append(Token("end", "<EOF>", len(sql)))
    return found
