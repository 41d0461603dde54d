"""Expressions: from Trino's tree to the engine's SQL, with Trino's type of each.

Source: trinodb/trino docs/src/main/sphinx/functions/conditional.md, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino import times
from sandbox.services.athena.trino.casts import NoCast, can_cast, cast
from sandbox.services.athena.trino.context import Ambiguous, Context
from sandbox.services.athena.trino.literals import Literals
from sandbox.services.athena.trino.operators import Ambiguous as AmbiguousOperator
from sandbox.services.athena.trino.operators import NoOperator, arithmetic, compare, distinct_from
from sandbox.services.athena.trino.python_functions import failing, python_call
from sandbox.services.athena.trino.syntax import Node, place
from sandbox.services.athena.trino.types import (
    BIGINT, BOOLEAN, DAY_TO_SECOND, INTEGERS, NUMBERS, TIMESTAMPS, UNKNOWN, VARCHAR, Type, UnknownType, array, becomes, common, engine_type, is_orderable, timestamp, type_of,
)  # fmt: skip
from sandbox.services.athena.trino.values import Value, let, null

_NOT_HERE = " cannot be resolved or requester is not authorized to access requested resources"


class Scalars(Literals):
    """Each method translates the kind of node that it is named after."""

    # Names -----------------------------------------------------------------------------------------------------------

    def chain(self, node: Node) -> list[str] | None:
        """The names of `a.b.c`."""
        parts: list[str] = []
        while node.kind == "field":
            parts.append(node.parts["name"])
            node = node.parts["value"]
        return [*parts, node.parts["name"]][::-1] if node.kind == "name" else None

    def _do_name(self, node: Node, context: Context) -> Value:
        return self._chain(node, [node.parts["name"]], context)

    def _do_field(self, node: Node, context: Context) -> Value:
        parts = self.chain(node)
        if parts:
            return self._chain(node, parts, context)
        return self._field(self.value(node.parts["value"], context), node.parts["name"], node, None)

    def _chain(self, node: Node, parts: list[str], context: Context) -> Value:
        at: Context | None = context
        while at is not None:
            found = self._found(node, parts, at)
            if found is not None:
                base, count = found
                for index in range(count, len(parts)):
                    base = self._field(base, parts[index], node, ".".join(parts[: index + 1]))
                return base
            at = at.outer
        self.fail("COLUMN_NOT_FOUND", node.at, f"Column '{'.'.join(parts)}'{_NOT_HERE}")

    def _found(self, node: Node, parts: list[str], context: Context) -> tuple[Value, int] | None:
        if parts[0] in context.lambdas:
            return context.lambdas[parts[0]], 1
        aliased = context.aliases.get(parts[0])
        if aliased and len(parts) == 1:
            if len({each.sql for each in aliased}) > 1:
                self.fail("AMBIGUOUS_NAME", node.at, f"Column '{parts[0]}' is ambiguous")
            return aliased[0], 1
        source = context.row or context
        try:
            found = source.find(parts)
        except Ambiguous as problem:
            self.fail("AMBIGUOUS_NAME", node.at, f"Column '{problem}' is ambiguous")
        if found is None:
            return None
        field, count = found
        if context.group is not None and not context.inside:
            for taken in range(len(parts), count - 1, -1):
                key = context.group.keys.get(("column", field.sql, *parts[count:taken]))
                if key is not None:
                    return key, taken
            self.fail("EXPRESSION_NOT_AGGREGATE", node.at, f"'{'.'.join(parts)}' must be an aggregate expression or appear in GROUP BY clause")
        return field.value, count

    def _field(self, base: Value, name: str, node: Node, shown: str | None) -> Value:
        if base.type.name != "row":
            self.fail("TYPE_MISMATCH", node.at, f"Expression {shown.rpartition('.')[0] if shown else ''} is not of type ROW")
        found = [at for at, (each, _) in enumerate(base.type.args) if each == name]
        if len(found) != 1:
            if found:
                self.fail("AMBIGUOUS_NAME", node.at, f"Ambiguous row field reference: {name}")
            self.fail("INVALID_COLUMN_REFERENCE", node.at, f"Column reference '{shown or name}' is invalid")
        return Value(f"({base.sql}).f{found[0]}", base.type.args[found[0]][1])

    def _do_extract(self, node: Node, context: Context) -> Value:
        fields = "YEAR, QUARTER, MONTH, WEEK, DAY, DAY_OF_MONTH, DAY_OF_WEEK, DOW, DAY_OF_YEAR, DOY, YEAR_OF_WEEK, YOW, HOUR, MINUTE, SECOND, TIMEZONE_MINUTE, TIMEZONE_HOUR"
        name = node.field.upper()
        if name not in fields.split(", "):
            raise Refusal("MALFORMED_QUERY", f"{place(self.sql, node.at)}: Invalid EXTRACT field {name}, valid fields are: {fields}")
        kind = self.value(node.parts["value"], context).type
        clock = name in ("HOUR", "MINUTE", "SECOND")
        zone = name.startswith("TIMEZONE")
        takes = ("time", "time with time zone", *TIMESTAMPS, "interval day to second") if clock else ("timestamp with time zone", "time with time zone") if zone else ("date", *TIMESTAMPS, "interval year to month" if name in ("YEAR", "MONTH") else "", "interval day to second" if name == "DAY" else "")
        if kind != UNKNOWN and kind.name not in takes:
            self.fail("TYPE_MISMATCH", node.parts["value"].at, f"Cannot extract {name} from {kind}")
        return self.call(node.field, [node.parts["value"]], node, context)

    # Logic -----------------------------------------------------------------------------------------------------------

    def _do_and(self, node: Node, context: Context) -> Value:
        return self._logical(node, context, "AND")

    def _do_or(self, node: Node, context: Context) -> Value:
        return self._logical(node, context, "OR")

    def _logical(self, node: Node, context: Context, word: str) -> Value:
        said = lambda kind: f"Logical expression term must evaluate to a boolean (actual: {kind})"  # noqa: E731
        return Value(f"({self.boolean(node.left, context, said).sql} {word} {self.boolean(node.right, context, said).sql})", BOOLEAN)

    def _do_not(self, node: Node, context: Context) -> Value:
        return Value(f"(NOT {self.boolean(node.parts['value'], context, lambda kind: f'Value of logical NOT expression must evaluate to a boolean (actual: {kind})').sql})", BOOLEAN)

    def compared(self, operator: str, left: Value, right: Value, at: int) -> Value:
        try:
            return compare(operator, left, right)
        except NoOperator:
            if operator in (">", ">="):
                operator, left, right = {">": "<", ">=": "<="}[operator], left, right
            self.fail("TYPE_MISMATCH", at, f"Cannot apply operator: {left.type} {operator} {right.type}")

    def _do_compare(self, node: Node, context: Context) -> Value:
        return self.compared(node.operator, self.value(node.left, context), self.value(node.right, context), node.at)

    def _do_between(self, node: Node, context: Context) -> Value:
        value = self.value(node.parts["value"], context)
        low, high = self.value(node.low, context), self.value(node.high, context)
        for each in (low, high):
            kind = common(value.type, each.type)
            if kind is None or not is_orderable(kind):
                self.fail("TYPE_MISMATCH", node.at, f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}")
        return Value(f"({self.compared('>=', value, low, node.at).sql} AND {self.compared('<=', value, high, node.at).sql})", BOOLEAN)

    def _do_in(self, node: Node, context: Context) -> Value:
        value = self.value(node.parts["value"], context)
        items = [self.value(each, context) for each in node.items]
        kind: Type | None = value.type
        for at, each in enumerate(items):
            kind = common(kind, each.type) if kind else None
            if kind is None:
                self.fail("TYPE_MISMATCH", node.items[at].at, f"IN value and list items must be the same type or coercible to a common type. Cannot find common type between {value.type} and {each.type}, all types (without duplicates): [{', '.join(dict.fromkeys(str(one.type) for one in [value, *items]))}]")
        assert kind
        value, items = cast(value, kind), [cast(each, kind) for each in items]
        if kind.name in ("array", "map", "row", "double", "real") or kind.name.endswith("zone"):
            return Value("(" + " OR ".join(self.compared("=", value, each, node.at).sql for each in items) + ")", BOOLEAN)
        return Value(f"({value.sql} IN ({', '.join(each.sql for each in items)}))", BOOLEAN)

    def _do_is_null(self, node: Node, context: Context) -> Value:
        return Value(f"({self.value(node.parts['value'], context).sql} IS NULL)", BOOLEAN)

    def _do_distinct_from(self, node: Node, context: Context) -> Value:
        left, right = self.value(node.left, context), self.value(node.right, context)
        try:
            return distinct_from(left, right)
        except NoOperator:
            self.fail("TYPE_MISMATCH", node.at, f"Cannot apply operator: {left.type} IS DISTINCT FROM {right.type}")

    def _do_like(self, node: Node, context: Context) -> Value:
        value, pattern = self.value(node.parts["value"], context), self.value(node.pattern, context)
        escape = self.value(node.escape, context) if node.escape else None
        for each, what in ((value, "Left side of LIKE expression"), (pattern, "Pattern for LIKE expression"), (escape, "Escape for LIKE expression")):
            if each and each.type.name not in ("varchar", "char", "unknown"):
                self.fail("TYPE_MISMATCH", (node.pattern if each is pattern else node.parts["value"]).at, f"{what} must evaluate to a varchar (actual: {each.type})")
        value, pattern = cast(value, VARCHAR), cast(pattern, VARCHAR)
        if escape is None:
            return Value(f"({value.sql} LIKE {pattern.sql})", BOOLEAN)
        return Value(python_call(_like, [value, pattern, cast(escape, VARCHAR)], BOOLEAN), BOOLEAN)

    # Arithmetic ------------------------------------------------------------------------------------------------------

    def _do_arithmetic(self, node: Node, context: Context) -> Value:
        left, right = self.value(node.left, context), self.value(node.right, context)
        try:
            return arithmetic(node.operator, left, right)
        except AmbiguousOperator:
            raise Refusal("AMBIGUOUS_FUNCTION_CALL", "Could not choose a best candidate operator. Explicit type casts must be added.") from None
        except NoOperator:
            self.fail("TYPE_MISMATCH", node.at, f"Cannot apply operator: {left.type} {node.operator} {right.type}")

    def _do_minus(self, node: Node, context: Context) -> Value:
        value = self.value(node.parts["value"], context)
        kind = value.type
        if kind == UNKNOWN:
            return value
        if kind.name in INTEGERS:
            # The engine makes a wider one of it: the number is taken from nothing instead.
            return Value(f"(CAST(0 AS {engine_type(kind)}) - {value.sql})", kind)
        if kind.name in (*NUMBERS, "interval day to second", "interval year to month"):
            return Value(f"(-({value.sql}))", kind)
        self.fail("TYPE_MISMATCH", node.at, f"Cannot negate {kind}")

    def _do_plus(self, node: Node, context: Context) -> Value:
        value = self.value(node.parts["value"], context)
        if value.type.name not in (*INTEGERS, "double", "real", "unknown", "interval day to second", "interval year to month"):
            self.fail("TYPE_MISMATCH", node.at, f"Unary '+' operator cannot by applied to {value.type} type")
        return value

    def _do_concat(self, node: Node, context: Context) -> Value:
        return self.call("concat", [node.left, node.right], node, context)

    def call(self, name: str, arguments: list[Node], node: Node, context: Context) -> Value:
        raise NotImplementedError

    def _do_at_zone(self, node: Node, context: Context) -> Value:
        value = self.value(node.parts["value"], context)
        if value.type.name in ("time", "time with time zone"):
            self.unsupported(node.at, "AT TIME ZONE of a time of day")
        if value.type.name not in TIMESTAMPS:
            self.fail("TYPE_MISMATCH", node.at, f"Type of value must be a time or timestamp with or without time zone (actual {value.type})")
        zone = self.value(node.zone, context)
        value = cast(value, timestamp(value.type.args[0], True))
        if zone.type == DAY_TO_SECOND:
            return Value(python_call(_at_offset, [value, zone], value.type), value.type)
        return Value(python_call(at_zone, [value, cast(zone, VARCHAR)], value.type), value.type)

    # Conditions ------------------------------------------------------------------------------------------------------

    def unified(self, values: list[Value], nodes: list[Node], what: str) -> tuple[Type, list[Value]]:
        """Values of one type, as the branches of CASE and the elements of ARRAY must be."""
        kind: Type | None = UNKNOWN
        for value, node in zip(values, nodes):
            before = kind
            kind = common(kind, value.type) if kind else None
            if kind is None:
                kinds = ", ".join(dict.fromkeys(str(each.type) for each in values))
                self.fail("TYPE_MISMATCH", node.at, f"{what} must be the same type or coercible to a common type. Cannot find common type between {before} and {value.type}, all types (without duplicates): [{kinds}]")
        assert kind
        return kind, [cast(each, kind) for each in values]

    def _do_case(self, node: Node, context: Context) -> Value:
        branches = node.branches
        conditions = []
        operand = self.value(node.operand, context) if node.operand else None
        for each in branches:
            if operand:
                conditions.append(self.compared("=", operand, self.value(each.condition, context), each.condition.at).sql)
            else:
                conditions.append(self.boolean(each.condition, context, lambda kind: f"CASE WHEN clause must evaluate to a boolean (actual: {kind})").sql)
        nodes = [each.result for each in branches] + ([node.otherwise] if node.otherwise else [])
        kind, values = self.unified([self.value(each, context) for each in nodes], nodes, "All CASE results")
        whens = " ".join(f"WHEN {condition} THEN {value.sql}" for condition, value in zip(conditions, values))
        otherwise = values[-1].sql if node.otherwise else null(kind).sql
        return Value(f"(CASE {whens} ELSE {otherwise} END)", kind)

    # Types -----------------------------------------------------------------------------------------------------------

    def named_type(self, node: Node) -> Type:
        try:
            found = type_of(node)
        except UnknownType as problem:
            self.fail("TYPE_MISMATCH", node.at, f"Unknown type: {problem}")
        self._check_type(found, node)
        return found

    def _check_type(self, kind: Type, node: Node) -> None:
        if kind.name == "decimal" and not (0 < kind.args[0] <= 38 and kind.args[1] <= kind.args[0]):
            said = f"DECIMAL precision must be in range [1, 38]: {kind.args[0]}" if not 0 < kind.args[0] <= 38 else f"DECIMAL scale must be in range [0, precision ({kind.args[0]})]: {kind.args[1]}"
            self.fail("INVALID_FUNCTION_ARGUMENT", node.at, said)
        if kind.name in ("timestamp", "time", "timestamp with time zone", "time with time zone") and kind.args[0] > 12:
            self.fail("INVALID_FUNCTION_ARGUMENT", node.at, f"{kind.name.upper()} precision must be in range [0, 12]: {kind.args[0]}")
        if kind.name == "varchar" and kind.args[0] > 2147483647:
            self.fail("INVALID_FUNCTION_ARGUMENT", node.at, f"Invalid VARCHAR length {kind.args[0]}")
        for each in kind.args:
            inner = each[1] if isinstance(each, tuple) and not isinstance(each, Type) else each
            if isinstance(inner, Type):
                self._check_type(inner, node)

    def _do_cast(self, node: Node, context: Context) -> Value:
        kind = self.named_type(node.type)
        value = self.value(node.parts["value"], context)
        if value.type == kind:
            return value
        if not can_cast(value.type, kind):
            self.fail("TYPE_MISMATCH", node.at, f"Cannot cast {value.type} to {kind}")
        try:
            found = cast(value, kind)
        except NoCast:
            self.fail("TYPE_MISMATCH", node.at, f"Cannot cast {value.type} to {kind}")
        return Value(tried(found.sql), kind) if node.safe else found

    # What holds others -----------------------------------------------------------------------------------------------

    def _do_array(self, node: Node, context: Context) -> Value:
        kind, values = self.unified([self.value(each, context) for each in node.items], node.items, "All ARRAY elements")
        return Value(f"CAST([{', '.join(each.sql for each in values)}] AS {engine_type(array(kind))})", array(kind), [each.literal for each in values] if all(each.is_literal for each in values) and values else Value("", kind).literal)

    def _do_row(self, node: Node, context: Context) -> Value:
        if not node.items:
            self.fail("NOT_SUPPORTED", node.at, "The sandbox's Athena does not run ROW() without fields")
        values = [self.value(each, context) for each in node.items]
        return row_of(values)

    def _do_subscript(self, node: Node, context: Context) -> Value:
        base, index = self.value(node.parts["value"], context), self.value(node.index, context)
        kind = base.type
        if kind.name == "row":
            if not isinstance(index.literal, int) or isinstance(index.literal, bool):
                self.fail("EXPRESSION_NOT_CONSTANT", node.index.at, "Subscript expression on ROW requires a constant index")
            if index.literal <= 0:
                self.fail("INVALID_FUNCTION_ARGUMENT", node.index.at, f"Invalid subscript index: {index.literal}. ROW indices start at 1")
            if index.literal > len(kind.args):
                self.fail("INVALID_FUNCTION_ARGUMENT", node.index.at, f"Subscript index out of bounds: {index.literal}, max value is {len(kind.args)}")
            return Value(f"({base.sql}).f{index.literal - 1}", kind.args[index.literal - 1][1])
        if kind.name == "array" and becomes(index.type, BIGINT):
            return Value(subscript(base.sql, cast(index, BIGINT).sql, kind.args[0]), kind.args[0])
        # An operator on map(K, V) and K: the keys become what the subscript is, too.
        if kind.name == "map" and common(index.type, kind.args[0]) is not None:
            return self.call("map_subscript", [node.parts["value"], node.index], node, context)
        self.fail("TYPE_MISMATCH", node.at, f"Cannot use {index.type} for subscript of {kind}" if kind.name in ("array", "map") else f"Cannot use {kind} for subscript")


def row_of(values: list[Value]) -> Value:
    from sandbox.services.athena.trino.types import row

    return Value(f"struct_pack({', '.join(f'f{at} := {each.sql}' for at, each in enumerate(values))})", row(*((None, each.type) for each in values)))


def tried(sql: str) -> str:
    return f"TRY({sql})"


def subscript(base: str, index: str, kind: Type) -> str:
    """An element of an array, which must be there."""

    def chosen(a: str) -> str:
        return let(index, lambda i: f"(CASE WHEN {i} BETWEEN 1 AND len({a}) THEN {a}[{i}] WHEN {a} IS NOT NULL AND {i} IS NOT NULL THEN {failing_at(i, a, kind)} END)")

    return let(base, chosen)


def failing_at(index: str, of: str, kind: Type) -> str:
    message = f"(CASE WHEN {index} = 0 THEN 'SQL array indices start at 1' WHEN {index} < 0 THEN 'Array subscript is negative: ' || {index} ELSE 'Array subscript must be less than or equal to array length: ' || {index} || ' > ' || len({of}) END)"
    return failing("INVALID_FUNCTION_ARGUMENT", message, kind)


def at_zone(value: dict[str, Any], zone: str) -> dict[str, Any]:
    from sandbox.services.athena.trino.values import fault

    try:
        return {**value, "z": times.zone_named(zone)}
    except ValueError:
        fault(f"'{zone}' is not a valid time zone")


def _at_offset(value: dict[str, Any], milliseconds: int) -> dict[str, Any]:
    minutes = milliseconds // 60_000
    return {**value, "z": times.zone_named(times.minutes_text(minutes))}


def _like(value: str, pattern: str, escape: str) -> bool:
    import re

    from sandbox.services.athena.trino.values import fault

    if len(escape) != 1:
        fault("Escape string must be a single character")
    out, at = "", 0
    while at < len(pattern):
        c = pattern[at]
        if c == escape:
            following = pattern[at + 1 : at + 2]
            if following not in ("%", "_", escape) or not following:
                fault("Escape character must be followed by '%', '_' or the escape character itself")
            out += re.escape(following)
            at += 2
            continue
        out += ".*" if c == "%" else "." if c == "_" else re.escape(c)
        at += 1
    return re.fullmatch(out, value, flags=re.S) is not None
