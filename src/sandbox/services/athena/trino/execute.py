"""Runs what was translated, and says what goes wrong in Trino's words.

Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re

import duckdb

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.python_functions import database, unmarked
from sandbox.services.athena.trino.relations import Query
from sandbox.services.athena.trino.text import double_text, prepared
from sandbox.services.athena.trino.values import fresh

_KINDS = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "INT128": "bigint"}
_OPERATIONS = {"addition": ("addition", "+"), "subtraction": ("subtraction", "-"), "multiplication": ("multiplication", "*"), "division": ("division", "/")}


def result_sql(query: Query) -> str:
    """SQL of the query's result, as much of it text already as the engine can write as Athena does."""
    name = fresh("result")
    columns = ", ".join(f"{prepared(f'{name}.c{at}', kind)} AS c{at}" for at, (_, kind) in enumerate(query.columns))
    return f"SELECT {columns} FROM ({query.sql}) AS {name}"


def start(sql: str, connection: duckdb.DuckDBPyConnection | None = None) -> duckdb.DuckDBPyConnection:
    """A query that has begun."""
    cursor = connection or database().cursor()
    try:
        return cursor.execute(sql)
    except duckdb.Error as error:
        raise said_by_engine(error) from error


def said_by_engine(error: Exception) -> Refusal:
    """The engine's complaint in Trino's words."""
    text = str(error)
    marked = unmarked(text)
    if marked:
        return marked
    if isinstance(error, duckdb.InterruptException):
        return Refusal("USER_CANCELED", "Query was canceled")
    for pattern, make in _COMPLAINTS:
        found = re.search(pattern, text)
        if found:
            return make(found)
    if isinstance(error, OSError) and "ACCESS_DENIED" in text:
        return Refusal("PERMISSION_DENIED", "Access Denied (Service: S3, Status Code: 403)")
    if isinstance(error, OSError) and "Error: " not in text:
        return Refusal("HIVE_CANNOT_OPEN_SPLIT", "A file of a table could not be read from S3, or is not what its table says")
    return Refusal("NOT_SUPPORTED", "The sandbox's Athena does not run this query, which AWS's may: it was understood, but the sandbox cannot carry out one of its operations.")


def _out_of_range(found: re.Match[str]) -> Refusal:
    source, value, target = found.groups()
    kind = _KINDS.get(target, target.lower())
    if source in ("DOUBLE", "FLOAT"):
        number = float(value.replace("inf", "inf"))
        shown = double_text(number)
        if value.lstrip("-") == "nan":
            return Refusal("INVALID_CAST_ARGUMENT", f"Cannot cast double NaN to {kind}")
        if kind == "bigint":
            return Refusal("INVALID_CAST_ARGUMENT", f"Unable to cast {shown} to bigint")
        return Refusal("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {kind}: {shown}")
    if source == "INT128":
        return Refusal("NUMERIC_VALUE_OUT_OF_RANGE", f"bigint addition overflow: {value}")
    return Refusal("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {kind}: {value}")


def _overflow(found: re.Match[str]) -> Refusal:
    what, kind, numbers = found[1], found[2], found[3]
    if kind.startswith("DECIMAL"):
        return Refusal("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow")
    if what == "subtraction" and numbers.startswith("0 - "):
        return Refusal("NUMERIC_VALUE_OUT_OF_RANGE", f"{_KINDS.get(kind, 'bigint')} negation overflow: {numbers[4:]}")
    return Refusal("NUMERIC_VALUE_OUT_OF_RANGE", f"{_KINDS.get(kind, 'bigint')} {what} overflow: {numbers}")


_COMPLAINTS = [
    (r"[Dd]ivision by zero", lambda found: Refusal("DIVISION_BY_ZERO", "Division by zero")),
    (r"Type (\w+) with value (\S+) can't be cast because the value is out of range for the destination type (\w+)", _out_of_range),
    (r"Overflow in (\w+) of (\w+(?:\(\d+(?:,\s*\d+)?\))?) \(([^)]*)\)", _overflow),
    (r"Overflow in SUM of DECIMAL|Decimal overflow|Overflow in multiplication of DECIMAL", lambda found: Refusal("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow")),
    (r"Overflow on abs\((-?\d+)\)", lambda found: Refusal("NUMERIC_VALUE_OUT_OF_RANGE", f"Value {found[1]} is out of range for abs(integer)")),
    (r"Overflow in division of (\S+) / (\S+)", lambda found: Refusal("NUMERIC_VALUE_OUT_OF_RANGE", f"integer division overflow: {found[1]} / {found[2]}")),
    (r"Could not cast value (\S+) to (DECIMAL\(\d+,\s*\d+\))", lambda found: Refusal("INVALID_CAST_ARGUMENT", f"Cannot cast '{found[1]}' to {found[2].replace(',', ', ')}")),
    (r'Casting value "([^"]*)" to type (DECIMAL\(\d+,\s*\d+\)) failed', lambda found: Refusal("INVALID_CAST_ARGUMENT", f"Cannot cast '{found[1]}' to {found[2].replace(',', ', ')}")),
    (r"Failed to cast decimal value (\S+) to type (\w+)", lambda found: Refusal("INVALID_CAST_ARGUMENT", f"Cannot cast '{found[1]}' to {_KINDS.get(found[2], found[2]).upper()}")),
    (r"More than one row returned by a subquery", lambda found: Refusal("SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows")),
    (r"[Mm]ap keys? must be unique|Map keys have to be unique", lambda found: Refusal("INVALID_FUNCTION_ARGUMENT", "Duplicate map keys are not allowed")),
    (r"[Mm]ap keys can not be NULL", lambda found: Refusal("INVALID_FUNCTION_ARGUMENT", "map key cannot be null")),
    (r"[Oo]verflow|out of range", lambda found: Refusal("NUMERIC_VALUE_OUT_OF_RANGE", "A number is out of the range of its type")),
    (r"Out of Memory|could not allocate", lambda found: Refusal("EXCEEDED_LOCAL_MEMORY_LIMIT", "Query exceeded the memory that the sandbox's Athena may use")),
]  # fmt: skip
