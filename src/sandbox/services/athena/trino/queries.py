"""Whole queries: SELECT with its groups, windows and order; VALUES, UNION and their like; WITH.

Source: trinodb/trino docs/src/main/sphinx/sql/select.md, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import itertools
from typing import Any

from sandbox.services.athena.trino import library
from sandbox.services.athena.trino.casts import cast
from sandbox.services.athena.trino.calls import sortable
from sandbox.services.athena.trino.context import Context, Field, Group
from sandbox.services.athena.trino.relations import Query, Relation, Relations
from sandbox.services.athena.trino.syntax import Node
from sandbox.services.athena.trino.types import INTEGER, UNKNOWN, Type, common, is_comparable, is_orderable, row
from sandbox.services.athena.trino.values import Value, fresh, null

_QUERIES = ("query", "subquery", "exists", "in_query", "quantified")


def aggregates(node: Node) -> bool:
    """Whether an expression asks something of a group."""
    if node.kind in ("subquery", "exists", "query"):
        return False
    if node.kind == "grouping":
        return True
    if node.kind == "call" and node.parts["over"] is None:
        known = library.functions.get(node.parts["name"])
        if known and known[0].aggregate:
            return True
    return any(map(aggregates, node.children()))


class Queries(Relations):
    def query(self, node: Node, outer: Context) -> Query:
        outer = Context(outer.fields, outer.outer, dict(outer.named)).copy(**{key: value for key, value in outer.__dict__.items() if key not in ("fields", "outer", "named")}) if node.named else outer
        prefix = ""
        if node.named:
            prefix, outer = self._with(node.named, outer)
        body = node.body
        while body.kind == "query" and not (body.order or body.limit or body.offset or body.named):
            body = body.body
        if body.kind == "select":
            found = self._select(body, outer, node)
        else:
            found = self._ordered(self._body(body, outer), node, outer)
        return Query(prefix + found.sql, found.columns)

    def _with(self, clause: Node, outer: Context) -> tuple[str, Context]:
        parts, seen = [], set()
        scope = outer.copy(named=dict(outer.named))
        for each in clause.named:
            name = each.parts["name"]
            if name in seen:
                self.fail("DUPLICATE_NAMED_QUERY", each.at, f"WITH query name '{name}' specified more than once")
            seen.add(name)
            own = fresh("w")
            if clause.recursive and self._is_recursive(each):
                parts.append(self._recursive(each, own, scope))
                continue
            found = self.query(each.query, Context([], scope.outer, scope.named))
            columns = found.columns
            if each.columns is not None:
                if len(each.columns) != len(columns):
                    self.fail("MISMATCHED_COLUMN_ALIASES", each.at, f"Column alias list has {len(each.columns)} entries but WITH query({name}) has {len(columns)} columns")
                columns = [(given, kind) for given, (_, kind) in zip(each.columns, columns)]
            scope.named[name] = (own, columns)
            parts.append(f"{own} AS ({found.sql})")
        recursive = "RECURSIVE " if clause.recursive else ""
        return f"WITH {recursive}{', '.join(parts)} ", scope

    def _is_recursive(self, named: Node) -> bool:
        def mentions(node: Node) -> bool:
            return node.kind == "table" and node.parts["name"] == [named.parts["name"]] or any(map(mentions, node.children()))

        return mentions(named.query)

    def _recursive(self, named: Node, own: str, scope: Context) -> str:
        body = named.query.body
        if body.kind != "set" or body.what != "UNION":
            self.fail("NOT_SUPPORTED", named.at, "Recursive query is only supported as UNION of a first query and one that names itself")
        first = self._body(body.left, scope)
        if named.columns is None:
            self.fail("MISSING_COLUMN_ALIASES", named.at, "missing column aliases in recursive query")
        if len(named.columns) != len(first.columns):
            self.fail("MISMATCHED_COLUMN_ALIASES", named.at, f"Column alias list has {len(named.columns)} entries but WITH query({named.parts['name']}) has {len(first.columns)} columns")
        columns = [(given, kind) for given, (_, kind) in zip(named.columns, first.columns)]
        if body.right.kind != "select":
            self.unsupported(body.right.at, "a recursive query whose step is no plain SELECT")
        scope.named[named.parts["name"]] = (own, [*columns, ("$depth", INTEGER)])
        deeper = Node("call", body.right.at, name="$deeper", path=[], args=[Node("name", body.right.at, name="$depth")], distinct=False, order=[], star=False, within=None, filter=None, nulls=None, over=None)
        step = self._select(Node("select", body.right.at, **{**body.right.parts, "items": [*body.right.items, Node("item", body.right.at, value=deeper, name=None)]}), scope, None)
        for at, ((_, a), (_, b)) in enumerate(zip(first.columns, step.columns)):
            if common(a, b) != a:
                self.fail("TYPE_MISMATCH", body.right.at, f"recursion step relation output type ({b}) is not coercible to recursion base relation output type ({a}) at column {at + 1}")
        scope.named[named.parts["name"]] = (own, columns)
        converted = self._converted(step, [*(kind for _, kind in columns), INTEGER])
        names = ", ".join(f"c{at}" for at in range(len(columns) + 1))
        return f"{own}({names}) AS (SELECT *, CAST(0 AS INTEGER) FROM ({first.sql}) UNION {'ALL ' if body.all else ''}{converted})"

    # Bodies that are no SELECT ---------------------------------------------------------------------------------------

    def _body(self, node: Node, outer: Context) -> Query:
        if node.kind == "select":
            return self._select(node, outer, None)
        if node.kind == "query":
            return self.query(node, outer)
        if node.kind == "values":
            return self._values(node, outer)
        if node.kind == "set":
            return self._set(node, outer)
        relation = self._from_table(Node("table", node.at, name=node.parts["name"]), outer, None)
        shown = [each for each in relation.fields if not each.hidden]
        return Query(f"SELECT {', '.join(f'{each.sql} AS c{at}' for at, each in enumerate(shown))} FROM {relation.sql}", [(each.name, each.type) for each in shown])

    def _values(self, node: Node, outer: Context) -> Query:
        context = Context([], outer)
        rows: list[list[Value]] = []
        for each in node.rows:
            if each.kind == "row":
                rows.append([self.value(item, context) for item in each.items])
                continue
            value = self.value(each, context)
            rows.append([Value(f"({value.sql}).f{at}", kind) for at, (_, kind) in enumerate(value.type.args)] if value.type.name == "row" else [value])
        kinds: list[Type] = [UNKNOWN] * len(rows[0])
        whole = lambda values: str(row(*((None, each.type) for each in values)))  # noqa: E731
        for each in rows:
            merged = [common(kind, value.type) for kind, value in zip(kinds, each)]
            if len(each) != len(kinds) or None in merged:
                self.fail("TYPE_MISMATCH", node.at, f"Values rows have mismatched types: {whole(rows[0])} vs {whole(each)}")
            kinds = [kind for kind in merged if kind is not None]
        lines = ", ".join("(" + ", ".join(cast(value, kind).sql for value, kind in zip(each, kinds)) + ")" for each in rows)
        name = fresh("r")
        names = ", ".join(f"c{at}" for at in range(len(kinds)))
        return Query(f"SELECT {names} FROM (VALUES {lines}) AS {name}({names})", [(None, kind) for kind in kinds])

    def _set(self, node: Node, outer: Context) -> Query:
        left, right = self._body(node.left, outer), self._body(node.right, outer)
        if len(left.columns) != len(right.columns):
            self.fail("TYPE_MISMATCH", node.at, f"{node.what} query has different number of fields: {len(left.columns)}, {len(right.columns)}")
        kinds = []
        for at, ((_, a), (_, b)) in enumerate(zip(left.columns, right.columns)):
            kind = common(a, b)
            if kind is None:
                self.fail("TYPE_MISMATCH", node.at, f"column {at + 1} in {node.what} query has incompatible types: {a}, {b}")
            if not (node.all and node.what == "UNION") and not is_comparable(kind):
                self.fail("TYPE_MISMATCH", node.at, f"Type {kind} is not comparable and therefore cannot be used in {node.what}")
            kinds.append(kind)
        sides = [self._converted(each, kinds) for each in (left, right)]
        return Query(f"(SELECT * FROM ({sides[0]})) {node.what}{' ALL' if node.all else ''} (SELECT * FROM ({sides[1]}))", [(name, kind) for (name, _), kind in zip(left.columns, kinds)])

    def _converted(self, query: Query, kinds: list[Type]) -> str:
        if all(have == want for (_, have), want in zip(query.columns, kinds)):
            return query.sql
        name = fresh("r")
        columns = ", ".join(f"{cast(Value(f'{name}.c{at}', have), want).sql} AS c{at}" for at, ((_, have), want) in enumerate(zip(query.columns, kinds)))
        return f"SELECT {columns} FROM ({query.sql}) AS {name}"

    def _ordered(self, query: Query, node: Node, outer: Context) -> Query:
        """A query that is no SELECT, in the order that it asks for."""
        if not (node.order or node.limit or node.offset):
            return query
        name = fresh("r")
        fields = [Field(column, f"{name}.c{at}", kind) for at, (column, kind) in enumerate(query.columns)]
        context = Context(fields, outer)
        outputs = [each.value for each in fields]
        sorts = [(self._sort(each, context, outputs), each) for each in node.order]
        columns = ", ".join(f"c{at}" for at in range(len(fields)))
        return Query(self._limited(f"SELECT * FROM ({query.sql}) AS {name}", columns, [(sortable(value), self.direction(sort)) for value, sort in sorts], node, name), query.columns)

    def _sort(self, sort: Node, context: Context, outputs: list[Value]) -> Value:
        node = sort.parts["value"]
        if node.kind == "integer":
            if not 1 <= node.parts["value"] <= len(outputs):
                self.fail("INVALID_COLUMN_REFERENCE", node.at, f"ORDER BY position {node.parts['value']} is not in select list")
            value = outputs[node.parts["value"] - 1]
        else:
            value = self.value(node, context)
        if not is_orderable(value.type):
            self.fail("TYPE_MISMATCH", node.at, f"Type {value.type} is not orderable, and therefore cannot be used in ORDER BY: {self._source(node)}")
        return value

    def _limited(self, core: str, columns: str, sorts: list[tuple[str, str]], node: Node, alias: str) -> str:
        order = ", ".join(sql + how for sql, how in sorts)
        limit = self._number(node.limit) if node.limit is not None and node.limit.kind != "all" else None
        offset = self._number(node.offset) if node.offset is not None else 0
        if node.ties and limit is not None:
            numbered = f"SELECT *, rank() OVER (ORDER BY {order}) AS place, row_number() OVER (ORDER BY {order}) AS number FROM ({core}) AS {alias}"
            if offset:
                numbered = f"SELECT *, rank() OVER (ORDER BY {order}) AS place FROM (SELECT * FROM ({core}) AS {alias} ORDER BY {order} OFFSET {offset}) AS {alias}"
            return f"SELECT {columns} FROM ({numbered}) AS {alias} WHERE place <= {limit} ORDER BY {order}"
        tail = (f" ORDER BY {order}" if order else "") + (f" LIMIT {limit}" if limit is not None else "") + (f" OFFSET {offset}" if offset else "")
        return f"SELECT {columns} FROM ({core}) AS {alias}{tail}"

    def _number(self, node: Node) -> int:
        found = self.value(node, Context([])).literal
        if not isinstance(found, int):
            self.fail("TYPE_MISMATCH", node.at, "Non constant parameter value for LIMIT")
        return found

    # SELECT ----------------------------------------------------------------------------------------------------------

    def _select(self, node: Node, outer: Context, around: Node | None) -> Query:
        source = self.sources(node.sources, outer)
        context = Context(source.fields, outer)
        for each in node.windows:
            if each.parts["name"] in context.windows:
                self.fail("DUPLICATE_WINDOW_NAME", each.at, f"WINDOW name '{each.parts['name']}' specified more than once")
            context.windows[each.parts["name"]] = each.window
        where = ""
        if node.where is not None:
            said = lambda kind: f"WHERE clause must evaluate to a boolean: actual type {kind}"  # noqa: E731
            where = f" WHERE {self.boolean(node.where, context.copy(clause='WHERE clause', clause_at=node.where.at), said).sql}"
        order = around.order if around is not None else []
        items = [each.parts["value"] for each in node.items if each.kind == "item"]
        grouped = node.group is not None or node.having is not None or any(map(aggregates, [*items, *(each.parts["value"] for each in order)]))
        if grouped:
            return self._grouped(node, source, context, where, around)
        core_from = (f" FROM {source.sql}" if source.sql else "") + where
        values = self._items(node, context)
        return self._finished(node, values, context, core_from, around)

    def _items(self, node: Node, context: Context) -> list[tuple[str | None, Value]]:
        values: list[tuple[str | None, Value]] = []
        for each in node.items:
            if each.kind == "star":
                values += self._star(each, context)
                continue
            inner = each.parts["value"]
            name = each.parts["name"] or ((self.chain(inner) or [None])[-1] if inner.kind in ("name", "field") else None)
            values.append((name, self.value(inner, context)))
        return values

    def _star(self, node: Node, context: Context) -> list[tuple[str | None, Value]]:
        source = context.row or context
        if node.of is None:
            if not source.fields:
                self.fail("COLUMN_NOT_FOUND", node.at, "SELECT * not allowed in queries without FROM clause")
            chosen = [each for each in source.fields if not each.hidden]
        else:
            parts = self.chain(node.of)
            chosen = [each for each in source.fields if parts and each.of[-len(parts) :] == tuple(parts) and not each.hidden]
            if not chosen:
                at = context.outer
                while parts and not chosen and at is not None:
                    chosen = [each for each in at.fields if each.of[-len(parts) :] == tuple(parts)]
                    at = at.outer
            if not chosen:
                if parts and len(parts) == 1 and context.find(parts) is None:
                    self.fail("TABLE_NOT_FOUND", node.of.at, f"Unable to resolve reference {'.'.join(parts)}")
                value = self.value(node.of, context)
                if value.type.name != "row":
                    self.fail("TYPE_MISMATCH", node.of.at, "expected expression of type Row")
                names = node.columns or [name for name, _ in value.type.args]
                return [(name, Value(f"({value.sql}).f{at}", kind)) for at, (name, (_, kind)) in enumerate(zip(names, value.type.args))]
        names = node.columns
        if names is not None and len(names) != len(chosen):
            self.fail("MISMATCHED_COLUMN_ALIASES", node.at, f"Column alias list has {len(names)} entries but relation has {len(chosen)} columns")
        return [((names[at] if names else each.name), self._field_value(each, context, node)) for at, each in enumerate(chosen)]

    def _field_value(self, field: Field, context: Context, node: Node) -> Value:
        if context.group is None:
            return field.value
        key = context.group.keys.get(("column", field.sql))
        if key is None:
            self.fail("EXPRESSION_NOT_AGGREGATE", node.at, f"'{'.'.join([*field.of[-1:], field.name or ''])}' must be an aggregate expression or appear in GROUP BY clause")
        return key

    def _finished(self, node: Node, values: list[tuple[str | None, Value]], context: Context, source: str, around: Node | None) -> Query:
        columns = [(name, value.type) for name, value in values]
        for name, value in values:
            if node.distinct and not is_comparable(value.type):
                self.fail("TYPE_MISMATCH", node.at, f"DISTINCT can only be applied to comparable types (actual: {value.type})")
        chosen = [f"{value.sql} AS c{at}" for at, (_, value) in enumerate(values)]
        distinct = "DISTINCT " if node.distinct else ""
        if around is None or not (around.order or around.limit or around.offset):
            return Query(f"SELECT {distinct}{', '.join(chosen)}{source}", columns)
        aliases: dict[str, list[Value]] = {}
        for name, value in values:
            if name is not None:
                aliases.setdefault(name, []).append(value)
        scope = context.copy(aliases=aliases)
        outputs = [value for _, value in values]
        known = {value.sql: f"c{at}" for at, (_, value) in reversed(list(enumerate(values)))}
        alias = fresh("q")
        sorts, extra = [], []
        for sort in around.order:
            value = self._sort(sort, scope, outputs)
            if value.sql in known:
                sql = f"{alias}.{known[value.sql]}"
            else:
                if node.distinct:
                    self.fail("EXPRESSION_NOT_IN_DISTINCT", node.at, "For SELECT DISTINCT, ORDER BY expressions must appear in select list")
                sql = f"{alias}.o{len(extra)}"
                extra.append(f"{value.sql} AS o{len(extra)}")
            sorts.append((sortable(Value(sql, value.type)), self.direction(sort)))
        core = f"SELECT {distinct}{', '.join([*chosen, *extra])}{source}"
        return Query(self._limited(core, ", ".join(f"c{at}" for at in range(len(values))), sorts, around, alias), columns)

    # GROUP BY --------------------------------------------------------------------------------------------------------

    def _grouped(self, node: Node, source: Relation, context: Context, where: str, around: Node | None) -> Query:
        group = Group(fresh("g"))
        group.has_clause = node.group is not None
        after = context.copy(group=group, row=context)
        keys: list[tuple[Any, Value]] = []
        sets = self._sets(node.group, node, context, keys) if node.group is not None else [[]]
        for at, (canon, value) in enumerate(keys):
            group.keys[canon] = Value(f"{group.alias}.k{at}", value.type)
            group.key_sql[canon] = self._groupable(value)
            group.kinds.add(canon[0] if canon[0] != "column" else "name")
        having = ""
        if node.having is not None:
            said = lambda kind: f"HAVING clause must evaluate to a boolean: actual type {kind}"  # noqa: E731
            having = f" WHERE {self.boolean(node.having, after.copy(window=None), said).sql}"
        values = self._items(node, after)
        # What it sorts by may ask for aggregates too, so the grouping is written after that.
        marker = fresh("from_group_")
        finished = self._finished(node, values, after, f" FROM {marker}{having}", around)
        columns = [f"{self._key_column(value)} AS k{at}" for at, (_, value) in enumerate(keys)]
        columns += [f"{sql} AS a{at}" for at, sql in enumerate(group.columns)]
        texts = [self._groupable(value) for _, value in keys]
        if node.group is None:
            clause = ""
        elif len(sets) == 1 and sets[0]:
            clause = f" GROUP BY {', '.join(texts[at] for at in sets[0])}"
        else:
            clause = f" GROUP BY GROUPING SETS ({', '.join('(' + ', '.join(texts[at] for at in each) + ')' for each in sets)})"
        inner = f"SELECT {', '.join(columns) or '1 AS nothing'}{f' FROM {source.sql}' if source.sql else ''}{where}{clause}"
        return Query(finished.sql.replace(marker, f"({inner}) AS {group.alias}"), finished.columns)

    def _groupable(self, value: Value) -> str:
        return f"({value.sql}).t" if value.type.name == "timestamp with time zone" else value.sql

    def _key_column(self, value: Value) -> str:
        return f"any_value({value.sql})" if value.type.name == "timestamp with time zone" else value.sql

    def _sets(self, group: Node, select: Node, context: Context, keys: list[tuple[Any, Value]]) -> list[list[int]]:
        """The sets of keys to group by, as indexes of the keys."""
        row_context = context.copy(clause="GROUP BY clause", clause_at=group.at)

        def key(item: Node, plain: bool) -> int:
            node = item
            if item.kind == "integer" and plain:
                stars = any(each.kind == "star" for each in select.items)
                count = len(select.items)
                if stars:
                    expanded = self._expanded(select, context)
                    if not 1 <= item.parts["value"] <= len(expanded):
                        self.fail("INVALID_COLUMN_REFERENCE", item.at, f"GROUP BY position {item.parts['value']} is not in select list")
                    node = expanded[item.parts["value"] - 1]
                else:
                    if not 1 <= item.parts["value"] <= count:
                        self.fail("INVALID_COLUMN_REFERENCE", item.at, f"GROUP BY position {item.parts['value']} is not in select list")
                    node = select.items[item.parts["value"] - 1].parts["value"]
            elif not plain and node.kind not in ("name", "field"):
                self.fail("INVALID_COLUMN_REFERENCE", select.group.at, f"GROUP BY expression must be a column reference: {self._source(node)}")
            if isinstance(node, Field):
                value, canon = node.value, ("column", node.sql)
            else:
                value, canon = self.value(node, row_context), self.canon(node, context)
            if not is_comparable(value.type):
                self.fail("TYPE_MISMATCH", item.at, f"{value.type} is not comparable, and therefore cannot be used in GROUP BY")
            for at, (known, _) in enumerate(keys):
                if known == canon:
                    return at
            keys.append((canon, value))
            return len(keys) - 1

        choices: list[list[list[int]]] = []
        for element in group.elements:
            if element.kind == "simple":
                choices.append([[key(each, True) for each in element.items]])
                continue
            parts = [[key(each, False) for each in one] for one in element.sets]
            if element.kind == "rollup":
                choices.append([sum(parts[:count], []) for count in range(len(parts), -1, -1)])
            elif element.kind == "cube":
                choices.append([sum(one, []) for count in range(len(parts), -1, -1) for one in map(list, itertools.combinations(parts, count))])
            else:
                choices.append(parts)
        found = [list(dict.fromkeys(sum(one, []))) for one in map(list, itertools.product(*choices))]
        if group.distinct:
            found = [list(each) for each in dict.fromkeys(tuple(sorted(one)) for one in found)]
        return found

    def _expanded(self, select: Node, context: Context) -> list[Any]:
        expanded: list[Any] = []
        for each in select.items:
            if each.kind == "star":
                expanded += [field for field in context.fields if not field.hidden and (each.of is None or field.of[-1:] == (self.chain(each.of) or [""])[-1:] or field.of[-1:] == tuple((self.chain(each.of) or [""])[-1:]))]
            else:
                expanded.append(each.parts["value"])
        return expanded


__all__ = ["Queries", "aggregates", "null"]
