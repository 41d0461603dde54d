"""From a query of Trino's to the engine's: what there is of functions, and the tables that a run gives.

Source: trinodb/trino docs/src/main/sphinx/functions/list.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import time
from typing import Callable

from sandbox.services.athena.trino.context import Context
from sandbox.services.athena.trino.functions import aggregates, arrays, bytes, conditions, dates, json, maps, mathematics, regexps, sequences, strings  # noqa: F401
from sandbox.services.athena.trino.json_paths import JsonPaths
from sandbox.services.athena.trino.parser import parse, parse_expression
from sandbox.services.athena.trino.queries import Queries
from sandbox.services.athena.trino.relations import Query, Relation
from sandbox.services.athena.trino.syntax import Node


class Translation(Queries, JsonPaths):
    """One query's translation."""

    def __init__(self, sql: str, tables: Callable[["Translation", list[str], Node], Relation], database: str = "default", parameters: list[str] | None = None) -> None:
        super().__init__(sql)
        self._tables = tables
        self.database = database
        self.parameters = [parse_expression(each) for each in parameters or []]
        self.now = time.time_ns() // 1_000_000 * 1000

    def table(self, parts: list[str], node: Node) -> Relation:
        return self._tables(self, parts, node)

    def run(self) -> Query:
        tree = parse(self.sql)
        self.holes = sorted(_holes(tree))
        if len(self.holes) != len(self.parameters):
            self.fail("INVALID_PARAMETER_USAGE", 0, f"Incorrect number of parameters: expected {len(self.holes)} but found {len(self.parameters)}")
        return self.query(tree, Context([]))


def _holes(node: Node) -> list[int]:
    return [node.at] if node.kind == "parameter" else [at for each in node.children() for at in _holes(each)]
