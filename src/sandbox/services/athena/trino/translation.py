"""What every kind of expression is translated by.

Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any, Callable

from sandbox.services.athena.trino.casts import cast
from sandbox.services.athena.trino.context import Ambiguous, Context
from sandbox.services.athena.trino.syntax import Node
from sandbox.services.athena.trino.types import BOOLEAN, UNKNOWN, Type
from sandbox.services.athena.trino.values import Place, Value


class Translation(Place):
    """Each method translates the kind of node that it is named after."""

    def __init__(self, sql: str) -> None:
        super().__init__(sql)
        self.parameters: list[Node] = []
        self.database = "default"

    def value(self, node: Node, context: Context) -> Value:
        group = context.group
        if group is not None and node.kind in group.kinds and not context.inside:
            found = group.keys.get(self.canon(node, context))
            if found is not None:
                return found
        method: Callable[[Node, Context], Value] | None = getattr(self, f"_do_{node.kind}", None)
        if method is None:
            self.unsupported(node.at, node.kind.upper().replace("_", " "))
        return method(node, context)

    def canon(self, node: Any, context: Context) -> Any:
        """What a piece says, with its columns by where they come from: `a` and `t.a` may be the same."""
        if isinstance(node, (list, tuple)):
            return tuple(self.canon(each, context) for each in node)
        if not isinstance(node, Node):
            return node
        if node.kind in ("name", "field"):
            parts = self.chain(node)
            if parts and parts[0] not in context.lambdas:
                try:
                    found = (context.row or context).find(parts)
                except Ambiguous:
                    found = None
                if found:
                    return ("column", found[0].sql, *parts[found[1] :])
        return (node.kind, *(self.canon(each, context) for each in node.parts.values()))

    def coerced(self, value: Value, target: Type) -> Value:
        return value if value.type == target else cast(value, target)

    def boolean(self, node: Node, context: Context, complaint: Callable[[Type], str]) -> Value:
        found = self.value(node, context)
        if found.type not in (BOOLEAN, UNKNOWN):
            self.fail("TYPE_MISMATCH", node.at, complaint(found.type))
        return cast(found, BOOLEAN)
