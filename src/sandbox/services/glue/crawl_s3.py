"""Looks at what a crawler is told to look at, and says which tables are there: a PostgreSQL's own catalog, or the files
below a prefix of S3.

One request as JSON on stdin (a password is in it, so it is no argument), one answer as JSON on stdout:
``{"tables": [...]}`` or ``{"error": "..."}``. A table is ``{name, location, columns, partitionKeys, partitions, parameters,
storage}``; names are without the crawler's prefix.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Iterable, Iterator

#: Folders are sampled, not read: of each this many files.
SAMPLE_FILES = 10
SAMPLE_BYTES = 1 << 20
CONNECT_SECONDS = 10


class Failure(Exception):
    """For whoever started the crawl."""


def plain(name: str) -> str:
    """A name as the catalog takes it."""
    return re.sub(r"[^a-z0-9_]", "_", name.lower())


def excluded(path: str, patterns: Iterable[str]) -> bool:
    """Glue's exclude patterns: ``*`` stays within a folder, ``**`` does not, ``{a,b}`` are alternatives."""
    return any(re.fullmatch(_glob(pattern), path) for pattern in patterns)


def _glob(pattern: str) -> str:
    found, depth, at = "", 0, 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            found, at = found + ".*", at + 1
        elif char == "*":
            found += "[^/]*"
        elif char == "?":
            found += "[^/]"
        elif char == "{":
            found, depth = found + "(?:", depth + 1
        elif char == "}" and depth:
            found, depth = found + ")", depth - 1
        elif char == "," and depth:
            found += "|"
        elif char == "[" and "]" in pattern[at:]:
            end = pattern.index("]", at)
            found, at = found + "[" + pattern[at + 1 : end].replace("!", "^", 1) + "]", end
        else:
            found += re.escape(char)
        at += 1
    return found


# --- PostgreSQL --------------------------------------------------------------------------------------------------------

COLUMNS = """
SELECT c.table_schema, c.table_name, t.table_type, c.column_name, c.data_type, c.udt_name, c.numeric_precision, c.numeric_scale
  FROM information_schema.columns c
  JOIN information_schema.tables t USING (table_schema, table_name)
 WHERE c.table_schema NOT IN ('information_schema', 'pg_catalog') AND c.table_schema NOT LIKE 'pg_toast%'
 ORDER BY c.table_schema, c.table_name, c.ordinal_position
"""

TYPES = {
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "real": "float",
    "double precision": "double",
    "money": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamp",
    "bytea": "binary",
}

ELEMENTS = {"_int2": "smallint", "_int4": "int", "_int8": "bigint", "_float4": "float", "_float8": "double", "_bool": "boolean", "_date": "date", "_timestamp": "timestamp", "_timestamptz": "timestamp"}


def postgres_type(kind: str, element: str, precision: int | None, scale: int | None) -> str:
    if kind == "numeric":
        # Without a precision PostgreSQL's is unlimited; the catalog's ends at 38.
        return f"decimal({min(precision, 38)},{min(scale or 0, 38)})" if precision else "decimal(38,18)"
    if kind == "ARRAY":
        return f"array<{ELEMENTS.get(element, 'string')}>"
    return TYPES.get(kind, "string")


