"""Spark's JDBC source for PostgreSQL, in place of a driver: read by COPY, in as many ranges at a time as are asked for.

The engine has no JVM for a driver. Its own JDBC source is 200 MB large, keeps a whole range in memory and has `numeric` as
double. This one hands on what PostgreSQL sends, batch by batch.

Source: https://spark.apache.org/docs/latest/sql-data-sources-jdbc.html (options, ranges, types), 2026-11-28.
"""

from __future__ import annotations

import datetime
import decimal
import re
from typing import Any, Iterator
from urllib.parse import quote

import pyarrow as pa
from pyspark.sql.datasource import (
    DataSource, DataSourceReader, EqualTo, Filter, GreaterThan, GreaterThanOrEqual, InputPartition, LessThan, LessThanOrEqual,
)  # fmt: skip

CONNECT_TIMEOUT_S = 10
#: What Spark makes of a `numeric`, whose own precision is not told with the rows.
NUMERIC = pa.decimal128(38, 18)
BATCH_BYTES = 4 * 1024 * 1024

_COMPARISONS: dict[type, str] = {EqualTo: "=", GreaterThan: ">", GreaterThanOrEqual: ">=", LessThan: "<", LessThanOrEqual: "<="}


def address_of(url: str, user: str | None, password: str | None) -> str:
    """libpq's address of what a JDBC URL names. Raises ValueError for what is none of PostgreSQL's."""
    found = re.match(r"jdbc:postgresql://([^/?]+)/([^?]+)", url)
    if not found:
        raise ValueError(f"{url} has not the form jdbc:postgresql://HOST:PORT/DATABASE")
    who = quote(user or "", safe="") + (f":{quote(password, safe='')}" if password is not None else "")
    return f"postgresql://{who + '@' if who else ''}{found[1]}/{found[2]}?connect_timeout={CONNECT_TIMEOUT_S}"


def connect(address: str) -> Any:
    from adbc_driver_postgresql import dbapi

    return dbapi.connect(address)


def type_of(kind: pa.DataType) -> pa.DataType:
    """Spark's type of a column, as Arrow has it. What Spark has no type for is text."""
    if isinstance(kind, pa.OpaqueType):
        return NUMERIC if kind.type_name == "numeric" else pa.string()
    if pa.types.is_timestamp(kind):
        # In UTC, as Glue's session. An instant would be Spark's own, and the engine takes none from a source: whoever reads casts it.
        return pa.timestamp("us")
    if pa.types.is_duration(kind) or pa.types.is_interval(kind) or pa.types.is_time(kind) or pa.types.is_dictionary(kind):
        return pa.string()
    return kind


def converted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = []
    for column, field in zip(batch.columns, schema):
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        if column.type != field.type:
            if pa.types.is_decimal(field.type) and pa.types.is_string(column.type):
                column = pa.array([None if each is None else number(each, field.type.scale) for each in column.to_pylist()], field.type)
            else:
                column = column.cast(field.type)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def number(text: str, scale: int) -> decimal.Decimal:
    """A `numeric` rounded as Spark rounds it. NaN and infinity raise ValueError, as they do in PostgreSQL's driver."""
    found = decimal.Decimal(text)
    if not found.is_finite():
        raise ValueError(f"Bad value for type BigDecimal : {text}")
    return found.quantize(decimal.Decimal(1).scaleb(-scale), decimal.ROUND_HALF_UP, decimal.Context(prec=38))


