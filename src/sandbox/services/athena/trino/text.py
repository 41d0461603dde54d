"""Values as text: as Athena prints a result, and as Trino's casts write numbers.

Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/language/types.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
import struct
from decimal import Decimal
from typing import Any

import pyarrow as pa

from sandbox.services.athena.trino import times
from sandbox.services.athena.trino.python_functions import plain, values_of
from sandbox.services.athena.trino.types import Type, timestamp


def single(value: float) -> float:
    """A real's shortest decimal, as a double."""
    if value != value or value in (float("inf"), float("-inf")):
        return value
    for digits in range(1, 10):
        found = float(f"{value:.{digits - 1}e}")
        if struct.pack("f", found) == struct.pack("f", value):
            return found
    return value


def _parts(value: float) -> tuple[str, str, int]:
    """Sign, digits and exponent of a double's shortest decimal: 0.d1d2… would be too long by one; it is d1.d2… times ten to that."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    return "-" if sign else "", text, len(digits) + int(exponent) - 1


def double_text(value: float) -> str:
    """As Java writes a double: 1.5, 1.0E20, NaN."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        return text if "e" not in text and "." in text else f"{value:.1f}" if "e" not in text else format(Decimal(text), "f")
    sign, digits, exponent = _parts(value)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def scientific(value: float) -> str:
    """As Trino casts a double to text: 1.5E0."""
    if value != value or value in (float("inf"), float("-inf")):
        return double_text(value)
    if value == 0:
        return "-0E0" if str(value).startswith("-") else "0E0"
    sign, digits, exponent = _parts(value)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def real_text(value: float) -> str:
    return double_text(single(value))


_DOUBLE = re.compile(r"[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+[fFdD]?)")


def read_double(text: str) -> float:
    """A double from text as Java reads one; ValueError if it is none."""
    plain_text = text.strip()
    if not _DOUBLE.fullmatch(plain_text):
        raise ValueError(text)
    if "x" in plain_text.lower():
        return float.fromhex(plain_text.rstrip("fFdD") if "p" in plain_text.lower() else plain_text)
    return float(plain_text.rstrip("fFdD") if not plain_text.endswith(("NaN", "Infinity")) else plain_text.replace("Infinity", "inf"))


def nested(value: Any, kind: Type) -> str:
    """As Athena writes what lies in an array, a map or a row."""
    return "null" if value is None else shown(value, kind)


def shown(value: Any, kind: Type) -> str:
    """A value (as `python_functions.plain` has it) as Athena prints it."""
    name = kind.name
    if name in ("varchar", "json", "uuid", "ipaddress", "color"):
        return str(value)
    if name == "boolean":
        return "true" if value else "false"
    if name == "double":
        return double_text(value)
    if name == "real":
        return real_text(value)
    if name == "decimal":
        return format(value, "f")
    if name == "date":
        return times.date_text(value)
    if name == "timestamp":
        # Athena prints milliseconds, whatever a time stamp has.
        return times.timestamp_text(value, 3)
    if name == "timestamp with time zone":
        return times.zoned_text(value, 3)
    if name == "time":
        return times.time_text(value, kind.args[0])
    if name == "time with time zone":
        return times.time_text(value["t"], kind.args[0]) + times.minutes_text(value["z"])
    if name == "interval day to second":
        return times.day_interval_text(value)
    if name == "interval year to month":
        return times.month_interval_text(value)
    if name == "char":
        return str(value).ljust(kind.args[0])
    if name == "varbinary":
        return value.hex(" ")
    if name == "array":
        return "[" + ", ".join(nested(each, kind.args[0]) for each in value) + "]"
    if name == "map":
        return "{" + ", ".join(f"{nested(key, kind.args[0])}={nested(each, kind.args[1])}" for key, each in value) + "}"
    if name == "row":
        return "{" + ", ".join(f"{field or f'field{at}'}={nested(value[f'f{at}'], each)}" for at, (field, each) in enumerate(kind.args)) + "}"
    return str(value)


#: What the engine writes as Athena does; the others are written here.
_ENGINES = ("varchar", "json", "uuid", "ipaddress", "boolean", "tinyint", "smallint", "integer", "bigint", "decimal", "color")


def prepared(sql: str, kind: Type) -> str:
    """SQL of a column of the result: already its text, where the engine writes it as Athena does."""
    if kind.name in _ENGINES:
        return sql if kind.name in ("varchar", "json", "uuid", "ipaddress") else decimal_text(sql, kind) if kind.name == "decimal" else f"CAST({sql} AS VARCHAR)"
    if kind == timestamp(kind.args[0] if kind.args else 0):
        return f"strftime({sql}, '%Y-%m-%d %H:%M:%S.%g')"
    return sql


def decimal_text(sql: str, kind: Type) -> str:
    """SQL of a decimal's text. The engine leaves the 0 before the point out where the type has no room for it."""
    p, s = kind.args
    return f"CAST({sql} AS VARCHAR)" if p > s else f"CAST(CAST({sql} AS DECIMAL({p + 1},{s})) AS VARCHAR)" if p < 38 else f"replace('0' || CAST({sql} AS VARCHAR), '0-', '-0')"


def text_of(column: pa.Array | pa.ChunkedArray, kind: Type) -> pa.Array | pa.ChunkedArray:
    """A column of a result as text, and null."""
    if pa.types.is_string(column.type) and kind.name != "char":
        return column
    return pa.array([None if each is None else shown(each, kind) for each in values_of(column, kind)], pa.string())


__all__ = ["plain", "text_of", "shown", "nested", "prepared", "double_text", "scientific", "single", "read_double", "real_text"]