def postgresql(host: str, port: int, asked: str, user: str, password: str, database: str, path: str, exclusions: list[str]) -> list[dict[str, Any]]:
    from pg8000 import dbapi
    from pg8000.exceptions import DatabaseError, InterfaceError

    try:
        connection = dbapi.connect(user, host=host, port=port, database=database, password=password, timeout=CONNECT_SECONDS)
    except DatabaseError as error:
        told = error.args[0] if error.args and isinstance(error.args[0], dict) else {"S": "FATAL", "M": str(error)}
        raise Failure(f"{told.get('S')}: {told.get('M')}") from None
    except (InterfaceError, OSError):
        raise Failure(f"The connection attempt failed: {asked} does not answer.") from None
    try:
        cursor = connection.cursor()
        cursor.execute(COLUMNS)
        rows = cursor.fetchall()
    finally:
        connection.close()
    wanted = re.compile(".*".join(re.escape(part) for part in path.rstrip("/").split("%")) + ("" if path.endswith("%") else "(/.*)?"))
    base = path[: path.find("%")].rpartition("/")[0] + "/" if "%" in path else path.rstrip("/") + "/"
    tables: dict[tuple[str, str], dict[str, Any]] = {}
    for schema, table, kind, column, data_type, udt, precision, scale in rows:
        full = f"{database}/{schema}/{table}"
        if not wanted.fullmatch(full) or excluded(full.removeprefix(base), exclusions):
            continue
        found = tables.setdefault(
            (schema, table),
            {
                "name": plain(f"{database}_{schema}_{table}"),
                "location": f"{database}.{schema}.{table}",
                "columns": [],
                "parameters": {"classification": "postgresql", "compressionType": "none", "typeOfData": "view" if kind == "VIEW" else "table"},
                "storage": {"InputFormat": "", "OutputFormat": "", "SerdeInfo": {"Parameters": {}}},
            },
        )
        found["columns"].append({"Name": column.lower(), "Type": postgres_type(data_type, udt, precision, scale)})
    return list(tables.values())


# --- S3 ----------------------------------------------------------------------------------------------------------------

HIVE = "org.apache.hadoop.hive"
TEXT = {"InputFormat": "org.apache.hadoop.mapred.TextInputFormat", "OutputFormat": f"{HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat"}
PARQUET = {
    "InputFormat": f"{HIVE}.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": f"{HIVE}.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": f"{HIVE}.ql.io.parquet.serde.ParquetHiveSerDe", "Parameters": {"serialization.format": "1"}},
}


@dataclass
class Schema:
    """What the files of a folder are alike in."""

    kind: str
    columns: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)

    def alike(self, other: Schema) -> bool:
        """Whether two folders are parts of one table: the same format, and most columns in common."""
        if self.kind != other.kind:
            return False
        common = sum(1 for name, kind in self.columns.items() if other.columns.get(name) == kind)
        return common >= 0.7 * max(len(self.columns), len(other.columns))

    def merged(self, other: Schema) -> Schema:
        return Schema(self.kind, {**other.columns, **self.columns}, self.parameters)


@dataclass
class Found:
    """A table: a folder, and the folders in it that are its partitions, by their names below it."""

    path: str
    schema: Schema
    partitions: list[list[str]]
    files: int
    size: int


@dataclass
class Folder:
    path: str
    files: list[Any] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)

    def tables(self, read: Any) -> Iterator[Found]:
        inner = [(name, list(folder.tables(read))) for name, folder in sorted(self.folders.items())]
        own = None
        if self.files:
            schemas = [schema for schema in (read(file) for file in self.files[:SAMPLE_FILES]) if schema]
            if schemas:
                kind = Counter(schema.kind for schema in schemas).most_common(1)[0][0]
                same = [schema for schema in schemas if schema.kind == kind]
                for schema in same[1:]:
                    same[0] = same[0].merged(schema)
                own = Found(self.path, same[0], [], len(self.files), sum(file.size for file in self.files))
        parts = self._parts([(name, tables) for name, tables in inner if tables]) if own is None else None
        if parts:
            yield parts
            return
        if own:
            yield own
        for _, tables in inner:
            yield from tables

    def _parts(self, inner: list[tuple[str, list[Found]]]) -> Found | None:
        """The table whose partitions the folders in this one are, if they are."""
        if not inner or any(len(tables) != 1 or tables[0].path != f"{self.path}/{name}" for name, tables in inner):
            return None
        named = {name.split("=")[0] for name, _ in inner if "=" in name}
        if not (len(named) == 1 and all("=" in name for name, _ in inner)) and (named or len(inner) < 2):
            return None
        first = inner[0][1][0]
        depths = {len(part) for _, tables in inner for part in tables[0].partitions or [[]]}
        if len(depths) > 1 or not all(first.schema.alike(tables[0].schema) for _, tables in inner):
            return None
        schema, partitions = first.schema, []
        for name, (table,) in inner:
            schema = schema.merged(table.schema)
            partitions += [[name, *part] for part in table.partitions or [[]]]
        return Found(self.path, schema, partitions, sum(t[0].files for _, t in inner), sum(t[0].size for _, t in inner))


