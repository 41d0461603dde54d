"""One execution of a statement: what it reads, how its query runs, and its result on the way to S3.

Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import functools
import json
import os
import threading
import urllib.parse
from typing import Any, Callable, Iterator

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.fs
from sqlglot import exp

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.catalog import Missing, glue, split_uri
from sandbox.services.athena.sources import Sources
from sandbox.services.athena.trino.execute import result_sql, said_by_engine
from sandbox.services.athena.trino.python_functions import database
from sandbox.services.athena.trino.relations import Query
from sandbox.services.athena.trino.syntax import place
from sandbox.services.athena.trino.text import text_of
from sandbox.services.athena.trino.translate import Translation
from sandbox.services.athena.trino.types import Type, athena_type

#: Rows that are taken from the engine at a time.
AT_ONCE = 65_536


class Cancelled(Exception):
    """Somebody asked for the end of the query."""


def place_of(sql: str, node: exp.Expression | None) -> str:
    """Where a name stands in a statement, as Trino says it."""
    starts = [each.meta["start"] for each in (node.find_all(exp.Identifier) if node else ()) if "start" in each.meta]
    return place(sql, min(starts)) if starts else "line 1:1"


class Run:
    """One execution: its cursor of the engine, the tables that it reads, and its result."""

    def __init__(self, id: str, sql: str, region: str, database: str, output: str, parameters: list[str], key: str | None = None) -> None:
        self.id, self.sql, self.region, self.database, self.output = id, sql.strip().rstrip(";").rstrip(), region, database.lower(), output
        self.parameters, self.key = parameters, key
        self.cancelled = threading.Event()
        self.scanned, self.rows = 0, 0
        self.columns: list[dict[str, Any]] = []
        self.output_file: str | None = None
        self.manifest: str | None = None
        self.updated: int | None = None
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self.cancelled.is_set():
                raise Cancelled
            if self._cursor is None:
                self._cursor = database().cursor()
            return self._cursor

    def cancel(self) -> None:
        self.cancelled.set()
        with self._lock:
            if self._cursor:
                self._cursor.interrupt()

    def close(self) -> None:
        if self._cursor:
            self._cursor.close()

    def check(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled

    # The catalog -----------------------------------------------------------------------------------------------------

    def entry(self, database: str, name: str, refuse: Callable[[str, str], Any]) -> dict[str, Any]:
        """A table's entry in the catalog."""
        try:
            return glue(self.region, "GetTable", DatabaseName=database, Name=name)["Table"]
        except Missing:
            try:
                glue(self.region, "GetDatabase", Name=database)
            except Missing:
                refuse("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist")
            refuse("TABLE_NOT_FOUND", f"Table 'awsdatacatalog.{database}.{name}' does not exist")
            raise AssertionError from None

    def table(self, node: exp.Table, sql: str) -> dict[str, Any]:
        """The entry of a table that a statement names."""
        database, name = self.names(node)

        def refuse(code: str, message: str) -> None:
            raise Refusal(code, f"{place_of(sql, node)}: {message}")

        return self.entry(database, name, refuse)

    def names(self, node: exp.Table) -> tuple[str, str]:
        if node.catalog and node.catalog.lower() != "awsdatacatalog":
            raise Refusal("CATALOG_NOT_FOUND", f"{place_of(self.sql, node)}: Catalog '{node.catalog.lower()}' does not exist")
        return (node.db or self.database).lower(), node.name.lower()

    # Running ---------------------------------------------------------------------------------------------------------

    def query(self, sql: str) -> Query:
        """A query in the engine's words. `sql` has it where it stands in the statement, with blanks before."""
        return Translation(sql, Sources(self).table, self.database, self.parameters).run()

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The rows of the engine's SQL."""
        self.check()
        try:
            reader = self.cursor.sql(sql).to_arrow_reader(AT_ONCE)
            for batch in reader:
                self.check()
                yield batch
        except (Cancelled, Refusal):
            raise
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            # What fails after the first rows comes as an error of the stream, with the same words.
            self.check()
            raise said_by_engine(error) from error

    def write_query(self, query: Query) -> None:
        """The result as CSV, as Athena writes it: all quoted, nothing where there is null."""
        kinds: list[Type] = [kind for _, kind in query.columns]
        names = [name or f"_col{at}" for at, (name, _) in enumerate(query.columns)]
        self.columns = [_column(name, *athena_type(kind)) for name, kind in zip(names, kinds)]
        schema = pa.schema([(name, pa.string()) for name in names])
        # The first rows are there before the file is: a query that fails leaves none.
        batches = self.batches(result_sql(query))
        first = next(batches, None)
        with self._open(".csv") as file:
            writer = pyarrow.csv.CSVWriter(file, schema, write_options=pyarrow.csv.WriteOptions(include_header=True, quoting_style="all_valid"))
            for batch in _and(first, batches) if first is not None else ():
                self.rows += batch.num_rows
                if batch.num_rows:
                    writer.write_table(pa.Table.from_arrays([text_of(column, kind) for column, kind in zip(batch.columns, kinds)], schema=schema))
            writer.close()
        self._metadata(".csv")

    def write_lines(self, columns: list[tuple[str, str]], lines: list[str]) -> None:
        """The result of a statement that is no query: text, a line a row, without a header."""
        self.columns = [_column(name, kind, 0, 0) for name, kind in columns]
        self.rows = len(lines)
        with self._open(".txt") as file:
            file.write("".join(f"{line}\n" for line in lines).encode())
        self._metadata(".txt")

    def write_update(self, rows: int, files: list[str], folder: str = "") -> None:
        """What a statement that wrote a table leaves: no rows, but how many there were, and a manifest with the files.

        Source: botocore athena 1.44.5 QueryExecutionStatistics, 2026-11-28
        Source: botocore athena 1.44.5 GetQueryResultsOutput, 2026-11-28
        Source: aoyagikouhei/athena-local docs/result-files.md, 2026-11-28
        Source: aws/aws-sdk-pandas awswrangler/athena/_read.py, 2026-11-28
        """
        self.columns = [_column("rows", "bigint", 19, 0)]
        self.updated = rows
        self._name(f"{folder}{self.id}")
        self._metadata("")
        self.manifest = f"{self.output_file}-manifest.csv"
        with self.s3().open_output_stream(self.manifest.removeprefix("s3://")) as file:
            file.write("".join(f"{each}\n" for each in files).encode())

    def _name(self, name: str) -> None:
        bucket, prefix = split_uri(self.output)
        self.output_file = f"s3://{bucket}/{prefix}{'' if prefix.endswith('/') or not prefix else '/'}{name}"

    def _open(self, ending: str) -> Any:
        self._name(f"{self.id}{ending}")
        assert self.output_file
        return self.s3().open_output_stream(self.output_file.removeprefix("s3://"))

    def _metadata(self, ending: str) -> None:
        assert self.output_file
        with self.s3().open_output_stream(f"{self.output_file.removeprefix('s3://')}.metadata") as file:
            file.write(json.dumps({"QueryExecutionId": self.id, "ColumnInfo": self.columns}).encode())

    def s3(self) -> pyarrow.fs.S3FileSystem:
        return _storage(self.region, self.key)


@functools.lru_cache(64)
def _storage(region: str, key: str | None) -> pyarrow.fs.S3FileSystem:
    endpoint = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
    return pyarrow.fs.S3FileSystem(
        access_key=key or os.environ["AWS_ACCESS_KEY_ID"], secret_key=os.environ["AWS_SECRET_ACCESS_KEY"], region=region,
        scheme=endpoint.scheme, endpoint_override=endpoint.netloc, background_writes=False, allow_delayed_open=True,
    )  # fmt: skip


def _and(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _column(name: str, kind: str, precision: int, scale: int) -> dict[str, Any]:
    return {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": kind,
        "Precision": precision, "Scale": scale, "Nullable": "UNKNOWN", "CaseSensitive": kind in ("varchar", "char"),
    }  # fmt: skip
