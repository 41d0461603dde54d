"""Functions in Python that the engine calls on its rows, where it has none that does as Trino's.

Source: our own (how the engine calls functions; what each does is in its own file), 2026-11-28 (whole file)
"""

from __future__ import annotations

import datetime
import hashlib
import re
import threading
from typing import Any, Callable

import duckdb
import pyarrow as pa

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.types import UNKNOWN, Type, engine_type, parts_of
from sandbox.services.athena.trino.values import Value, quoted

#: How a refusal is carried through the engine.
_MARK = re.compile(r"<<([A-Z_]+)\|(.*?)>>", re.S)
_EPOCH = datetime.datetime(1970, 1, 1)
_DAY = datetime.date(1970, 1, 1)

_known: set[str] = set()
_lock = threading.Lock()
_database: duckdb.DuckDBPyConnection | None = None


def database() -> duckdb.DuckDBPyConnection:
    """The engine: one for all queries, each of which has a cursor of its own."""
    global _database
    with _lock:
        if _database is None:
            _database = duckdb.connect(":memory:", config={"allow_unsigned_extensions": False, "autoinstall_known_extensions": False, "autoload_known_extensions": False})
            _database.execute("SET TimeZone = 'UTC'")
            _database.execute("SET enable_external_access = false")
            _database.execute("SET lock_configuration = true")
        return _database


def marked(refusal: Refusal) -> str:
    return f"<<{refusal.code}|{refusal.message}>>"


def unmarked(text: str) -> Refusal | None:
    found = _MARK.search(text)
    return Refusal(found[1], found[2]) if found else None


# --- Values between the engine and Python --------------------------------------------------------------------------------


def arrow_type(kind: Type) -> pa.DataType:
    name = kind.name
    if name == "array":
        return pa.list_(arrow_type(kind.args[0]))
    if name == "map":
        return pa.map_(arrow_type(kind.args[0]), arrow_type(kind.args[1]))
    if name == "row":
        return pa.struct([(f"f{at}", arrow_type(each)) for at, (_, each) in enumerate(kind.args)])
    if name == "decimal":
        return pa.decimal128(*kind.args)
    return _ARROW[engine_type(kind)]


_ARROW = {
    "BOOLEAN": pa.bool_(), "TINYINT": pa.int8(), "SMALLINT": pa.int16(), "INTEGER": pa.int32(), "BIGINT": pa.int64(), "FLOAT": pa.float32(), "DOUBLE": pa.float64(),
    "DATE": pa.date32(), "VARCHAR": pa.string(), "BLOB": pa.binary(), "TIMESTAMP": pa.timestamp("us"),
    "STRUCT(t BIGINT, z VARCHAR)": pa.struct([("t", pa.int64()), ("z", pa.string())]), "STRUCT(t BIGINT, z INTEGER)": pa.struct([("t", pa.int64()), ("z", pa.int32())]),
    "VARCHAR[]": pa.list_(pa.string()), "DOUBLE[]": pa.list_(pa.float64()),
}  # fmt: skip


def _has_times(kind: Type) -> bool:
    return kind.name in ("date", "timestamp") or any(map(_has_times, parts_of(kind)))


def plain(value: Any, kind: Type) -> Any:
    """A value as our functions have it: days and microseconds are numbers, wherever they are."""
    if value is None:
        return None
    if kind.name == "date":
        return (value - _DAY).days
    if kind.name == "timestamp":
        return (value - _EPOCH) // datetime.timedelta(microseconds=1)
    if kind.name == "array":
        return [plain(each, kind.args[0]) for each in value]
    if kind.name == "map":
        return [(plain(key, kind.args[0]), plain(each, kind.args[1])) for key, each in value]
    if kind.name == "row":
        return {f"f{at}": plain(value[f"f{at}"], each) for at, (_, each) in enumerate(kind.args)}
    return value


def values_of(column: pa.Array | pa.ChunkedArray, kind: Type) -> list[Any]:
    """A column's values in Python."""
    if kind.name == "timestamp":
        return column.cast(pa.int64()).to_pylist()
    if kind.name == "date":
        return column.cast(pa.int32()).to_pylist()
    values = column.to_pylist()
    return [plain(each, kind) for each in values] if _has_times(kind) else values


def _vectorised(function: Callable[..., Any], kinds: list[Type], returns: Type, nulls: bool) -> Callable[..., pa.Array]:
    target = arrow_type(returns)

    def run(*columns: Any) -> pa.Array:
        rows = zip(*(values_of(column, kind) for column, kind in zip(columns, kinds)))
        try:
            if nulls:
                found = [function(*row) for row in rows]
            else:
                found = [None if None in row else function(*row) for row in rows]
        except Refusal as refusal:
            raise ValueError(marked(refusal)) from None
        return pa.array(found, target)

    def safe(*columns: Any) -> pa.Array:
        try:
            return run(*columns)
        except TypeError:
            # `None in row` compares; arrays of odd things do not compare. One by one they do.
            rows = zip(*(values_of(column, kind) for column, kind in zip(columns, kinds)))
            return pa.array([None if not nulls and any(each is None for each in row) else function(*row) for row in rows], target)

    return safe if not nulls else run


def _counted(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The same with so many parameters by name: the engine counts them."""
    names = ", ".join(f"a{at}" for at in range(count))
    return eval(f"lambda {names}: function({names})", {"function": function})


def python_call(function: Callable[..., Any], arguments: list[Value], returns: Type, nulls: bool = False, volatile: bool = False, key: str = "") -> str:
    """SQL that calls a function of Python on these arguments. `key` tells apart functions of one name that were made for different uses."""
    kinds = [each.type for each in arguments]
    said = f"{function.__module__}.{function.__qualname__}/{key}/{', '.join(map(engine_type, kinds))}/{engine_type(returns)}/{[str(each) for each in kinds] if any(map(_has_times, kinds)) else ''}"
    name = f"py_{function.__name__.strip('_')}_{hashlib.sha1(said.encode()).hexdigest()[:12]}"
    con = database()
    with _lock:
        if name not in _known:
            con.create_function(
                name, _counted(_vectorised(function, kinds, returns, nulls), len(kinds)), [engine_type(each) for each in kinds], engine_type(returns),
                type="arrow", null_handling="special", side_effects=volatile,
            )  # fmt: skip
            _known.add(name)
    return f"{name}({', '.join(each.sql for each in arguments)})"


def _fail(message: str) -> None:
    code, _, text = message.partition("|")
    raise Refusal(code, text)


def failing(code: str, message: str, returns: Type = UNKNOWN) -> str:
    """SQL that refuses where it is reached. `message` is SQL of a text."""
    return python_call(_fail, [Value(f"({quoted(code + '|')} || {message})", Type("varchar", (1,)))], returns, nulls=True)
