"""CAST, as Trino does it: from each type to each that it can become.

Source: trinodb/trino docs/src/main/sphinx/functions/conversion.md, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/language/types.md, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import functools
import ipaddress
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any, Callable

from sandbox.services.athena.trino import text, times
from sandbox.services.athena.trino.json_casts import from_json, to_json
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.types import BIGINT, INTEGERS, JSON, LIMITS, NUMBERS, UNKNOWN, VARCHAR, Type, engine_type, parts_of, timestamp
from sandbox.services.athena.trino.values import Value, fault, let, null


class NoCast(Exception):
    """There is no cast between two types."""


def cast(value: Value, target: Type) -> Value:
    """A value as another type; NoCast if Trino has no such cast."""
    source = value.type
    if source == target:
        return value
    if source == UNKNOWN:
        return null(target)
    return Value(_cast(value.sql, source, target), target, value.literal if source.name == target.name == "varchar" and target.args[0] >= source.args[0] else _kept(value, target))


def _kept(value: Value, target: Type) -> Any:
    return value.literal if isinstance(value.literal, int) and target.name in INTEGERS else Value("", target).literal


def _cast(sql: str, source: Type, target: Type) -> str:
    if source == target:
        return sql
    if source == UNKNOWN:
        return null(target).sql
    if target == UNKNOWN:
        raise NoCast
    found = _CASTS.get((_family(source), _family(target)))
    if found is None:
        raise NoCast
    return found(sql, source, target)


def _family(kind: Type) -> str:
    return "integer" if kind.name in INTEGERS else "double" if kind.name == "real" else kind.name


def can_cast(source: Type, target: Type) -> bool:
    try:
        _cast("x", source, target)
    except NoCast:
        return False
    return True


def _plain(sql: str, source: Type, target: Type) -> str:
    return f"CAST({sql} AS {engine_type(target)})"


def _shown(kind: Type) -> str:
    return f"DECIMAL({kind.args[0]}, {kind.args[1]})" if kind.name == "decimal" else str(kind).upper()


def _python(function: Callable[..., Any], sql: str, source: Type, target: Type) -> str:
    """A cast by a function in Python that also gets the types."""
    run = functools.partial(function, source=source, target=target)
    functools.update_wrapper(run, function)
    return python_call(run, [Value(sql, source)], target, key=f"{source}->{target}")


def _by(function: Callable[..., Any]) -> Callable[[str, Type, Type], str]:
    return functools.partial(_python, function)


# --- To text -------------------------------------------------------------------------------------------------------------


def _fitted(sql: str, source: Type, target: Type) -> str:
    """A text that must fit."""
    widest = {"tinyint": 4, "smallint": 6, "integer": 11, "bigint": 20, "boolean": 5}.get(source.name, 40)
    return (text.decimal_text(sql, source) if source.name == "decimal" else f"CAST({sql} AS VARCHAR)") if target.args[0] >= widest else _python(_fit, sql, source, target)


def _fit(value: Any, source: Type, target: Type) -> str:
    found = text.shown(value, source)
    if len(found) > target.args[0] and source.name == "boolean":
        fault(f"Character count exceeds length limit {target.args[0]}: {found}", "GENERIC_INTERNAL_ERROR")
    if len(found) > target.args[0]:
        fault(f"Value {found} cannot be represented as {target}", "INVALID_CAST_ARGUMENT")
    return found


def _to_varchar(sql: str, source: Type, target: Type) -> str:
    return _fitted(sql, source, target)


def _scientific(value: float, source: Type, target: Type) -> str:
    number = text.single(value) if source.name == "real" else value
    found = text.scientific(number)
    if len(found) > target.args[0]:
        fault(f"Value {text.double_text(number)} ({found}) cannot be represented as {target}", "INVALID_CAST_ARGUMENT")
    return found


def _written(value: Any, source: Type, target: Type) -> str:
    name = source.name
    if name == "date":
        found = times.date_text(value)
    elif name == "timestamp":
        found = times.timestamp_text(value, source.args[0])
    elif name == "timestamp with time zone":
        found = times.zoned_text(value, source.args[0])
    else:
        found = text.shown(value, source)
    if target.name == "varchar" and len(found) > target.args[0] and name != "date":
        fault(f"Character count exceeds length limit {target.args[0]}: {found}", "GENERIC_INTERNAL_ERROR")
    if target.name == "varchar" and len(found) > target.args[0]:
        fault(f"Value {found} cannot be represented as {target}", "INVALID_CAST_ARGUMENT")
    return found


def _cut(sql: str, source: Type, target: Type) -> str:
    return sql if target.args[0] >= source.args[0] else f"substr({sql}, 1, {target.args[0]})"


def _padded(sql: str, source: Type, target: Type) -> str:
    padded = f"rpad({sql}, {source.args[0]}, ' ')"
    return padded if target.args[0] >= source.args[0] else f"substr({padded}, 1, {target.args[0]})"


def _to_char(sql: str, source: Type, target: Type) -> str:
    return f"rtrim(substr({sql}, 1, {target.args[0]}), ' ')"


# --- From text -----------------------------------------------------------------------------------------------------------

_NAMES = {"tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INT", "bigint": "BIGINT"}


def _read_integer(value: str, source: Type, target: Type) -> int:
    found = re.fullmatch(r"\s*([+-]?\d+)\s*", value)
    number = int(found[1]) if found else None
    limit = LIMITS[target.name]
    if number is None or not -limit <= number < limit:
        fault(f"Cannot cast '{value}' to {_NAMES[target.name]}", "INVALID_CAST_ARGUMENT")
    return number


def _read_double(value: str, source: Type, target: Type) -> float:
    try:
        return text.read_double(value)
    except ValueError:
        fault(f"Cannot cast '{value}' to {target.name.upper()}", "INVALID_CAST_ARGUMENT")


def _read_decimal(value: str, source: Type, target: Type) -> Decimal:
    try:
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value, flags=re.A):
            raise InvalidOperation
        number = Decimal(value)
    except InvalidOperation:
        fault(f"Cannot cast VARCHAR '{value}' to {_shown(target)}. Value is not a number.", "INVALID_CAST_ARGUMENT")
    return _scaled(number, target, lambda: f"Cannot cast VARCHAR '{value}' to {_shown(target)}. Value too large.")


def _scaled(number: Decimal, target: Type, problem: Callable[[], str]) -> Decimal:
    with localcontext() as context:
        context.prec = 400
        found = number.quantize(Decimal(1).scaleb(-target.args[1]), rounding=ROUND_HALF_UP)
        if abs(found) >= Decimal(10) ** (target.args[0] - target.args[1]):
            fault(problem(), "INVALID_CAST_ARGUMENT")
        return found


def _read_boolean(value: str, source: Type, target: Type) -> bool:
    if value.lower() not in ("true", "t", "1", "false", "f", "0"):
        fault(f"Cannot cast '{value}' to BOOLEAN", "INVALID_CAST_ARGUMENT")
    return value.lower() in ("true", "t", "1")


def _read_time(value: str, source: Type, target: Type) -> Any:
    reader = {"date": lambda: times.read_date(value), "timestamp": lambda: times.read_timestamp(value, target.args[0]), "timestamp with time zone": lambda: times.read_zoned(value, target.args[0]), "time": lambda: times.read_time(value, target.args[0]), "time with time zone": lambda: times.read_zoned_time(value, target.args[0])}
    return reader[target.name]()


def _read_uuid(value: str, source: Type, target: Type) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        fault(f"Cannot cast value to UUID: {value}", "INVALID_CAST_ARGUMENT")
    return value.lower()


def _read_ip(value: str, source: Type, target: Type) -> str:
    try:
        found = ipaddress.ip_address(value)
    except ValueError:
        fault(f"Cannot cast value to IPADDRESS: {value}", "INVALID_CAST_ARGUMENT")
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def read_literal(value: str, kind: Type) -> Any:
    """What `TYPE 'text'` says; a refusal if it is no such value."""
    readers: dict[str, Callable[..., Any]] = {"boolean": _read_boolean, "double": _read_double, "real": _read_double, "uuid": _read_uuid, "ipaddress": _read_ip}
    return readers.get(kind.name, _read_integer)(value, VARCHAR, kind)


# --- Numbers -------------------------------------------------------------------------------------------------------------


def _decimal_to_integer(sql: str, source: Type, target: Type) -> str:
    return f"CAST({sql} AS {engine_type(target)})"


def _double_to_integer(sql: str, source: Type, target: Type) -> str:
    # In doubles: of a real's rounding nothing may be lost.
    return f"CAST(round(CAST({sql} AS DOUBLE)) AS {engine_type(target)})"


def _double_to_decimal(value: float, source: Type, target: Type) -> Decimal:
    number = text.single(value) if source.name == "real" else value
    problem = lambda: f"Cannot cast {source.name.upper()} '{text.double_text(number)}' to {_shown(target)}"  # noqa: E731
    if number != number or number in (float("inf"), float("-inf")):
        fault(problem(), "INVALID_CAST_ARGUMENT")
    return _scaled(Decimal(repr(number)), target, problem)


def _double_to_real(sql: str, source: Type, target: Type) -> str:
    return sql if source.name == target.name else _plain(sql, source, target)


def _from_boolean(sql: str, source: Type, target: Type) -> str:
    return f"CAST(CAST({sql} AS INTEGER) AS {engine_type(target)})"


def _to_boolean(sql: str, source: Type, target: Type) -> str:
    return f"({sql} <> 0)"


# --- Times ---------------------------------------------------------------------------------------------------------------


def _date_to_timestamp(sql: str, source: Type, target: Type) -> str:
    return f"CAST({sql} AS TIMESTAMP)" if target.name == "timestamp" else _timestamp_to_zoned(f"CAST({sql} AS TIMESTAMP)", timestamp(0), target)


def _rounded_micros(sql: str, source: Type, target: Type) -> str:
    unit = 10 ** max(0, 6 - target.args[0])
    # The engine divides towards zero: what is before 1970 must not be.
    return sql if unit == 1 or source.args[0] <= target.args[0] else python_call(_on_unit, [Value(sql, BIGINT), Value(str(unit), BIGINT)], BIGINT)


def _on_unit(micros: int, unit: int) -> int:
    return (micros + unit // 2) // unit * unit


def _to_digits(sql: str, source: Type, target: Type) -> str:
    return sql if source.args[0] <= target.args[0] else f"make_timestamp({_rounded_micros(f'epoch_us({sql})', source, target)})"


def _timestamp_to_date(sql: str, source: Type, target: Type) -> str:
    return f"CAST({sql} AS DATE)"


def _timestamp_to_zoned(sql: str, source: Type, target: Type) -> str:
    return let(sql, lambda v: f"(CASE WHEN {v} IS NOT NULL THEN struct_pack(t := {_rounded_micros(f'epoch_us({v})', source, target)}, z := 'UTC') END)")


def _timestamp_to_time(value: int, source: Type, target: Type) -> int:
    return _to_time_digits(value % times.DAY * 10**6, source, target)


def _to_time_digits(value: int, source: Type, target: Type) -> int:
    unit = 10 ** (12 - target.args[0])
    return (value + unit // 2) // unit * unit % times.PICOS_OF_DAY


def _zoned_to(value: dict[str, Any], source: Type, target: Type) -> Any:
    shown = times.local(value["t"], value["z"])
    if target.name == "timestamp":
        return times.rounded(shown, target.args[0])
    if target.name == "date":
        return shown // times.DAY
    if target.name == "time":
        return _timestamp_to_time(shown, source, target)
    if target.name == "time with time zone":
        return {"t": _timestamp_to_time(shown, source, target), "z": times.offset_at(value["t"], value["z"]) // 60}
    return {"t": times.rounded(value["t"], target.args[0]), "z": value["z"]}


def _time_to_zoned(value: int, source: Type, target: Type) -> Any:
    return {"t": _to_time_digits(value, source, target), "z": 0}


def _time_today(value: int, source: Type, target: Type) -> Any:
    import time

    micros = times.rounded(time.time_ns() // 1000 // times.DAY * times.DAY + value // 10**6, target.args[0])
    return micros if target.name == "timestamp" else {"t": micros, "z": "UTC"}


def _uuid_text(sql: str, source: Type, target: Type) -> str:
    if target.args[0] < 36:
        raise NoCast
    return sql


def _zoned_time_to(value: dict[str, Any], source: Type, target: Type) -> Any:
    picos = _to_time_digits(value["t"], source, target)
    return picos if target.name == "time" else {"t": picos, "z": value["z"]}


# --- What holds others ---------------------------------------------------------------------------------------------------


def _array(sql: str, source: Type, target: Type) -> str:
    inner = _cast("e", source.args[0], target.args[0])
    if inner == "e" and engine_type(source) == engine_type(target):
        return sql
    return f"CAST({sql} AS {engine_type(target)})" if source.args[0] == UNKNOWN else f"list_transform({sql}, lambda e: {inner})"


def _map(sql: str, source: Type, target: Type) -> str:
    if source.args[0] == UNKNOWN:
        return f"CAST({sql} AS {engine_type(target)})"
    key, item = _cast("e.key", source.args[0], target.args[0]), _cast("e.value", source.args[1], target.args[1])
    if (key, item) == ("e.key", "e.value"):
        return sql
    return f"map_from_entries(list_transform(map_entries({sql}), lambda e: struct_pack(key := {key}, value := {item})))"


def _row(sql: str, source: Type, target: Type) -> str:
    if len(source.args) != len(target.args):
        raise NoCast
    kinds = list(zip(parts_of(source), parts_of(target)))
    if all(_cast("e", a, b) == "e" for a, b in kinds):
        return sql

    def remade(v: str) -> str:
        parts = [_cast(f"({v}).f{at}", a, b) for at, (a, b) in enumerate(kinds)]
        return f"(CASE WHEN {v} IS NOT NULL THEN struct_pack({', '.join(f'f{at} := {each}' for at, each in enumerate(parts))}) END)"

    return let(sql, remade)


def _to_json(sql: str, source: Type, target: Type) -> str:
    if not _fits_json(source, (*_OF_JSON, *_ONLY_TO_JSON)):
        raise NoCast
    return python_call(functools.update_wrapper(functools.partial(_as_json, source), _as_json), [Value(sql, source)], JSON, key=str(source))


def _as_json(source: Type, value: Any) -> str:
    return to_json(value, source)


#: What JSON keeps in both directions, and what can only be written as JSON.
_OF_JSON = ("boolean", *NUMBERS, "varchar", "json")
_ONLY_TO_JSON = ("date", "timestamp", "unknown")


def _fits_json(kind: Type, plain: tuple[str, ...]) -> bool:
    """Whether a type is made of these and what holds them."""
    if kind.name == "map":
        return kind.args[0].name in ("boolean", *NUMBERS, "varchar") and _fits_json(kind.args[1], plain)
    if kind.name in ("array", "row"):
        return all(_fits_json(each, plain) for each in parts_of(kind))
    return kind.name in plain


def _from_json(sql: str, source: Type, target: Type) -> str:
    if not _fits_json(target, _OF_JSON):
        raise NoCast
    return python_call(functools.update_wrapper(functools.partial(_of_json, target), _of_json), [Value(sql, JSON)], target, key=str(target))


def _of_json(target: Type, value: str) -> Any:
    return from_json(value, target)


Cast = Callable[[str, Type, Type], str]
_CASTS: dict[tuple[str, str], Cast] = {
    ("integer", "integer"): _plain, ("integer", "decimal"): _plain, ("integer", "double"): _plain, ("integer", "varchar"): _to_varchar, ("integer", "boolean"): _to_boolean,
    ("decimal", "integer"): _decimal_to_integer, ("decimal", "decimal"): _plain, ("decimal", "double"): _plain, ("decimal", "varchar"): _to_varchar, ("decimal", "boolean"): _to_boolean,
    ("double", "integer"): _double_to_integer, ("double", "decimal"): _by(_double_to_decimal), ("double", "double"): _double_to_real, ("double", "varchar"): _by(_scientific), ("double", "boolean"): _to_boolean,
    ("boolean", "integer"): _from_boolean, ("boolean", "decimal"): _from_boolean, ("boolean", "double"): _from_boolean, ("boolean", "varchar"): _to_varchar,
    ("varchar", "integer"): _by(_read_integer), ("varchar", "decimal"): _by(_read_decimal), ("varchar", "double"): _by(_read_double), ("varchar", "boolean"): _by(_read_boolean),
    ("varchar", "varchar"): _cut, ("varchar", "char"): _to_char, ("char", "char"): _to_char, ("char", "varchar"): _padded,
    **{("varchar", each): _by(_read_time) for each in ("date", "timestamp", "timestamp with time zone", "time", "time with time zone")},
    ("varchar", "varbinary"): lambda sql, source, target: f"encode({sql})", ("varchar", "uuid"): _by(_read_uuid), ("varchar", "ipaddress"): _by(_read_ip), ("uuid", "varchar"): _uuid_text, ("ipaddress", "varchar"): lambda sql, source, target: sql,
    **{(each, "varchar"): _by(_written) for each in ("date", "timestamp", "timestamp with time zone", "time", "time with time zone", "interval day to second", "interval year to month")},
    ("date", "timestamp"): _date_to_timestamp, ("date", "timestamp with time zone"): _date_to_timestamp,
    ("timestamp", "date"): _timestamp_to_date, ("timestamp", "timestamp"): _to_digits, ("timestamp", "timestamp with time zone"): _timestamp_to_zoned, ("timestamp", "time"): _by(_timestamp_to_time),
    **{("timestamp with time zone", each): _by(_zoned_to) for each in ("timestamp", "date", "time", "time with time zone", "timestamp with time zone")},
    ("time", "time"): _by(_to_time_digits), ("time", "time with time zone"): _by(_time_to_zoned), ("time with time zone", "time"): _by(_zoned_time_to), ("time with time zone", "time with time zone"): _by(_zoned_time_to),
    ("array", "array"): _array, ("map", "map"): _map, ("row", "row"): _row,
    **{(each, "json"): _to_json for each in ("boolean", "integer", "decimal", "double", "varchar", "date", "timestamp", "array", "map", "row")},
    **{("json", each): _from_json for each in ("boolean", "integer", "decimal", "double", "varchar", "array", "map", "row")},
    ("time", "timestamp"): _by(_time_today), ("time", "timestamp with time zone"): _by(_time_today), ("uuid", "varbinary"): lambda sql, source, target: f"from_hex(replace({sql}, '-', ''))",
}  # fmt: skip
