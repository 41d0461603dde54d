"""What a query reads: tables, other queries, joins, UNNEST.

Source: trinodb/trino docs/src/main/sphinx/sql/select.md, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.services.athena.trino.calls import Calls
from sandbox.services.athena.trino.casts import cast
from sandbox.services.athena.trino.context import Ambiguous, Context, Field
from sandbox.services.athena.trino.syntax import Node
from sandbox.services.athena.trino.types import BIGINT, BOOLEAN, DOUBLE, Type, becomes, common, engine_type, row
from sandbox.services.athena.trino.values import Value, fresh


class Relation(NamedTuple):
    """What stands in FROM, in the engine's words, and its columns."""

    sql: str
    fields: list[Field]


class Query(NamedTuple):
    """A query in the engine's words, whose columns are c0, c1 …; their names, None where there is none; and their types."""

    sql: str
    columns: list[tuple[str | None, Type]]


class Relations(Calls):
    def query(self, node: Node, outer: Context) -> Query:
        raise NotImplementedError

    def table(self, parts: list[str], node: Node) -> Relation:
        """A table of the catalog."""
        raise NotImplementedError

    def sources(self, nodes: list[Node], outer: Context) -> Relation:
        found: Relation | None = None
        for each in nodes:
            found = self.relation(each, outer) if found is None else self._joined(found, each, "CROSS", None, None, each.at, outer)
        return found or Relation("", [])

    def relation(self, node: Node, outer: Context, left: Relation | None = None) -> Relation:
        return getattr(self, f"_from_{node.kind}")(node, outer, left)

    def derived(self, query: Query, lateral: bool = False) -> Relation:
        name = fresh("r")
        fields = [Field(column, f"{name}.c{at}", kind) for at, (column, kind) in enumerate(query.columns)]
        return Relation(f"{'LATERAL ' if lateral else ''}({query.sql}) AS {name}", fields)

    def _from_derived(self, node: Node, outer: Context, left: Relation | None) -> Relation:
        return self.derived(self.query(node.query, outer))

    def _from_lateral(self, node: Node, outer: Context, left: Relation | None) -> Relation:
        return self.derived(self.query(node.query, Context(left.fields if left else [], outer)), lateral=True)

    def _from_nested(self, node: Node, outer: Context, left: Relation | None) -> Relation:
        found = self.relation(node.relation, outer, left)
        return Relation(f"({found.sql})" if node.relation.kind == "join" else found.sql, found.fields)

    def _from_table(self, node: Node, outer: Context, left: Relation | None) -> Relation:
        parts: list[str] = node.parts["name"]
        named = outer.named.get(parts[0]) if len(parts) == 1 else None
        if named is not None:
            own, columns = named
            name = fresh("r")
            return Relation(f"{own} AS {name}", [Field(column, f"{name}.c{at}", kind, (parts[0],), (column or "").startswith("$")) for at, (column, kind) in enumerate(columns)])
        return self.table(parts, node)

    def _from_alias(self, node: Node, outer: Context, left: Relation | None) -> Relation:
        found = self.relation(node.relation, outer, left)
        return Relation(found.sql, self.renamed(found.fields, node))

    def renamed(self, fields: list[Field], node: Node) -> list[Field]:
        name, columns = node.parts["name"], node.columns
        shown = [each for each in fields if not each.hidden]
        if columns is not None:
            if len(columns) != len(shown):
                self.fail("MISMATCHED_COLUMN_ALIASES", node.at, f"Column alias list has {len(columns)} entries but '{name}' has {len(shown)} columns available")
            return [each._replace(name=column, of=(name,)) for each, column in zip(shown, columns)]
        return [each._replace(of=(name,)) for each in fields]

    def _from_sample(self, node: Node, outer: Context, left: Relation | None) -> Relation:
        found = self.relation(node.relation, outer, left)
        share = self.value(node.share, Context([], outer))
        if not becomes(share.type, DOUBLE):
            self.fail("TYPE_MISMATCH", node.share.at, "Sample percentage should be a numeric expression")
        if share.is_literal and not 0 <= float(share.literal) <= 100:
            self.fail("NUMERIC_VALUE_OUT_OF_RANGE", node.share.at, f"Sample percentage must be {'less than or equal to 100' if float(share.literal) > 100 else 'greater than or equal to 0'}")
        name = fresh("r")
        columns = ", ".join(f"{each.sql} AS c{at}" for at, each in enumerate(found.fields))
        fields = [each._replace(sql=f"{name}.c{at}") for at, each in enumerate(found.fields)]
        return Relation(f"(SELECT {columns} FROM {found.sql} WHERE random() * 100 < {cast(share, DOUBLE).sql}) AS {name}", fields)

    # Joins -----------------------------------------------------------------------------------------------------------

    def _from_join(self, node: Node, outer: Context, left: Relation | None) -> Relation:
        return self._joined(self.relation(node.left, outer, left), node.right, node.how, node.on, node.using, node.word_at, outer)

    def _joined(self, left: Relation, right: Node, how: str, on: Node | None, using: list[Node] | None, at: int, outer: Context) -> Relation:
        inner = right.relation if right.kind == "alias" else right
        if inner.kind == "unnest":
            return self._join_unnest(left, right, inner, how, on, at, outer)
        other = self.relation(right, outer, left)
        fields = [*left.fields, *other.fields]
        if how == "CROSS":
            return Relation(f"{left.sql} CROSS JOIN {other.sql}", fields)
        if using is not None:
            return self._using(left, other, how, using, outer)
        assert on is not None
        context = Context(fields, outer).copy(clause="JOIN clause", clause_at=on.at)
        condition = self.boolean(on, context, lambda kind: f"JOIN ON clause must evaluate to a boolean: actual type {kind}")
        return Relation(f"{left.sql} {how} JOIN {other.sql} ON {condition.sql}", fields)

    def _using(self, left: Relation, other: Relation, how: str, using: list[Node], outer: Context) -> Relation:
        conditions, merged, gone = [], [], set()
        for each in using:
            name = each.parts["name"]
            pair = []
            for side, where in ((left, "left"), (other, "right")):
                try:
                    found = Context(side.fields).find([name])
                except Ambiguous:
                    self.fail("AMBIGUOUS_NAME", each.at, f"Column '{name}' is ambiguous")
                if found is None:
                    self.fail("COLUMN_NOT_FOUND", each.at, f"Column '{name}' is missing from {where} side of join")
                pair.append(found[0])
            gone |= {each.sql for each in pair}
            conditions.append(self.compared("=", pair[0].value, pair[1].value, each.at).sql)
            kind = common(pair[0].type, pair[1].type)
            assert kind
            a, b = cast(pair[0].value, kind).sql, cast(pair[1].value, kind).sql
            merged.append(Field(name, {"RIGHT": b, "FULL": f"coalesce({a}, {b})"}.get(how, a), kind))
        rest = [each for each in (*left.fields, *other.fields) if each.sql not in gone]
        return Relation(f"{left.sql} {how} JOIN {other.sql} ON {' AND '.join(conditions)}", [*merged, *rest])

    # UNNEST ----------------------------------------------------------------------------------------------------------

    def _from_unnest(self, node: Node, outer: Context, left: Relation | None) -> Relation:
        return self._unnested(None, node, outer, keeps=False)

    def _join_unnest(self, left: Relation, right: Node, inner: Node, how: str, on: Node | None, at: int, outer: Context) -> Relation:
        if how not in ("CROSS", "INNER", "LEFT") or on is not None and not (on.kind == "boolean" and on.parts["value"]):
            said = f"{how} JOIN involving UNNEST is only supported with condition ON TRUE" if how in ("LEFT", "RIGHT", "FULL", "INNER") else "UNNEST is not supported here"
            self.fail("NOT_SUPPORTED", (on or right).at, said)
        if how in ("RIGHT", "FULL"):
            self.unsupported(at, f"{how} JOIN of UNNEST")
        found = self._unnested(left, inner, outer, keeps=how == "LEFT")
        count = len(left.fields)
        added = found.fields[count:]
        return Relation(found.sql, [*found.fields[:count], *(self.renamed(added, right) if right.kind == "alias" else added)])

    def _unnested(self, left: Relation | None, node: Node, outer: Context, keeps: bool) -> Relation:
        """Rows of arrays and maps beside the row that they are of."""
        context = Context(left.fields if left else [], outer).copy(clause="UNNEST", clause_at=node.at)
        name, inner = fresh("r"), fresh("u")
        lists: list[tuple[str, list[tuple[str | None, Type, str]]]] = []
        for each in node.items:
            value = self.value(each, context)
            at = len(lists)
            if value.type.name == "array":
                of = value.type.args[0]
                columns = [(field, kind, f"({inner}.e{at}).f{index}") for index, (field, kind) in enumerate(of.args)] if of.name == "row" else [(None, of, f"{inner}.e{at}")]
                lists.append((value.sql, columns))
            elif value.type.name == "map":
                key, item = value.type.args
                entries = f"map_entries({value.sql})"
                lists.append((entries, [(None, key, f"({inner}.e{at}).key"), (None, item, f"({inner}.e{at}).value")]))
            elif value.type.name == "unknown":
                lists.append(("CAST([] AS INTEGER[])", [(None, value.type, f"{inner}.e{at}")]))
            else:
                self._no_unnest(value.type)
        longest = f"greatest({', '.join(f'coalesce(len({sql}), 0)' for sql, _ in lists)})" if len(lists) > 1 else f"coalesce(len({lists[0][0]}), 0)"
        kept = [f"{each.sql} AS l{at}" for at, each in enumerate(left.fields)] if left else []
        counts = f"range(1, {'greatest(1, ' + longest + ')' if keeps else longest} + 1)"
        made = [f"unnest({sql}) AS e{at}" for at, (sql, _) in enumerate(lists)] + ([f"unnest({counts}) AS n"] if node.ordinality or keeps else [])
        columns = [f"{inner}.l{at} AS c{at}" for at in range(len(kept))]
        fields = [each._replace(sql=f"{name}.c{at}") for at, each in enumerate(left.fields)] if left else []
        for _, parts in lists:
            for field, kind, sql in parts:
                fields.append(Field(field, f"{name}.c{len(columns)}", kind))
                columns.append(f"{sql} AS c{len(columns)}")
        if node.ordinality:
            number = f"{inner}.n"
            if keeps:
                kept.append(f"{longest} AS m")
                number = f"CASE WHEN {inner}.m > 0 THEN {inner}.n END"
            fields.append(Field(None, f"{name}.c{len(columns)}", BIGINT))
            columns.append(f"{number} AS c{len(columns)}")
        source = f" FROM {left.sql}" if left and left.sql else ""
        return Relation(f"(SELECT {', '.join(columns)} FROM (SELECT {', '.join([*kept, *made])}{source}) AS {inner}) AS {name}", fields)

    def _no_unnest(self, kind: Type) -> None:
        from sandbox.kernel.engine import Refusal

        raise Refusal("INVALID_FUNCTION_ARGUMENT", f"Cannot unnest type: {kind}")

    # Queries within expressions --------------------------------------------------------------------------------------

    def _inner(self, node: Node, context: Context) -> Query:
        return self.query(node, Context([], context))

    def _do_subquery(self, node: Node, context: Context) -> Value:
        found = self._inner(node.query, context)
        name = fresh("r")
        if len(found.columns) == 1:
            return Value(f"(SELECT {name}.c0 FROM ({found.sql}) AS {name})", found.columns[0][1])
        fields = ", ".join(f"f{at} := {name}.c{at}" for at in range(len(found.columns)))
        return Value(f"(SELECT struct_pack({fields}) FROM ({found.sql}) AS {name})", row(*found.columns))

    def _do_exists(self, node: Node, context: Context) -> Value:
        return Value(f"EXISTS ({self._inner(node.query, context).sql})", BOOLEAN)

    def _do_in_query(self, node: Node, context: Context) -> Value:
        return self._quantified(node, self.value(node.parts["value"], context), "=", "ANY", context)

    def _do_quantified(self, node: Node, context: Context) -> Value:
        return self._quantified(node, self.value(node.left, context), node.operator, "ANY" if node.how == "SOME" else node.how, context)

    def _quantified(self, node: Node, value: Value, operator: str, how: str, context: Context) -> Value:
        found = self._inner(node.query, context)
        name = fresh("r")
        kinds = [kind for _, kind in found.columns]
        single = kinds[0] if len(kinds) == 1 else row(*((None, kind) for kind in kinds))
        if node.kind == "in_query" and len(kinds) > 1 and value.type.name != "row":
            self.fail("TYPE_MISMATCH", node.at, f"Value expression and result of subquery must be of the same type: {value.type} vs {single}")
        kind = common(value.type, single)
        if kind is None:
            mine = value.type if value.type.name == "row" else row((None, value.type))
            self.fail("TYPE_MISMATCH", node.at, f"Value expression and result of subquery must be of the same type: {mine} vs {row(*found.columns)}")
        inner = f"{name}.c0" if len(kinds) == 1 else f"struct_pack({', '.join(f'f{at} := {name}.c{at}' for at in range(len(kinds)))})"
        left, right = cast(value, kind).sql, cast(Value(inner, single), kind).sql
        if kind.name == "timestamp with time zone":
            left, right = f"({left}).t", f"({right}).t"
        if kind.name in ("row", "array", "map") and operator == "=" and how == "ANY":
            same = self.compared("=", Value(left, kind), Value(right, kind), node.at).sql
            return Value(f"(SELECT CASE WHEN coalesce(bool_or({same}), false) THEN true WHEN count(*) FILTER (WHERE {same} IS NULL) > 0 THEN NULL ELSE false END FROM ({found.sql}) AS {name})", BOOLEAN)
        return Value(f"({left} {operator} {how} (SELECT {right} FROM ({found.sql}) AS {name}))", BOOLEAN)


__all__: list[Any] = ["Relation", "Query", "Relations", "engine_type"]
