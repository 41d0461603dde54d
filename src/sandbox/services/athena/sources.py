"""What a query reads: the tables, views and partitions of the catalog, as relations of the engine.

Parquet is scanned where it lies in S3, as far as the query needs it; text formats are read whole by the jobs' engine.

Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
Source: trinodb/trino plugin/trino-hive/src/main/java/io/trino/plugin/hive/HiveErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import concurrent.futures
import contextvars
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as datasets

from sandbox.kernel.engine import Refusal
from sandbox.services.athena import text_files
from sandbox.services.athena.catalog import all_of, files_under
from sandbox.services.athena.parquet_types import column_of, refuse_other_partitions
from sandbox.services.athena.projection import is_projected, projected
from sandbox.services.athena.trino.context import Field
from sandbox.services.athena.trino.python_functions import arrow_type
from sandbox.services.athena.trino.relations import Relation
from sandbox.services.athena.trino.syntax import Node
from sandbox.services.athena.trino.translate import Translation
from sandbox.services.athena.trino.types import BIGINT, VARCHAR, Type
from sandbox.services.athena.trino.values import fresh
from sandbox.services.athena.type_names import type_named
from sandbox.services.athena.views import view_text

if TYPE_CHECKING:
    from sandbox.services.athena.run import Run

#: Views may name views; more levels than this are a circle.
DEEPEST_VIEW = 16

#: The hidden column that has the file of each row.
PATH = "$path"

#: Locations of one table that are listed one by one.
MOST_LISTINGS = 8

_NOBODY = (None, "__HIVE_DEFAULT_PARTITION__")


class Sources:
    """Gives a translation the tables that it names."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self._known: dict[str, tuple[str, list[tuple[str, Type, bool]]]] = {}
        self._depth = 0

    def table(self, translation: Translation, parts: list[str], node: Node) -> Relation:
        run = self.run
        if len(parts) > 3 or len(parts) == 3 and parts[0] != "awsdatacatalog":
            translation.fail("CATALOG_NOT_FOUND", node.at, f"Catalog '{parts[0]}' does not exist")
        database, name = parts[-2] if len(parts) > 1 else translation.database, parts[-1]
        of = ("awsdatacatalog", database, name)
        if database == "information_schema":
            return self._named(self._information(translation, name, node), of)
        if name.endswith("$partitions"):
            return self._named(self._partitions(translation, database, name.removesuffix("$partitions"), node), of)
        table = run.entry(database, name, lambda code, message: translation.fail(code, node.at, message))
        if table.get("TableType") == "VIRTUAL_VIEW":
            return self._view(translation, database, name, table, node)
        return self._named(self._files(database, name, table), of)

    def _named(self, view: tuple[str, list[tuple[str, Type, bool]]], of: tuple[str, ...]) -> Relation:
        name = fresh("r")
        return Relation(f"{view[0]} AS {name}", [Field(column, f"{name}.c{at}", kind, of, hidden) for at, (column, kind, hidden) in enumerate(view[1])])

    def _view(self, translation: Translation, database: str, name: str, table: dict[str, Any], node: Node) -> Relation:

        if self._depth >= DEEPEST_VIEW:
            translation.fail("VIEW_IS_RECURSIVE", node.at, "Statement would create a recursive view")
        text, of = view_text(table)
        self._depth += 1
        try:
            found = Translation(text, self.table, of or database).run()
        finally:
            self._depth -= 1
        own = fresh("r")
        return Relation(f"({found.sql}) AS {own}", [Field(column, f"{own}.c{at}", kind, ("awsdatacatalog", database, name)) for at, (column, kind) in enumerate(found.columns)])

    def _register(self, key: str, columns: list[tuple[str, Type, bool]], data: Any, select: str = "*") -> tuple[str, list[tuple[str, Type, bool]]]:
        name = fresh("source")
        self.run.cursor.register(name, data)
        self._known[key] = (f"(SELECT {select} FROM {name})", columns)
        return self._known[key]

    def _rows(self, key: str, columns: list[tuple[str, Type]], rows: list[tuple[Any, ...]]) -> tuple[str, list[tuple[str, Type, bool]]]:
        """A few rows that are at hand."""
        arrays = [pa.array([row[at] for row in rows], arrow_type(kind)) for at, (_, kind) in enumerate(columns)]
        data = pa.table(arrays, names=[f"c{at}" for at in range(len(columns))])
        return self._register(key, [(name, kind, False) for name, kind in columns], data)

    # Files -----------------------------------------------------------------------------------------------------------

    def _files(self, database: str, name: str, table: dict[str, Any]) -> tuple[str, list[tuple[str, Type, bool]]]:
        key = f"{database}.{name}"
        if key in self._known:
            return self._known[key]
        storage, keys = table.get("StorageDescriptor") or {}, table.get("PartitionKeys") or []
        form = text_files.format_of(table)
        columns = [(each["Name"].lower(), type_named(each.get("Type", "string"))) for each in storage.get("Columns", [])]
        partition_columns = [(each["Name"].lower(), type_named(each.get("Type", "string"))) for each in keys]
        groups: list[tuple[list[str | None], str]] = [([], storage.get("Location", ""))]
        own: dict[tuple[str | None, ...], tuple[Any, ...]] = {}
        if keys:
            groups = []
            if is_projected(table):
                groups = [*projected(table)]
            else:
                for each in all_of(self.run.region, "GetPartitions", "Partitions", DatabaseName=database, TableName=name):
                    refuse_other_partitions(database, name, table, each)
                    groups.append((each["Values"], each["StorageDescriptor"]["Location"]))
                    own[tuple(each["Values"])] = tuple((one["Name"].lower(), one.get("Type")) for one in each["StorageDescriptor"].get("Columns") or [])
        listed = self._list(storage.get("Location", ""), [location for _, location in groups])
        files = [(uri, size, values) for values, location in groups for uri, size in listed[location]]
        self.run.scanned += sum(size for _, size, _ in files)
        seen = [*((column, kind, False) for column, kind in [*columns, *partition_columns]), (PATH, VARCHAR, True)]
        if not files:
            return self._register(key, seen, pa.table([pa.array([], arrow_type(kind)) for _, kind, _ in seen], names=[f"c{at}" for at in range(len(seen))]))
        if form != "parquet":
            return self._register(key, seen, text_files.read(self.run, table, columns, partition_columns, files))
        # Partitions whose columns are declared otherwise have files of other types: each kind is read by itself.
        kinds: dict[tuple[Any, ...], list[tuple[str, int, list[str | None]]]] = {}
        for each in files:
            kinds.setdefault(own.get(tuple(each[2]), ()), []).append(each)
        parts = [self._parquet(f"{key}/{at}", columns, partition_columns, some, seen) for at, some in enumerate(kinds.values())]
        self._known[key] = (parts[0][0] if len(parts) == 1 else "(" + " UNION ALL ".join(f"SELECT * FROM {sql}" for sql, _ in parts) + ")", seen)
        return self._known[key]

    def _parquet(self, key: str, columns: list[tuple[str, Type]], partition_columns: list[tuple[str, Type]], files: list[tuple[str, int, list[str | None]]], seen: list[tuple[str, Type, bool]]) -> tuple[str, list[tuple[str, Type, bool]]]:
        form, storage = datasets.ParquetFileFormat(), self.run.s3()
        try:
            first = form.inspect(files[0][0].removeprefix("s3://"), filesystem=storage)
        except pa.ArrowInvalid as error:
            raise Refusal("HIVE_BAD_DATA", f"Error opening Hive split {files[0][0]}: {str(error).split(':')[0]}: not valid Parquet File") from None
        physical = {field.name.lower(): field for field in first}
        fields, chosen = [], []
        for at, (name, kind) in enumerate(columns):
            field = physical.get(name)
            if field is None:
                # Files that come later may have it.
                field = pa.field(name, arrow_type(kind))
            fields.append(field)
            chosen.append(f"{column_of(field, kind, name)} AS c{at}")
        for at, (name, kind) in enumerate(partition_columns):
            fields.append(pa.field(f"$key{at}", pa.string()))
            own = f'"$key{at}"'
            chosen.append(f"{_from_text(own, kind)} AS c{len(columns) + at}")
        fields.append(pa.field(PATH, pa.string()))
        chosen.append(f'"{PATH}" AS c{len(seen) - 1}')
        expressions = []
        for uri, _, values in files:
            found = datasets.field(PATH) == uri
            for at, value in enumerate(values):
                found = found & (datasets.field(f"$key{at}").is_null() if value in _NOBODY else datasets.field(f"$key{at}") == value)
            expressions.append(found)
        data = datasets.FileSystemDataset.from_paths([uri.removeprefix("s3://") for uri, _, _ in files], schema=pa.schema(fields), format=form, filesystem=storage, partitions=expressions)
        return self._register(key, seen, data, ", ".join(chosen))

    def _list(self, root: str, locations: list[str]) -> dict[str, list[tuple[str, int]]]:
        """The files of each location."""
        run = self.run
        run.check()
        folder = lambda location: location if location.endswith("/") else f"{location}/"  # noqa: E731
        distinct = list(dict.fromkeys(locations))
        within = {location for location in distinct if root and folder(location).startswith(folder(root))}
        found: dict[str, list[tuple[str, int]]] = {}
        if len(within) > MOST_LISTINGS:
            # Many partitions: one long list of the table's folder costs less than a short one of each.
            files: dict[str, list[tuple[str, int]]] = {}
            for uri, size in files_under(run.region, root):
                files.setdefault(uri[: uri.rindex("/") + 1], []).append((uri, size))
            # A partition may have folders of its own in it.
            for parent, each in files.items():
                at = parent
                while len(at) >= len(folder(root)):
                    found.setdefault(at, []).extend(each)
                    at = at[: at.rstrip("/").rindex("/") + 1]
            found = {location: found.get(folder(location), []) for location in within}
        rest = [location for location in distinct if location not in found]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            # With the key of whoever asks, also in other threads.
            mine = contextvars.copy_context()
            return {**found, **dict(zip(rest, pool.map(lambda location: mine.copy().run(files_under, run.region, location), rest)))}

    # The catalog as tables -------------------------------------------------------------------------------------------

    def _partitions(self, translation: Translation, database: str, name: str, node: Node) -> tuple[str, list[tuple[str, Type, bool]]]:
        table = self.run.entry(database, name, lambda code, message: translation.fail(code, node.at, message))
        keys = [(each["Name"].lower(), type_named(each.get("Type", "string"))) for each in table.get("PartitionKeys") or []]
        rows = [tuple(each["Values"]) for each in all_of(self.run.region, "GetPartitions", "Partitions", DatabaseName=database, TableName=name)]
        if not keys:
            return self._rows(f"{database}.{name}$partitions", [("partition", VARCHAR)], [])
        sql, _ = self._rows(f"{database}.{name}$partitions/text", [(key, VARCHAR) for key, _ in keys], rows)
        chosen = ", ".join(f"{_from_text('c' + str(at), kind)} AS c{at}" for at, (_, kind) in enumerate(keys))
        return f"(SELECT {chosen} FROM {sql})", [(key, kind, False) for key, kind in keys]

    def _information(self, translation: Translation, name: str, node: Node) -> tuple[str, list[tuple[str, Type, bool]]]:

        region = self.run.region
        databases = [each["Name"].lower() for each in all_of(region, "GetDatabases", "DatabaseList")]
        text = lambda *names: [(each, VARCHAR) for each in names]  # noqa: E731
        if name == "schemata":
            return self._rows(f"information_schema.{name}", text("catalog_name", "schema_name"), [("awsdatacatalog", each) for each in [*databases, "information_schema"]])
        tables = [(database, each) for database in databases for each in all_of(region, "GetTables", "TableList", DatabaseName=database)]
        if name == "tables":
            rows: list[tuple[Any, ...]] = [("awsdatacatalog", database, each["Name"].lower(), "VIEW" if each.get("TableType") == "VIRTUAL_VIEW" else "BASE TABLE") for database, each in tables]
            return self._rows(f"information_schema.{name}", text("table_catalog", "table_schema", "table_name", "table_type"), rows)
        if name == "views":
            rows = [("awsdatacatalog", database, each["Name"].lower(), view_text(each)[0]) for database, each in tables if each.get("TableType") == "VIRTUAL_VIEW"]
            return self._rows(f"information_schema.{name}", text("table_catalog", "table_schema", "table_name", "view_definition"), rows)
        if name == "columns":
            rows = []
            for database, each in tables:
                keys = each.get("PartitionKeys") or []
                for at, column in enumerate([*(each.get("StorageDescriptor") or {}).get("Columns", []), *keys]):
                    extra = "partition key" if column in keys else None
                    rows.append(("awsdatacatalog", database, each["Name"].lower(), column["Name"].lower(), at + 1, None, "YES", str(type_named(column.get("Type", "string"))), column.get("Comment"), extra))
            names = ["table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default", "is_nullable", "data_type", "comment", "extra_info"]
            return self._rows(f"information_schema.{name}", [(each, BIGINT if each == "ordinal_position" else VARCHAR) for each in names], rows)
        translation.fail("TABLE_NOT_FOUND", node.at, f"Table 'awsdatacatalog.information_schema.{name}' does not exist")


def _from_text(sql: str, kind: Type) -> str:
    """A partition's value as its type."""
    from sandbox.services.athena.trino.casts import cast
    from sandbox.services.athena.trino.values import Value

    return cast(Value(sql, VARCHAR), kind).sql


