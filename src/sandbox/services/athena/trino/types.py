"""Trino's types: their names, what becomes what by itself, and what the engine and Athena call them.

Source: trinodb/trino docs/src/main/sphinx/language/types.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sandbox.services.athena.trino.syntax import Node

#: A varchar without a length.
UNBOUNDED = 2147483647


class Type(NamedTuple):
    """A type: `decimal` has (precision, scale), `varchar` a length, `row` pairs of name (or None) and type."""

    name: str
    args: tuple[Any, ...] = ()

    def __str__(self) -> str:
        if self.name == "varchar":
            return "varchar" if self.args[0] == UNBOUNDED else f"varchar({self.args[0]})"
        if self.name == "row":
            return "row(" + ", ".join(f"{_field(name)} {kind}" if name else str(kind) for name, kind in self.args) + ")"
        if self.name.endswith(" with time zone"):
            return f"{self.name.split()[0]}({self.args[0]}) with time zone"
        if self.name == "decimal":
            return f"decimal({self.args[0]},{self.args[1]})"
        return f"{self.name}({', '.join(map(str, self.args))})" if self.args else self.name


def _field(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT = (Type(each) for each in ("boolean", "tinyint", "smallint", "integer", "bigint"))
REAL, DOUBLE, DATE, VARBINARY, JSON, UNKNOWN = (Type(each) for each in ("real", "double", "date", "varbinary", "json", "unknown"))
DAY_TO_SECOND, YEAR_TO_MONTH = Type("interval day to second"), Type("interval year to month")
VARCHAR = Type("varchar", (UNBOUNDED,))
UUID, IPADDRESS, COLOR = Type("uuid"), Type("ipaddress"), Type("color")

INTEGERS = ("tinyint", "smallint", "integer", "bigint")
NUMBERS = (*INTEGERS, "decimal", "real", "double")
TIMESTAMPS = ("timestamp", "timestamp with time zone")
#: Where a number becomes another by itself: along this line.
_LINE = {name: at for at, name in enumerate(NUMBERS)}
#: Digits that hold any integer of a type.
DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
LIMITS = {"tinyint": 2**7, "smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def varchar(length: int) -> Type:
    return Type("varchar", (min(length, UNBOUNDED),))


def decimal(precision: int, scale: int) -> Type:
    return Type("decimal", (precision, scale))


def array(of: Type) -> Type:
    return Type("array", (of,))


def map_of(key: Type, value: Type) -> Type:
    return Type("map", (key, value))


def row(*fields: tuple[str | None, Type]) -> Type:
    return Type("row", fields)


def timestamp(digits: int, zoned: bool = False) -> Type:
    return Type("timestamp with time zone" if zoned else "timestamp", (digits,))


def is_zoned(kind: Type) -> bool:
    return kind.name.endswith("with time zone")


class UnknownType(Exception):
    """A name that is no type of Trino's."""


_PLAIN = {
    each: Type(each)
    for each in "boolean tinyint smallint integer bigint real double date varbinary json unknown uuid ipaddress color hyperloglog p4hyperloglog setdigest qdigest tdigest jsonpath".split()
}
_PLAIN |= {"int": INTEGER, "interval day to second": DAY_TO_SECOND, "interval year to month": YEAR_TO_MONTH}


def type_of(node: Node) -> Type:
    """The type that a piece of a query names."""
    name, args = node.name, node.args
    if name in _PLAIN and not args:
        return _PLAIN[name]
    if name == "varchar":
        return varchar(args[0]) if args else VARCHAR
    if name == "char":
        return Type("char", (args[0] if args else 1,))
    if name in ("decimal", "dec", "numeric"):
        return decimal(args[0] if args else 38, args[1] if len(args) > 1 else 0)
    if name.split()[0] in ("timestamp", "time") and (len(name.split()) == 1 or name.endswith("zone")):
        return Type(name, (args[0] if args else 3,))
    if name == "array" and len(args) == 1:
        return array(type_of(args[0]))
    if name == "map" and len(args) == 2:
        return map_of(type_of(args[0]), type_of(args[1]))
    if name == "row":
        return row(*((each.name, type_of(each.type)) for each in args))
    raise UnknownType(name)


# --- What becomes what ---------------------------------------------------------------------------------------------------


def _as_decimal(kind: Type) -> Type:
    return kind if kind.name == "decimal" else decimal(DIGITS[kind.name], 0)


def _wider(a: Type, b: Type) -> Type:
    scale = max(a.args[1], b.args[1])
    return decimal(min(38, max(a.args[0] - a.args[1], b.args[0] - b.args[1]) + scale), scale)


def common(a: Type, b: Type) -> Type | None:
    """The type that both become by themselves, if there is one."""
    if a == b or b == UNKNOWN:
        return a
    if a == UNKNOWN:
        return b
    if a.name == b.name:
        if a.name in ("varchar", "char", "time", "timestamp", "time with time zone", "timestamp with time zone"):
            return a if a.args[0] >= b.args[0] else b
        if a.name == "decimal":
            return _wider(a, b)
        if a.name in ("array", "map"):
            parts = [common(x, y) for x, y in zip(a.args, b.args)]
            return None if None in parts else Type(a.name, tuple(parts))
        if a.name == "row" and len(a.args) == len(b.args):
            fields = [(x if x == y else None, common(s, t)) for (x, s), (y, t) in zip(a.args, b.args)]
            return None if any(each is None for _, each in fields) else Type("row", tuple(fields))
        return None
    if a.name in _LINE and b.name in _LINE:
        if _LINE[a.name] > _LINE[b.name]:
            a, b = b, a
        return _wider(_as_decimal(a), b) if b.name == "decimal" else b
    for x, y in ((a, b), (b, a)):
        if x.name == "char" and y.name == "varchar":
            return Type("char", (max(x.args[0], min(y.args[0], 65536)),))
        if x == DATE and y.name in TIMESTAMPS:
            return y
        if x.name in ("timestamp", "time") and y.name == f"{x.name} with time zone":
            return Type(y.name, (max(x.args[0], y.args[0]),))
        if x == DATE and y.name in ("time", "time with time zone"):
            return None
    return None


