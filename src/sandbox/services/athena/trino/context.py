"""Where names are looked up while a query is translated: the columns in sight, those outside, lambdas, groups.

Source: trinodb/trino docs/src/main/sphinx/sql/select.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.services.athena.trino.syntax import Node
from sandbox.services.athena.trino.types import Type
from sandbox.services.athena.trino.values import Value


class Field(NamedTuple):
    """A column in sight."""

    name: str | None
    sql: str
    type: Type
    #: The name of its relation and what stands before it: ("t",), ("db", "t").
    of: tuple[str, ...] = ()
    hidden: bool = False

    @property
    def value(self) -> Value:
        return Value(self.sql, self.type)


class Ambiguous(Exception):
    """More than one column has a name."""


class Group:
    """The keys that rows are grouped by, and the aggregates that are asked of each group."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        #: Whether there is a GROUP BY, or only aggregates.
        self.has_clause = False
        self.keys: dict[Any, Value] = {}
        self.kinds: set[str] = set()
        #: SQL of each column that the grouping gives.
        self.columns: list[str] = []
        #: SQL of a key where it is no key of a set: GROUPING is asked with it.
        self.key_sql: dict[Any, str] = {}

    def aggregate(self, sql: str, kind: Type) -> Value:
        if sql in self.columns:
            name = f"a{self.columns.index(sql)}"
        else:
            name = f"a{len(self.columns)}"
            self.columns.append(sql)
        return Value(f"{self.alias}.{name}", kind)


class Context:
    """What a piece of a query sees."""

    def __init__(self, fields: list[Field], outer: "Context | None" = None, named: dict[str, Any] | None = None) -> None:
        self.fields = fields
        self.outer = outer
        #: WITH queries by name.
        self.named: dict[str, Any] = named if named is not None else (outer.named if outer else {})
        self.lambdas: dict[str, Value] = {}
        self.aliases: dict[str, list[Value]] = {}
        self.group: Group | None = None
        self.row: "Context | None" = None
        self.windows: dict[str, Node] = {}
        #: What forbids aggregates and windows here, in Trino's words.
        self.clause: str | None = None
        #: The aggregate whose argument this is.
        self.inside: str | None = None

    def copy(self, **changes: Any) -> "Context":
        found = Context(self.fields, self.outer, self.named)
        found.__dict__.update(self.__dict__)
        found.__dict__.update(changes)
        return found

    def find(self, parts: list[str]) -> tuple[Field, int] | None:
        """The column that a chain of names means, and how many of the names it takes."""
        for count in range(min(len(parts), 4), 0, -1):
            of, name = tuple(parts[: count - 1]), parts[count - 1]
            found = [each for each in self.fields if each.name == name and (not of or each.of[-len(of) :] == of)]
            if len(found) > 1:
                raise Ambiguous(".".join(parts[:count]))
            if found:
                return found[0], count
        return None

    def knows_relation(self, name: str) -> bool:
        return any(each.of and each.of[-1] == name for each in self.fields)
