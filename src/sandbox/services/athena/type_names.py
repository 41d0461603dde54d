"""Types as the catalog names them (Hive's words) and as Trino does.

Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import functools
import re

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.types import (
    BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, REAL, SMALLINT, TINYINT, VARBINARY, VARCHAR, Type, array, decimal, map_of, row, timestamp, varchar,
)  # fmt: skip

_PLAIN = {
    "boolean": BOOLEAN, "tinyint": TINYINT, "smallint": SMALLINT, "int": INTEGER, "integer": INTEGER, "bigint": BIGINT, "float": REAL, "real": REAL, "double": DOUBLE,
    "string": VARCHAR, "varchar": VARCHAR, "binary": VARBINARY, "date": DATE, "timestamp": timestamp(3), "long": BIGINT, "char": Type("char", (1,)),
}  # fmt: skip


def _split(text: str) -> list[str]:
    """At the commas that are in no brackets."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [each.strip() for each in [*parts, text[start:]]]


@functools.lru_cache(1000)
def type_named(text: str) -> Type:
    """A type of the catalog in Trino's words. Times of the catalog have no zone, and milliseconds."""
    name = text.strip().lower()
    if name in _PLAIN:
        return _PLAIN[name]
    sized = re.fullmatch(r"(varchar|char|decimal|numeric)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", name)
    if sized:
        if sized[1] == "varchar":
            return varchar(int(sized[2]))
        return Type("char", (int(sized[2]),)) if sized[1] == "char" else decimal(int(sized[2]), int(sized[3] or 0))
    if name == "decimal":
        return decimal(10, 0)
    nested = re.fullmatch(r"(array|map|struct)\s*<(.*)>", text.strip(), flags=re.I | re.S)
    if nested:
        parts = _split(nested[2])
        if nested[1].lower() == "array":
            return array(type_named(nested[2]))
        if nested[1].lower() == "map" and len(parts) == 2:
            return map_of(type_named(parts[0]), type_named(parts[1]))
        fields = [each.partition(":") for each in parts]
        return row(*((field.strip().strip("`").lower(), type_named(kind)) for field, _, kind in fields))
    raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena does not know the type '{text}' of a column in the catalog.")
