"""Tables that queries make and add to: Parquet in S3, and what of Trino's types may be kept there.

Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
Source: trinodb/trino plugin/trino-hive/src/main/java/io/trino/plugin/hive/HiveErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as datasets
import pyarrow.parquet

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.relations import Query
from sandbox.services.athena.trino.types import Type, is_zoned, parts_of
from sandbox.services.athena.trino.values import fresh

if TYPE_CHECKING:
    from sandbox.services.athena.run import Run

#: Partitions that one statement may write, on AWS as here.
MOST_PARTITIONS = 100

_UNKEPT = ("time", "interval day to second", "interval year to month", "uuid", "ipaddress", "json", "unknown", "hyperloglog")


def refuse_unkept(columns: list[tuple[str | None, Type]]) -> None:
    """Hive keeps no times of day, zones or intervals."""
    for name, kind in columns:
        if _unkept(kind):
            raise Refusal("NOT_SUPPORTED", f"Unsupported Hive type: {kind}")


def _unkept(kind: Type) -> bool:
    return kind.name in _UNKEPT or is_zoned(kind) or any(map(_unkept, parts_of(kind)))


def stored(sql: str, kind: Type) -> str:
    """A value as a file has it: fields of rows under their names."""
    if kind.name == "row":
        named = [(name or f"field{at}", stored(f"({sql}).f{at}", each)) for at, (name, each) in enumerate(kind.args)]
        parts = ", ".join(f'"{name}" := {value}' for name, value in named)
        return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({parts}) END)"
    if kind.name == "array" and _has_row(kind):
        return f"list_transform({sql}, lambda e: {stored('e', kind.args[0])})"
    if kind.name == "map" and _has_row(kind):
        return f"map_from_entries(list_transform(map_entries({sql}), lambda e: struct_pack(key := e.key, value := {stored('e.value', kind.args[1])})))"
    if kind.name == "char":
        return f"rpad({sql}, {kind.args[0]}, ' ')"
    return sql


def _has_row(kind: Type) -> bool:
    return kind.name == "row" or any(map(_has_row, parts_of(kind)))


def write(run: "Run", query: Query, names: list[str], keys: list[str], location: str) -> tuple[int, list[str]]:
    """The rows of a query as files of a table, those of each partition in its folder: how many rows, and which files."""
    name = fresh("written")
    columns = [(stored(f"{name}.c{at}", kind), column) for at, (column, (_, kind)) in enumerate(zip(names, query.columns))]
    chosen = ", ".join(f'{value} AS "{column}"' for value, column in columns)
    sql = f"SELECT {chosen} FROM ({query.sql}) AS {name}"
    root = location.removeprefix("s3://").rstrip("/")
    files: list[str] = []
    if keys:
        table = pa.Table.from_batches(list(run.batches(sql)), run.cursor.sql(f"{sql} LIMIT 0").to_arrow_table().schema)
        count = table.select(keys).group_by(keys).aggregate([]).num_rows
        if count > MOST_PARTITIONS:
            raise Refusal("HIVE_TOO_MANY_OPEN_PARTITIONS", f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets")
        schema = pa.schema([table.schema.field(key) for key in keys])
        datasets.write_dataset(
            table, root, format="parquet", filesystem=run.s3(), partitioning=datasets.partitioning(schema, flavor="hive"), existing_data_behavior="overwrite_or_ignore",
            basename_template=f"{run.id}-{{i}}.parquet", max_partitions=MOST_PARTITIONS, create_dir=False, file_visitor=lambda each: files.append(f"s3://{each.path}"),
        )  # fmt: skip
        return table.num_rows, sorted(files)
    batches = run.batches(sql)
    first = next(batches, None)
    if first is None:
        return 0, files
    path, rows = f"{root}/{run.id or uuid.uuid4()}.parquet", first.num_rows
    with run.s3().open_output_stream(path) as file, pyarrow.parquet.ParquetWriter(file, first.schema) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows, [f"s3://{path}"]