def s3(endpoint: str, region: str, path: str, exclusions: list[str]) -> list[dict[str, Any]]:
    from pyarrow import fs

    scheme, _, address = endpoint.partition("://")
    store = fs.S3FileSystem(access_key="sandbox-engine", secret_key="sandbox-engine", endpoint_override=address, scheme=scheme, region=region)
    top = re.sub(r"^s3[an]?://", "", path).rstrip("/")
    try:
        infos = store.get_file_info(fs.FileSelector(top, recursive=True)) if store.get_file_info(top).type != fs.FileType.File else [store.get_file_info(top)]
    except FileNotFoundError:
        bucket = top.split("/")[0]
        if store.get_file_info(bucket).type == fs.FileType.NotFound:
            raise Failure(f"The specified bucket does not exist: {bucket} (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket)") from None
        infos = []
    root = Folder(top)
    for info in infos:
        inside = info.path[len(top) :].strip("/")
        hidden = any(part.startswith(("_", ".")) for part in inside.split("/"))
        if info.type != fs.FileType.File or not info.size or hidden or excluded(inside, exclusions):
            continue
        folder = root
        for part in inside.split("/")[:-1]:
            folder = folder.folders.setdefault(part, Folder(f"{folder.path}/{part}"))
        folder.files.append(info)
    return [_described(found) for found in root.tables(lambda info: schema_of(store, info))]