def literal(value: Any) -> str | None:
    """A value of a filter in PostgreSQL's SQL; None for what the engine had better compare itself."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, decimal.Decimal)):
        return str(value)
    if isinstance(value, str) and "\0" not in value:
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime.date):
        return f"'{value.isoformat()}'"
    return None


class Range(InputPartition):
    """One query of those that a read is made of."""

    def __init__(self, number: int, query: str) -> None:
        super().__init__(number)
        self.query = query


class JdbcReader(DataSourceReader):
    def __init__(self, address: str, source: str, schema: pa.Schema, ranges: tuple[str, int, int, int] | None, push: bool) -> None:
        self.address, self.source, self.arrow_schema, self.ranges, self.push = address, source, schema, ranges, push
        self.conditions: list[str] = []

    def pushFilters(self, filters: list[Filter]) -> Iterator[Filter]:  # noqa: N802
        for each in filters:
            operator = _COMPARISONS.get(type(each)) if self.push else None
            value = literal(each.value) if operator and each.value is not None else None
            if value is None:
                yield each
            else:
                self.conditions.append(f"{'.'.join(map(quoted, each.attribute))} {operator} {value}")

    def partitions(self) -> list[InputPartition]:
        if self.ranges is None:
            return [Range(0, self._query())]
        column, low, high, count = self.ranges
        count = max(1, min(count, high - low))
        # Spark's own: the first has what is below and NULL too, the last what is above; bounds cut nothing off.
        edges = [low + (high - low) * at // count for at in range(1, count)]
        name = quoted(column)
        queries = []
        for at in range(count):
            parts = [f"{name} >= {edges[at - 1]}"] if at > 0 else []
            parts += [f"{name} < {edges[at]}"] if at < count - 1 else []
            below = " AND ".join(parts)
            queries.append(self._query(*([f"({below} OR {name} IS NULL)" if at == 0 else below] if parts else [])))
        return [Range(at, query) for at, query in enumerate(queries)]

    def _query(self, *more: str) -> str:
        conditions = [*more, *self.conditions]
        return f"SELECT * FROM {self.source}" + (f" WHERE {' AND '.join(conditions)}" if conditions else "")

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, Range)
        with connect(self.address) as connection, connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)})
            cursor.execute(partition.query)
            for batch in cursor.fetch_record_batch():
                yield converted(batch, self.arrow_schema)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class JdbcDataSource(DataSource):
    """``spark.read.format("jdbc")`` with Spark's options `url`, `dbtable` or `query`, `user`, `password`, `partitionColumn`, `lowerBound`,
    `upperBound`, `numPartitions`, `pushDownPredicate`. Others change nothing of the result."""

    @classmethod
    def name(cls) -> str:
        return "jdbc"

    def _source(self) -> tuple[str, str]:
        options = {key.lower(): value for key, value in self.options.items()}
        table, query = options.get("dbtable"), options.get("query")
        if bool(table) == bool(query):
            raise ValueError("JDBC takes one of the options dbtable and query")
        # Spark's ending: a query is a table in parentheses with a name.
        source = table or f"({query.strip().rstrip(';')}) AS spark_gen_subq"
        return address_of(options.get("url") or "", options.get("user"), options.get("password")), source

    def schema(self) -> Any:
        from pyspark.sql.pandas.types import from_arrow_schema

        return from_arrow_schema(self._arrow_schema())

    def _arrow_schema(self) -> pa.Schema:
        address, source = self._source()
        with connect(address) as connection, connection.cursor() as cursor:
            found = cursor.adbc_execute_schema(f"SELECT * FROM {source}")
        return pa.schema([pa.field(each.name, type_of(each.type)) for each in found])

    def reader(self, schema: Any) -> JdbcReader:
        options = {key.lower(): value for key, value in self.options.items()}
        bounds = [options.get(each) for each in ("partitioncolumn", "lowerbound", "upperbound")]
        if any(bounds) and not (all(bounds) and options.get("numpartitions")):
            raise ValueError("JDBC takes partitionColumn, lowerBound, upperBound and numPartitions together, or none of them")
        ranges = (bounds[0], int(bounds[1]), int(bounds[2]), int(options["numpartitions"])) if all(bounds) else None
        address, source = self._source()
        return JdbcReader(address, source, self._arrow_schema(), ranges, options.get("pushdownpredicate", "true").lower() != "false")
