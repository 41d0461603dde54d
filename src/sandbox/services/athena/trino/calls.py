"""Calls of functions: which one is meant, what it is given, and the forms that are functions in name only.

Source: trinodb/trino docs/src/main/sphinx/functions/list.md, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/functions/lambda.md, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

from sandbox.services.athena.trino import library
from sandbox.services.athena.trino.casts import cast
from sandbox.services.athena.trino.context import Context
from sandbox.services.athena.trino.functions.strings import format_call
from sandbox.services.athena.trino.library import Bindings, Match, bind, resolved
from sandbox.services.athena.trino.scalars import Scalars, tried
from sandbox.services.athena.trino.syntax import Node, malformed
from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.types import BIGINT, INTEGER, NUMBERS, UNBOUNDED, UNKNOWN, VARCHAR, Type, array, common, is_comparable, is_orderable
from sandbox.services.athena.trino.values import Value, fresh, null, quoted

#: Functions that Trino has and the sandbox does not.
LACKING = frozenset(
    """approx_most_frequent_ classify features learn_classifier learn_libsvm_classifier learn_regressor regress geometry_union st_geometryfromtext st_point
    to_geometry to_spherical_geography bing_tile bing_tile_at line_locate_point great_circle_distance st_distance st_contains st_area st_astext st_x st_y geometry_to_bing_tiles
    render bar color rgb make_set_digest merge_set_digest qdigest_agg tdigest_agg merge value_at_quantile values_at_quantiles quantile_at_value scale_qdigest jaccard_index
    intersection_cardinality hash_counts approx_set empty_approx_set cardinality_ features spooky_hash_v2_32 spooky_hash_v2_64 word_stem
    beta_cdf inverse_beta_cdf t_cdf t_pdf inverse_normal_cdf cosine_distance euclidean_distance dot_product evaluate_classifier_predictions convex_hull_agg""".split()
)


#: Functions that are defined here by more signatures than Trino's.
_SHOWN = {"concat": "concat(E, array(E)) E, concat(array(E)) E, concat(array(E), E) E, concat(char(x), char(y)), concat(varbinary), concat(varchar)"}


#: Functions on text that take char as well, with its blanks.
_OF_CHAR = ("trim", "ltrim", "rtrim", "substr", "substring", "lpad")


class Unfit(Exception):
    """A lambda gives another type than the function wants."""


class Lambda:
    """A lambda with what it takes and gives: `lambda x: …` in the engine's words."""

    def __init__(self, names: list[str], body: Value) -> None:
        self.names, self.body = names, body

    @property
    def sql(self) -> str:
        return f"lambda {', '.join(self.names)}: {self.body.sql}"

    @property
    def type(self) -> Type:
        return self.body.type


class Tail:
    """What stands after an aggregate or a window function, in the engine's words."""

    def __init__(self, distinct: str = "", order: str = "", filter: str = "", over: str = "", nulls: str = "", sorts: list[tuple[Value, str]] | None = None) -> None:
        self.distinct, self.order, self.filter, self.over, self.nulls = distinct, order, filter, over, nulls
        self.sorts = sorts or []

    @property
    def after(self) -> str:
        return self.filter + self.over


