"""The standard's JSON: JSON_EXISTS, JSON_VALUE, JSON_QUERY with their paths, JSON_OBJECT and JSON_ARRAY.

Source: trinodb/trino docs/src/main/sphinx/functions/json.md, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

from sandbox.services.athena.trino import text as texts
from sandbox.services.athena.trino.casts import can_cast, cast
from sandbox.services.athena.trino.context import Context
from sandbox.services.athena.trino.json_casts import Written, parsed, quoted, to_json, written
from sandbox.services.athena.trino.path_language import PathError, Steps, evaluate, path_of
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.scalars import Scalars
from sandbox.services.athena.trino.syntax import Node
from sandbox.services.athena.trino.types import BOOLEAN, INTEGERS, NUMBERS, UNKNOWN, VARCHAR, Type
from sandbox.services.athena.trino.values import Value, fault

_EMPTY = {"EMPTY ARRAY": "[]", "EMPTY OBJECT": "{}"}


class JsonPaths(Scalars):
    """Each method translates the kind of node that it is named after."""

    def _path(self, node: Node, context: Context) -> tuple[list[Value], list[tuple[str, Type]], Steps]:
        value = self.value(node.parts["value"], context)
        if value.type.name not in ("varchar", "char", "varbinary", "json", "unknown"):
            self.fail("TYPE_MISMATCH", node.parts["value"].at, f"Cannot read input of type {value.type} as JSON using formatting JSON")
        if value.type.name == "varbinary":
            value = Value(f"decode({value.sql})", VARCHAR)
        try:
            steps = path_of(node.path.parts["value"])
        except PathError as problem:
            self.fail("INVALID_PATH", node.path.at, f"{problem}")
        passed = [(each.parts["name"], self.value(each.parts["value"], context)) for each in node.passing]
        return [cast(value, VARCHAR) if value.type.name != "json" else value, *(each for _, each in passed)], [(name, each.type) for name, each in passed], steps

    def _do_json_exists(self, node: Node, context: Context) -> Value:
        given, passed, steps = self._path(node, context)
        error = node.error

        def run_exists(text: str | None, *variables: Any) -> bool | None:
            if text is None:
                return None
            try:
                return bool(_found(text, steps, passed, variables))
            except PathError as problem:
                if error == "ERROR":
                    fault(str(problem), "PATH_EVALUATION_ERROR")
                return {"TRUE": True, "FALSE": False}.get(error)

        return Value(python_call(run_exists, given, BOOLEAN, nulls=True, key=f"{node.path.parts['value']}/{error}/{passed}"), BOOLEAN)

    def _do_json_value(self, node: Node, context: Context) -> Value:
        given, passed, steps = self._path(node, context)
        returns = self.named_type(node.returning) if node.returning else VARCHAR
        empty, error = node.empty, node.error
        defaults = []
        for how in (empty, error):
            if how[0] == "DEFAULT":
                default = self.value(how[1], context)
                if not can_cast(default.type, returns) and default.type != UNKNOWN and default.type != returns:
                    self.fail("TYPE_MISMATCH", how[1].at, f"Default value of JSON_VALUE must be {returns} (actual: {default.type})")
                defaults.append(cast(default, returns))
        counts = len(given)

        def run_value(text: str | None, *rest: Any) -> Any:
            variables, extra = rest[: counts - 1], list(rest[counts - 1 :])
            on_empty = extra.pop(0) if empty[0] == "DEFAULT" else None
            on_error = extra.pop(0) if error[0] == "DEFAULT" else None
            if text is None:
                return None
            try:
                found = _found(text, steps, passed, variables)
                if not found:
                    if empty[0] == "ERROR":
                        fault("cannot extract SQL scalar from JSON: JSON path found no items", "JSON_VALUE_RESULT_ERROR")
                    return on_empty
                if len(found) > 1:
                    raise PathError("JSON path found multiple items")
                if isinstance(found[0], (list, dict)):
                    raise PathError("JSON path found an item that cannot be converted to an SQL value")
                return None if found[0] is None else _sql_value(found[0], returns)
            except PathError as problem:
                if error[0] == "ERROR":
                    fault(str(problem), "PATH_EVALUATION_ERROR" if "multiple" not in str(problem) and "converted" not in str(problem) else "JSON_VALUE_RESULT_ERROR")
                return on_error

        key = f"{node.path.parts['value']}/{returns}/{empty[0]}/{error[0]}/{passed}"
        return Value(python_call(run_value, [*given, *defaults], returns, nulls=True, key=key), returns)

    def _do_json_query(self, node: Node, context: Context) -> Value:
        given, passed, steps = self._path(node, context)
        returns = self.named_type(node.returning) if node.returning else VARCHAR
        wrapper, quotes, empty, error = node.wrapper, node.quotes, node.empty, node.error

        def run_query(text: str | None, *variables: Any) -> Any:
            if text is None:
                return None
            try:
                found = _found(text, steps, passed, variables)
                if wrapper == "UNCONDITIONAL" and found or wrapper == "CONDITIONAL" and (len(found) != 1 or not isinstance(found[0], (list, dict))) and found:
                    return written(list(found), ordered=False)
                if not found:
                    if empty == "ERROR":
                        fault("cannot extract JSON: JSON path found no items", "JSON_QUERY_RESULT_ERROR")
                    return _EMPTY.get(empty)
                if len(found) > 1:
                    raise PathError("JSON path found multiple items")
                if quotes == "OMIT" and isinstance(found[0], str):
                    return found[0]
                return written(found[0], ordered=False)
            except PathError as problem:
                if error == "ERROR":
                    fault(str(problem), "PATH_EVALUATION_ERROR" if "multiple" not in str(problem) else "JSON_QUERY_RESULT_ERROR")
                return _EMPTY.get(error)

        found = Value(python_call(run_query, given, VARCHAR, nulls=True, key=f"{node.path.parts['value']}/{wrapper}/{quotes}/{empty}/{error}/{passed}"), VARCHAR)
        return found if returns == VARCHAR else Value(f"encode({found.sql})", returns) if returns.name == "varbinary" else cast(found, returns)

    # Making ----------------------------------------------------------------------------------------------------------

    def _item(self, node: Any, context: Context) -> tuple[Value, bool]:
        if node.kind == "format_json":
            return self.value(node.parts["value"], context), True
        value = self.value(node, context)
        return value, node.kind in ("json_object", "json_array", "json_query") or value.type.name == "json"

    def _made(self, node: Node, items: list[tuple[Value, bool]], build: Any, key: str) -> Value:
        for value, _ in items:
            if value.type.name not in ("varchar", "char", "boolean", *NUMBERS, "json", "unknown", "date", "timestamp", "uuid", "timestamp with time zone", "time"):
                self.unsupported(node.at, f"a value of type {value.type} in {node.kind.upper()}")
        kinds = [value.type for value, _ in items]
        plain = [is_json for _, is_json in items]

        def run_made(*given: Any) -> str:
            parts = []
            for value, kind, is_json in zip(given, kinds, plain):
                if value is None:
                    parts.append(None)
                elif is_json:
                    try:
                        parts.append(written(parsed(value), ordered=False))
                    except ValueError:
                        fault("conversion to JSON failed", "JSON_INPUT_CONVERSION_ERROR")
                else:
                    parts.append(to_json(value, kind) if kind.name in ("varchar", "boolean", *NUMBERS) else quoted(texts.shown(value, kind)))
            return build(parts, given)

        values = [value for value, _ in items]
        returns = self.named_type(node.returning) if node.returning else VARCHAR
        if not values:
            return cast(Value("'" + build([], ()) + "'", VARCHAR), returns)
        return cast(Value(python_call(run_made, values, VARCHAR, nulls=True, key=f"{key}/{plain}/{[str(kind) for kind in kinds]}"), VARCHAR), returns)

    def _do_json_array(self, node: Node, context: Context) -> Value:
        absent = node.nulls == "ABSENT"

        def build(parts: list[str | None], given: Any) -> str:
            return "[" + ",".join("null" if each is None else each for each in parts if each is not None or not absent) + "]"

        return self._made(node, [self._item(each, context) for each in node.items], build, f"array{absent}")

    def _do_json_object(self, node: Node, context: Context) -> Value:
        absent, unique = node.nulls == "ABSENT", node.unique
        names = [(cast(self.value(each.parts["name"], context), VARCHAR), False) for each in node.members]
        items = [self._item(each.parts["value"], context) for each in node.members]
        count = len(names)

        def build(parts: list[str | None], given: Any) -> str:
            found: dict[str, str] = {}
            for name, each in zip(given[:count], parts[count:]):
                if name is None:
                    fault("null value passed for JSON object key to JSON_OBJECT function", "INVALID_FUNCTION_ARGUMENT")
                if each is None and absent:
                    continue
                if name in found and unique:
                    fault("duplicate key passed to JSON_OBJECT function")
                found[name] = "null" if each is None else each
            return "{" + ",".join(f"{quoted(name)}:{each}" for name, each in found.items()) + "}"

        return self._made(node, [*names, *items], build, f"object{absent}{unique}{count}")


def _found(text: str, steps: Steps, passed: list[tuple[str, Type]], variables: Any) -> list[Any]:
    try:
        root = parsed(text)
    except ValueError:
        raise PathError("conversion to JSON failed") from None
    return evaluate(steps, root, {name: value for (name, _), value in zip(passed, variables)})


def _sql_value(value: Any, kind: Type) -> Any:
    """A JSON scalar as an SQL value, by Trino's casts."""
    from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

    text = value if isinstance(value, str) else value.text if isinstance(value, Written) else written(value)
    try:
        if kind.name == "varchar":
            return (texts.scientific(value) if isinstance(value, float) and not isinstance(value, Written) else text)[: kind.args[0]]
        if kind.name == "boolean":
            if text.lower() not in ("true", "false", "t", "f", "1", "0"):
                raise ValueError(text)
            return text.lower() in ("true", "t", "1")
        if kind.name in INTEGERS:
            return int(Decimal(text).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if not isinstance(value, str) else int(text)
        if kind.name in ("double", "real"):
            return texts.read_double(text)
        if kind.name == "decimal":
            return Decimal(text).quantize(Decimal(1).scaleb(-kind.args[1]), rounding=ROUND_HALF_UP)
        if kind.name == "date":
            from sandbox.services.athena.trino.times import read_date

            return read_date(text)
    except (ValueError, InvalidOperation):
        raise PathError("JSON path found an item that cannot be converted to an SQL value") from None
    raise PathError(f"The sandbox's Athena does not make a {kind} of JSON here")