def becomes(source: Type, target: Type) -> bool:
    """Whether a value of one type is taken where another is wanted."""
    if source == UNKNOWN or source == target:
        return True
    if source.name == "char" and target.name == "varchar":
        return target.args[0] >= source.args[0]
    return _same_but_names(common(source, target), target)


def _same_but_names(a: Type | None, b: Type) -> bool:
    if a is None or a.name != b.name:
        return False
    if a.name == "row":
        return len(a.args) == len(b.args) and all(_same_but_names(x, y) for (_, x), (_, y) in zip(a.args, b.args))
    if a.name in ("array", "map"):
        return all(map(_same_but_names, a.args, b.args))
    return a == b


def is_orderable(kind: Type) -> bool:
    if kind.name in ("map", "json", "color", "hyperloglog", "setdigest", "tdigest", "qdigest"):
        return False
    return all(map(is_orderable, parts_of(kind)))


def is_comparable(kind: Type) -> bool:
    if kind.name in ("hyperloglog", "setdigest", "tdigest", "qdigest", "function"):
        return False
    return all(map(is_comparable, parts_of(kind)))


def parts_of(kind: Type) -> list[Type]:
    if kind.name == "row":
        return [each for _, each in kind.args]
    return list(kind.args) if kind.name in ("array", "map") else []


# --- What others call them -----------------------------------------------------------------------------------------------

_ENGINE = {
    "boolean": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT", "real": "FLOAT", "double": "DOUBLE",
    "date": "DATE", "varchar": "VARCHAR", "char": "VARCHAR", "varbinary": "BLOB", "json": "VARCHAR", "unknown": "INTEGER", "uuid": "VARCHAR", "ipaddress": "VARCHAR",
    "interval day to second": "BIGINT", "interval year to month": "INTEGER", "timestamp": "TIMESTAMP", "time": "BIGINT", "color": "VARCHAR",
    "timestamp with time zone": "STRUCT(t BIGINT, z VARCHAR)", "time with time zone": "STRUCT(t BIGINT, z INTEGER)",
    "hyperloglog": "VARCHAR[]", "setdigest": "VARCHAR[]", "tdigest": "DOUBLE[]", "qdigest": "DOUBLE[]",
}  # fmt: skip


def engine_type(kind: Type) -> str:
    """What the engine keeps a value in: an instant with its zone is a pair of microseconds and name, an interval a number, a time its picoseconds, JSON its text."""
    if kind.name == "decimal":
        return f"DECIMAL({kind.args[0]},{kind.args[1]})"
    if kind.name == "array":
        return f"{engine_type(kind.args[0])}[]"
    if kind.name == "map":
        return f"MAP({engine_type(kind.args[0])}, {engine_type(kind.args[1])})"
    if kind.name == "row":
        return f"STRUCT({', '.join(f'f{at} {engine_type(each)}' for at, (_, each) in enumerate(kind.args))})"
    return _ENGINE[kind.name]


_ATHENA: dict[str, tuple[str, int]] = {
    "tinyint": ("tinyint", 3), "smallint": ("smallint", 5), "integer": ("integer", 10), "bigint": ("bigint", 19), "real": ("float", 17), "double": ("double", 17),
    "timestamp": ("timestamp", 3), "timestamp with time zone": ("timestamp with time zone", 3), "time": ("time", 3), "time with time zone": ("time with time zone", 3),
    "varchar": ("varchar", UNBOUNDED), "char": ("char", 1),
}  # fmt: skip


def athena_type(kind: Type) -> tuple[str, int, int]:
    """Athena's name of a type, its precision and its scale."""
    if kind.name == "decimal":
        return "decimal", *kind.args
    name, precision = _ATHENA.get(kind.name, (kind.name, 0))
    return name, kind.args[0] if kind.name in ("varchar", "char") else precision, 0


def glue_type(kind: Type) -> str:
    """A type in the words of the catalog, for tables and views made of a result."""
    if kind.name == "array":
        return f"array<{glue_type(kind.args[0])}>"
    if kind.name == "map":
        return f"map<{glue_type(kind.args[0])},{glue_type(kind.args[1])}>"
    if kind.name == "row":
        return f"struct<{','.join((name or 'field' + str(at)) + ':' + glue_type(each) for at, (name, each) in enumerate(kind.args))}>"
    if kind.name == "decimal":
        return f"decimal({kind.args[0]},{kind.args[1]})"
    if kind.name == "varchar":
        return "string" if kind.args[0] == UNBOUNDED else f"varchar({kind.args[0]})"
    if kind.name == "char":
        return f"char({kind.args[0]})"
    return {"integer": "int", "real": "float", "varbinary": "binary", "timestamp with time zone": "timestamp"}.get(kind.name, kind.name)