class Calls(Scalars):
    def call(self, name: str, arguments: list[Node], node: Node, context: Context) -> Value:
        """A function of Trino's on expressions of the query."""
        given: list[Value | Node] = [each if each.kind == "lambda" else self.value(each, context) for each in arguments]
        return self.applied(name, given, node, context)

    def applied(self, name: str, given: list[Value | Node], node: Node, context: Context, tail: Tail | None = None) -> Value:
        found = library.matches(name, given)
        if len(found) > 1:
            if any(isinstance(each, Value) and each.type == UNKNOWN for each in given) and len({str(each.function.returns.key) for each in found if each.function.returns}) == 1:
                found = found[:1]
            else:
                self.fail("AMBIGUOUS_FUNCTION_CALL", node.at, "Could not choose a best candidate operator. Explicit type casts must be added.")
        if not found and name in _OF_CHAR and any(isinstance(each, Value) and each.type.name == "char" for each in given):
            given = [cast(each, Type("varchar", each.type.args)) if isinstance(each, Value) and each.type.name == "char" else each for each in given]
            found = library.matches(name, given)
        if not found:
            self._none(name, given, node, context)
        match = found[0]
        try:
            values = self._arguments(match, given, context)
        except Unfit:
            self._none(name, given, node, context)
            raise AssertionError from None
        function = match.function
        returns = resolved(function.returns, match.bound) if function.returns is not None else UNKNOWN
        compute: Any = function.compute
        made = compute(values, returns, tail or Tail())
        return made if isinstance(made, Value) else Value(made, returns)

    def _arguments(self, match: Match, given: list[Value | Node], context: Context) -> list[Any]:
        bound: Bindings = match.bound
        # Values first: what a lambda takes is known from them.
        values: list[Any] = [each if isinstance(each, Node) else cast(each, resolved(pattern, bound)) for pattern, each in zip(match.patterns, given)]
        for at, each in enumerate(given):
            if isinstance(each, Node):
                values[at] = self._lambda(each, match.patterns[at], bound, context)
        for at, each in enumerate(given):
            if not isinstance(each, Node) and values[at].type != resolved(match.patterns[at], bound):
                values[at] = cast(values[at], resolved(match.patterns[at], bound))
        return values

    def _lambda(self, node: Node, pattern: Node, bound: Bindings, context: Context) -> Lambda:
        *takes, gives = pattern.args
        names = [fresh("l") for _ in node.names]
        lambdas = {**context.lambdas, **{name: Value(own, resolved(kind, bound)) for name, own, kind in zip(node.names, names, takes)}}
        body = self.value(node.body, context.copy(lambdas=lambdas))
        if not bind(gives, body.type, bound):
            raise Unfit
        target = resolved(gives, bound)
        return Lambda(names, cast(body, target) if body.type != target else body)

    def _none(self, name: str, given: list[Value | Node], node: Node, context: Context) -> None:
        known = library.functions.get(name)
        if not known:
            if name in LACKING:
                self.unsupported(node.at, f"the function '{name}'")
            self.fail("FUNCTION_NOT_FOUND", node.at, f"Function '{name}' not registered")
        for each in given:
            if isinstance(each, Node):
                counts = {len(pattern.args) - 1 for one in known for pattern in (one.parameters_for(len(given)) or []) if pattern.kind == "type" and pattern.name == "function"}
                if counts and len(each.names) not in counts:
                    self.fail("INVALID_PARAMETER_USAGE", each.at, f"Expected a lambda that takes {min(counts)} argument(s) but got {len(each.names)}")
        kinds = ", ".join("<function>" if isinstance(each, Node) else str(each.type) for each in given)
        self.fail("FUNCTION_NOT_FOUND", node.at, f"Unexpected parameters ({kinds}) for function {name}. Expected: {_SHOWN.get(name) or ', '.join(sorted({each.shown for each in known}))}")

    # Calls as they are written ---------------------------------------------------------------------------------------

    def _do_call(self, node: Node, context: Context) -> Value:
        name, arguments = node.parts["name"], node.args
        special = getattr(self, f"_call_{name}", None)
        if special and not node.star:
            return special(node, context)
        known = library.functions.get(name)
        if not known:
            if name in LACKING:
                self.unsupported(node.at, f"the function '{name}'")
            for each in arguments:
                if each.kind != "lambda" and context.group is None:
                    self.value(each, context)
            self.fail("FUNCTION_NOT_FOUND", node.at, f"Function '{name}' not registered")
        if node.parts["over"] is not None:
            return self._windowed(node, context)
        if known[0].window:
            self.fail("MISSING_OVER", node.at, f"Window function system.builtin.{name} requires an OVER clause")
        if known[0].aggregate:
            return self._aggregated(node, context)
        if node.star or node.distinct or node.order or node.parts["filter"]:
            if node.distinct:
                self.fail("NOT_SUPPORTED", node.at, "DISTINCT is not supported for non-aggregation functions")
            self.fail("FUNCTION_NOT_AGGREGATE", node.at, f"{'Filter' if node.parts['filter'] else 'ORDER BY'} is only valid for aggregation functions")
        return self.call(name, arguments, node, context)

    def _aggregated(self, node: Node, context: Context) -> Value:
        name = node.parts["name"]
        if context.inside:
            self.fail("NESTED_AGGREGATION", context.inside_at if hasattr(context, "inside_at") else node.at, f"Cannot nest aggregations inside aggregation '{context.inside}': [{self.text(node)}]")
        if context.clause:
            self.fail("EXPRESSION_NOT_SCALAR", context.clause_at if hasattr(context, "clause_at") else node.at, f"{context.clause} cannot contain aggregations, window functions or grouping operations: [{self.text(node)}]")
        if context.group is None:
            self.fail("EXPRESSION_NOT_SCALAR", node.at, f"An aggregation is not possible here: [{self.text(node)}]")
        inner = (context.row or context).copy(inside=name, group=None, lambdas={**context.lambdas})
        inner.__dict__["inside_at"] = node.at
        value = self._with_tail(node, inner, "")
        return context.group.aggregate(value.sql, value.type)

    def _with_tail(self, node: Node, context: Context, over: str) -> Value:
        name = node.parts["name"]
        arguments = [each if each.kind == "lambda" else self.value(each, context) for each in node.args]
        if node.star:
            if name != "count":
                self.fail("FUNCTION_NOT_FOUND", node.at, f"Unexpected parameters () for function {name}. Expected: {', '.join(sorted(each.shown for each in library.functions[name]))}")
            arguments = []
        order = node.order or node.parts["within"] or []
        for each in order:
            if not is_orderable(self.value(each.parts["value"], context).type):
                self.fail("TYPE_MISMATCH", each.at, "ORDER BY can only be applied to orderable types")
        if node.distinct and arguments and not is_comparable(arguments[0].type):
            self.fail("TYPE_MISMATCH", node.at, f"DISTINCT can only be applied to comparable types (actual: {arguments[0].type})")
        if node.distinct and order:
            keys = [self.canon(each, context) for each in node.args]
            if any(self.canon(each.parts["value"], context) not in keys for each in order):
                self.fail("EXPRESSION_NOT_IN_DISTINCT", node.at, "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments")
        sorts = [(self.value(each.parts["value"], context), self.direction(each)) for each in order]
        ordered = f" ORDER BY {', '.join(f'{value.sql}{how}' for value, how in sorts)}" if sorts else ""
        condition = ""
        if node.parts["filter"] is not None:
            condition = f" FILTER (WHERE {self.boolean(node.parts['filter'], context, lambda kind: f'Filter expression must evaluate to a boolean (actual: {kind})').sql})"
        nulls = f" {node.nulls} NULLS" if node.nulls == "IGNORE" else ""
        return self.applied(name, arguments, node, context, Tail("DISTINCT " if node.distinct else "", ordered, condition, over, nulls, sorts))

    def direction(self, sort: Node) -> str:
        return f"{' DESC' if sort.descending else ' ASC'} NULLS {sort.nulls or 'LAST'}"

    def _windowed(self, node: Node, context: Context) -> Value:
        name = node.parts["name"]
        known = library.functions[name][0]
        if not (known.aggregate or known.window):
            self.fail("FUNCTION_NOT_WINDOW", node.at, f"Not a window function: {name}")
        if context.inside and not context.group or context.clause:
            if context.clause:
                self.fail("EXPRESSION_NOT_SCALAR", context.__dict__.get("clause_at", node.at), f"{context.clause} cannot contain aggregations, window functions or grouping operations: [{self.text(node)}]")
            self.fail("NESTED_WINDOW" if context.inside == "window" else "NESTED_AGGREGATION", node.at, "Cannot nest window functions inside window function arguments" if context.inside == "window" else f"Cannot nest window functions inside aggregation '{context.inside}': [{self.text(node)}]")
        if context.__dict__.get("window"):
            self.fail("NESTED_WINDOW", node.at, "Cannot nest window functions or row pattern measures inside window function arguments")
        if node.parts["filter"] is not None:
            self.fail("NOT_SUPPORTED", 0, "FILTER is not yet supported for window functions")
        inner = context.copy(window=True)
        window = node.over if isinstance(node.over, Node) else self._named(node.over, context, node)
        over = self.over(window, inner, node)
        if name in ("lag", "lead") and " ORDER BY " not in f" {over[6:]}" and "(ORDER BY " not in over:
            self.fail("MISSING_ORDER_BY", window.at, f"{name} function requires an ORDER BY window clause")
        return self._with_tail(node, inner, over)

    def _named(self, name: str, context: Context, node: Node) -> Node:
        if name not in context.windows:
            self.fail("INVALID_WINDOW_REFERENCE", node.at, f"Cannot resolve WINDOW name {name}")
        return context.windows[name]

    def over(self, window: Node, context: Context, node: Node) -> str:
        partition, order, frame = window.partition, window.order, window.frame
        if window.base:
            base = self._named(window.base, context, node)
            while base.base:
                above = self._named(base.base, context, node)
                base = Node("window", base.at, base=above.base, partition=above.partition or base.partition, order=base.order or above.order, frame=base.frame)
            partition, order, frame = base.partition, order or base.order, frame or base.frame
        parts = []
        if partition:
            parts.append("PARTITION BY " + ", ".join(self.value(each, context).sql for each in partition))
        if order:
            sorts = []
            for each in order:
                value = self.value(each.parts["value"], context)
                if not is_orderable(value.type):
                    self.fail("TYPE_MISMATCH", each.at, f"{value.type} is not orderable, and therefore cannot be used in window function ORDER BY")
                sorts.append(f"{sortable(value, frame)}{self.direction(each)}")
            parts.append("ORDER BY " + ", ".join(sorts))
        if frame:
            parts.append(self._frame(frame, order, context, node))
        return f" OVER ({' '.join(parts)})"

    def _frame(self, frame: Node, order: list[Node], context: Context, node: Node) -> str:
        kind = self.value(order[0].parts["value"], context).type if order else UNKNOWN

        def bound(each: Node) -> str:
            if each.what == "CURRENT ROW":
                return each.what
            if each.value is None:
                return f"UNBOUNDED {each.what}"
            value = self.value(each.value, context)
            if frame.how == "RANGE":
                if not order or len(order) > 1:
                    self.fail("MISSING_ORDER_BY" if not order else "INVALID_ORDER_BY", frame.at, "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY" if not order else "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: %d)" % len(order))
                distance = _distance(value, kind)
                if distance is None:
                    self.fail("TYPE_MISMATCH", each.at, f"Window frame of type RANGE does not match the type of the sort item: {value.type} vs {kind}")
                return f"{distance} {each.what}"
            if not value.type.name in ("integer", "bigint", "smallint", "tinyint"):
                self.fail("TYPE_MISMATCH", each.at, f"Window frame {frame.how} value type must be exact numeric type with scale 0 (actual {value.type})")
            return f"{cast(value, BIGINT).sql} {each.what}"

        start = bound(frame.start)
        until = bound(frame.until) if frame.until else "CURRENT ROW"
        if frame.start.what == "FOLLOWING" and frame.start.value is None:
            self.fail("INVALID_WINDOW_FRAME", frame.at, "Window frame start cannot be UNBOUNDED FOLLOWING")
        if frame.until and frame.until.what == "PRECEDING" and frame.until.value is None:
            self.fail("INVALID_WINDOW_FRAME", frame.at, "Window frame end cannot be UNBOUNDED PRECEDING")
        if frame.start.what == "CURRENT ROW" and frame.until and frame.until.what == "PRECEDING":
            self.fail("INVALID_WINDOW_FRAME", frame.at, "Window frame starting from CURRENT ROW cannot end with PRECEDING")
        if frame.start.what == "FOLLOWING" and (not frame.until or frame.until.what != "FOLLOWING"):
            self.fail("INVALID_WINDOW_FRAME", frame.at, f"Window frame starting from FOLLOWING cannot end with {until.split()[-1] if frame.until and frame.until.what != 'CURRENT ROW' else 'CURRENT ROW'}")
        return f"{frame.how} BETWEEN {start} AND {until}"

    def text(self, node: Node) -> str:
        name = node.parts.get("name", node.kind)
        inner = "*" if node.parts.get("star") else ", ".join(self._source(each) for each in node.parts.get("args", []))
        return f"{name}({inner})"

    def _source(self, node: Node) -> str:
        parts = self.chain(node) if node.kind in ("name", "field") else None
        if parts:
            return ".".join(parts)
        return self.text(node) if node.kind == "call" else str(node.parts.get("value", node.kind))

    # Forms that are functions in name only ---------------------------------------------------------------------------

    def _call_if(self, node: Node, context: Context) -> Value:
        if len(node.args) not in (2, 3):
            raise malformed(self.sql, node.at, "Invalid number of arguments for 'if' function")
        condition = self.boolean(node.args[0], context, lambda kind: f"IF condition must evaluate to a boolean (actual: {kind})")
        values = [self.value(each, context) for each in node.args[1:]]
        kind = common(values[0].type, values[-1].type)
        if kind is None:
            self.fail("TYPE_MISMATCH", node.at, f"Result types for IF must be the same: {values[0].type} vs {values[-1].type}")
        otherwise = cast(values[1], kind).sql if len(values) > 1 else null(kind).sql
        return Value(f"(CASE WHEN {condition.sql} THEN {cast(values[0], kind).sql} ELSE {otherwise} END)", kind)

    def _call_coalesce(self, node: Node, context: Context) -> Value:
        if len(node.args) < 2:
            raise malformed(self.sql, node.at, "The 'coalesce' function must have at least two arguments")
        kind, values = self.unified([self.value(each, context) for each in node.args], node.args, "All COALESCE operands")
        return Value(f"coalesce({', '.join(each.sql for each in values)})", kind)

    def _call_nullif(self, node: Node, context: Context) -> Value:
        if len(node.args) != 2:
            raise malformed(self.sql, node.at, "Invalid number of arguments for 'nullif' function")
        first, second = (self.value(each, context) for each in node.args)
        if common(first.type, second.type) is None:
            self.fail("TYPE_MISMATCH", node.at, f"Types are not comparable with NULLIF: {first.type} vs {second.type}")
        same = self.compared("=", first, second, node.at)
        return Value(f"(CASE WHEN {same.sql} THEN NULL ELSE {first.sql} END)", first.type)

    def _call_try(self, node: Node, context: Context) -> Value:
        if len(node.args) != 1:
            raise malformed(self.sql, node.at, "The 'try' function must have exactly one argument")
        found = self.value(node.args[0], context)
        return Value(tried(found.sql), found.type)

    def _call_typeof(self, node: Node, context: Context) -> Value:
        if len(node.args) != 1:
            self.fail("FUNCTION_NOT_FOUND", node.at, f"Unexpected parameters ({', '.join(str(self.value(each, context).type) for each in node.args)}) for function typeof. Expected: typeof(t)")
        inner = context
        kind = self.value(node.args[0], inner).type
        return Value(quoted(str(kind)), VARCHAR)

    def _call_format(self, node: Node, context: Context) -> Value:
        if len(node.args) < 2:
            raise malformed(self.sql, node.at, "The 'format' function must have at least two arguments")
        values = [self.value(each, context) for each in node.args]
        if values[0].type.name not in ("varchar", "unknown", "char"):
            self.fail("TYPE_MISMATCH", node.args[0].at, f"Type of first argument to format() must be VARCHAR (actual: {values[0].type})")
        return format_call([cast(values[0], VARCHAR), *values[1:]])

    def _call_concat(self, node: Node, context: Context) -> Value:
        if len(node.args) < 2 and (not node.args or self.value(node.args[0], context).type.name in ("varchar", "char", "array", "varbinary", "unknown")):
            raise Refusal("INVALID_FUNCTION_ARGUMENT", "There must be two or more concatenation arguments")
        return self._do_concat(Node("concat", node.at, left=node.args[0], right=node.args[1]), context) if len(node.args) == 2 and not node.over else self.call("concat", node.args, node, context)

    def _do_concat(self, node: Node, context: Context) -> Value:
        given = [self.value(each, context) for each in (node.left, node.right)]
        if given[0].type == UNKNOWN != given[1].type and given[1].type.name != "array" or given[1].type == UNKNOWN != given[0].type and given[0].type.name != "array":
            # Of all that may be meant Trino takes an array's.
            return null(array(given[1].type if given[0].type == UNKNOWN else given[0].type))
        if any(each.type.name == "char" for each in given) and all(each.type.name == "char" or each.type.name == "varchar" and each.type.args[0] != UNBOUNDED for each in given):
            given = [cast(each, Type("char", each.type.args)) for each in given]
        return self.applied("concat", list(given), node, context)

    def _call_concat_ws(self, node: Node, context: Context) -> Value:
        if len(node.args) < 2:
            raise Refusal("INVALID_FUNCTION_ARGUMENT", "There must be two or more arguments")
        return self.call("concat_ws", node.args, node, context)

    def _call_element_at(self, node: Node, context: Context) -> Value:
        if len(node.args) == 2 and node.args[0].kind == "null":
            return null()
        return self.call("element_at", node.args, node, context)

    def _call_now(self, node: Node, context: Context) -> Value:
        if node.args:
            self.fail("FUNCTION_NOT_FOUND", node.at, "Unexpected parameters for function now. Expected: now()")
        return self._do_now(Node("now", node.at, what="CURRENT_TIMESTAMP", digits=None), context)

    def _do_grouping(self, node: Node, context: Context) -> Value:
        if context.group is None or context.row is None:
            self.fail("EXPRESSION_NOT_SCALAR" if context.clause else "MISSING_GROUP_BY", node.at, f"{context.clause} cannot contain aggregations, window functions or grouping operations" if context.clause else "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause")
        if not context.group.has_clause:
            self.fail("MISSING_GROUP_BY", 0, "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause")
        keys = []
        for each in node.items:
            if each.kind == "name" and each.parts["name"] in context.aliases:
                raise Refusal("INVALID_ARGUMENTS", "Invalid reference to output of SELECT clause from grouping() expression in ORDER BY")
            canon = self.canon(each, context)
            if canon not in context.group.key_sql:
                self.fail("INVALID_ARGUMENTS", each.at, "The arguments to GROUPING() must be expressions referenced by the GROUP BY at line 1:1")
            keys.append(context.group.key_sql[canon])
        kind = INTEGER if len(keys) <= 31 else BIGINT
        found = context.group.aggregate(f"GROUPING({', '.join(keys)})", kind)
        return Value(f"CAST({found.sql} AS INTEGER)", kind)

    def _do_lambda(self, node: Node, context: Context) -> Value:
        self.fail("TYPE_MISMATCH", node.at, "Lambda expression should always be used inside a function")


def sortable(value: Value, frame: Node | None = None) -> str:
    if value.type.name == "timestamp with time zone":
        return f"({value.sql}).t"
    return value.sql


def _distance(value: Value, kind: Type) -> str | None:
    """How far a RANGE reaches, as the engine adds it to what it sorts by; None if it cannot be added."""
    times = ("date", "timestamp", "timestamp with time zone")
    if (kind.name in times) != (value.type.name.startswith("interval")) or kind.name not in (*times, *NUMBERS):
        return None
    if value.type.name == "interval day to second":
        micros = f"{value.sql} * 1000"
        return f"({micros})" if kind.name == "timestamp with time zone" else f"to_microseconds({micros})" if kind.name in ("timestamp", "date") else f"({value.sql})"
    if value.type.name == "interval year to month":
        return f"to_months({value.sql})"
    return cast(value, kind).sql if common(value.type, kind) == kind else value.sql