def _described(found: Found) -> dict[str, Any]:
    depth = len(found.partitions[0]) if found.partitions else 0
    keys = []
    for level in range(depth):
        name, equals, _ = found.partitions[0][level].partition("=")
        keys.append(plain(name) if equals else f"partition_{level}")
    columns = [{"Name": name, "Type": kind} for name, kind in found.schema.columns.items() if name not in keys]
    partitions = [
        {"values": [part.partition("=")[2] or part for part in parts], "location": f"s3://{found.path}/{'/'.join(parts)}/"} for parts in found.partitions
    ]
    kind, parameters = found.schema.kind, found.schema.parameters
    if kind == "parquet":
        storage: dict[str, Any] = PARQUET
    elif kind == "json":
        paths = ",".join(column["Name"] for column in columns)
        storage = {**TEXT, "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {"paths": paths}}}
    else:
        delimiter = parameters.get("delimiter", ",")
        storage = {**TEXT, "SerdeInfo": {"SerializationLibrary": f"{HIVE}.serde2.lazy.LazySimpleSerDe", "Parameters": {"field.delim": delimiter}}}
    return {
        "name": plain(found.path.rpartition("/")[2]),
        "location": f"s3://{found.path}/",
        "columns": columns,
        "partitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "partitions": partitions,
        "parameters": {
            "classification": kind,
            "compressionType": "none",
            "typeOfData": "file",
            "objectCount": str(found.files),
            "sizeKey": str(found.size),
            **parameters,
        },
        "storage": storage,
    }


def schema_of(store: Any, info: Any) -> Schema | None:
    """What a file is, by its first bytes; nothing for what is no table."""
    with store.open_input_file(info.path) as file:
        head = file.read(4)
        if head == b"PAR1":
            import pyarrow.parquet

            file.seek(0)
            arrow = pyarrow.parquet.read_schema(file)
            return Schema("parquet", {each.name.lower(): hive_type(each.type) for each in arrow})
    with store.open_input_stream(info.path) as stream:  # undoes the compression that the name tells
        sample = stream.read(SAMPLE_BYTES)
    try:
        text = sample.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:
            return None
        text = sample[: error.start].decode("utf-8-sig")
    if len(sample) == SAMPLE_BYTES:
        text = text[: text.rfind("\n") + 1]
    return json_schema(text) or csv_schema(text)


def json_schema(text: str) -> Schema | None:
    if not text.lstrip().startswith(("{", "[")):
        return None
    import pyarrow as pa

    try:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        if len(rows) == 1 and isinstance(rows[0], list):
            rows = rows[0]
    except ValueError:
        try:
            rows = json.loads(text)
        except ValueError:
            return None
    rows = rows if isinstance(rows, list) else [rows]
    if not rows or not all(isinstance(row, dict) for row in rows):
        return None
    try:
        arrow = pa.Table.from_pylist(rows, schema=None).schema
        return Schema("json", {each.name.lower(): hive_type(each.type) for each in arrow})
    except pa.ArrowInvalid:
        return Schema("json", {name.lower(): "string" for row in rows for name in row})


def csv_schema(text: str) -> Schema | None:
    try:
        dialect: Any = csv.Sniffer().sniff(text[: 1 << 14], delimiters=",;|\t")
    except csv.Error:
        return None
    rows = [row for row in csv.reader(io.StringIO(text), dialect) if row]
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    rows = [row for row in rows if len(row) == width]
    if width < 2:
        return None
    kinds = [_kind_of([row[at] for row in rows[1:]]) for at in range(width)]
    # A first row is a heading if it is text above columns that are not all text.
    headed = len(rows) > 1 and all(_kind_of([cell]) == "string" and cell for cell in rows[0]) and any(kind != "string" for kind in kinds)
    if headed:
        names = [plain(name.strip()) for name in rows[0]]
    else:
        names, kinds = [f"col{at}" for at in range(width)], [_kind_of([row[at] for row in rows]) for at in range(width)]
    parameters = {"delimiter": dialect.delimiter, "columnsOrdered": "true", "areColumnsQuoted": "false"}
    return Schema("csv", dict(zip(names, kinds)), {**parameters, **({"skip.header.line.count": "1"} if headed else {})})


def _kind_of(values: list[str]) -> str:
    given = [value.strip() for value in values if value.strip()]
    if given and all(re.fullmatch(r"[+-]?\d{1,18}", value) for value in given):
        return "bigint"
    if given and all(re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value) for value in given):
        return "double"
    return "string"


def hive_type(kind: Any) -> str:
    """The catalog's name of a type of Arrow's."""
    import pyarrow.types as is_

    simple = (
        (is_.is_boolean, "boolean"),
        (is_.is_int8, "tinyint"),
        (lambda each: is_.is_int16(each) or is_.is_uint8(each), "smallint"),
        (lambda each: is_.is_int32(each) or is_.is_uint16(each), "int"),
        (is_.is_integer, "bigint"),
        (lambda each: is_.is_float16(each) or is_.is_float32(each), "float"),
        (is_.is_floating, "double"),
        (is_.is_date, "date"),
        (is_.is_timestamp, "timestamp"),
        (lambda each: is_.is_binary(each) or is_.is_large_binary(each) or is_.is_fixed_size_binary(each), "binary"),
    )
    for matches, name in simple:
        if matches(kind):
            return name
    if is_.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if is_.is_list(kind) or is_.is_large_list(kind):
        return f"array<{hive_type(kind.value_type)}>"
    if is_.is_map(kind):
        return f"map<{hive_type(kind.key_type)},{hive_type(kind.item_type)}>"
    if is_.is_struct(kind):
        return f"struct<{','.join(f'{each.name.lower()}:{hive_type(each.type)}' for each in kind)}>"
    return "string"


def main() -> None:
    request = json.load(sys.stdin)
    look = {"postgresql": postgresql, "s3": s3}[request.pop("what")]
    try:
        answer: dict[str, Any] = {"tables": look(**request)}
    except Failure as failure:
        answer = {"error": str(failure)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
