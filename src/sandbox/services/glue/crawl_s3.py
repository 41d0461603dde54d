"""The tables below a prefix of S3: which folders are tables, and which are partitions of one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Iterator

from sandbox.services.glue.crawl_target import CrawlError, catalog_name, is_excluded, note
from sandbox.services.glue.file_schema import Schema, schema_of

#: How many files of a folder are read to find its schema.
SAMPLE_FILES = 10

HIVE = "org.apache.hadoop.hive"
TEXT = {"InputFormat": "org.apache.hadoop.mapred.TextInputFormat", "OutputFormat": f"{HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat"}
PARQUET = {
    "InputFormat": f"{HIVE}.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": f"{HIVE}.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": f"{HIVE}.ql.io.parquet.serde.ParquetHiveSerDe", "Parameters": {"serialization.format": "1"}},
}


def _open_csv(delimiter: str, quote: str) -> dict[str, Any]:
    return {**TEXT, "SerdeInfo": {"SerializationLibrary": f"{HIVE}.serde2.OpenCSVSerde", "Parameters": {"separatorChar": delimiter, "quoteChar": quote}}}


def _ending(file: Any) -> str:
    return str(file.path).rpartition("/")[2].partition(".")[2].lower()


@dataclass
class FoundTable:
    """A table: its folder, and the paths of its partitions below it."""

    path: str
    schema: Schema
    partitions: list[list[str]]
    files: int
    size: int
    #: Where one folder has files of several schemas, each is a table.
    is_file: bool = False


@dataclass
class Folder:
    """A folder with data files, and the folders in it."""

    path: str
    files: list[Any] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)

    def tables(self, read: Any, level: int | None = None, combine: bool = False) -> Iterator[FoundTable]:
        """The tables in it: by what its folders have in common, or as the crawler is told to group them."""
        depth = self.path.count("/") + 1
        if level is not None and depth < level:
            yield from self._own(read)
            for _, folder in sorted(self.folders.items()):
                yield from folder.tables(read, level, combine)
            return
        whole = self._as_one(read) if combine or level is not None else None
        if whole:
            yield whole
            return
        inner = [(name, list(folder.tables(read))) for name, folder in sorted(self.folders.items())]
        own = self._own(read)
        parts = self._partitioned([(name, tables) for name, tables in inner if tables]) if not own else None
        if parts:
            yield parts
            return
        yield from own
        for _, tables in inner:
            yield from tables

    def _as_one(self, read: Any) -> FoundTable | None:
        """All that is below it as one table, whose partitions are the folders; None if it is not all of one format.

        Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html, 2026-11-28
        """
        found = [(parts, file, read(file)) for parts, files in self._walk([]) for file in files[:SAMPLE_FILES]]
        known = [(parts, schema) for parts, _, schema in found if schema]
        if not known or len({schema.kind for _, schema in known}) > 1 or len({len(parts) for parts, _ in known}) > 1:
            if known:
                note(f"s3://{self.path}/ does not become one table: its files are not all of one format and at one depth")
            return None
        schema = known[0][1]
        for _, more in known[1:]:
            schema = schema.merged(more)
        every = [file for _, files in self._walk([]) for file in files]
        partitions = [list(parts) for parts in dict.fromkeys(tuple(parts) for parts, _ in known) if parts]
        return FoundTable(self.path, schema, partitions, len(every), sum(file.size for file in every))

    def _walk(self, parts: list[str]) -> Iterator[tuple[list[str], list[Any]]]:
        if self.files:
            yield parts, self.files
        for name, folder in sorted(self.folders.items()):
            yield from folder._walk([*parts, name])

    def _own(self, read: Any) -> list[FoundTable]:
        """The tables of the folder's own files: one for each format, and those alike in it are one.

        Source: https://repost.aws/knowledge-center/glue-crawler-multiple-tables, 2026-11-28
        """
        groups: list[tuple[Schema, list[Any]]] = []
        for at, file in enumerate(self.files):
            alike = next((group for group in groups if at >= SAMPLE_FILES and _ending(group[1][0]) == _ending(file)), None)
            schema = None if alike else read(file)
            if alike:
                # Beyond the sample a name's ending must do.
                alike[1].append(file)
            elif schema is None:
                note(f"s3://{file.path} is left out: no classifier knows its format (UNKNOWN)")
            else:
                same = next((each for each, (known, _) in enumerate(groups) if known.is_one_with(schema)), None)
                if same is None:
                    groups.append((schema, [file]))
                else:
                    groups[same] = (groups[same][0].merged(schema), [*groups[same][1], file])
        if len(groups) < 2:
            return [FoundTable(self.path, schema, [], len(files), sum(file.size for file in files)) for schema, files in groups]
        note(f"s3://{self.path}/ has files of {len(groups)} schemas: each file becomes a table of its own")
        return [FoundTable(file.path, schema, [], 1, file.size, is_file=True) for schema, files in groups for file in files]

    def _partitioned(self, inner: list[tuple[str, list[FoundTable]]]) -> FoundTable | None:
        """The table that the folders in this one are partitions of; None if they are not."""
        if not inner or any(len(tables) != 1 or tables[0].path != f"{self.path}/{name}" for name, tables in inner):
            return None
        named = {name.split("=")[0] for name, _ in inner if "=" in name}
        if not (len(named) == 1 and all("=" in name for name, _ in inner)) and (named or len(inner) < 2):
            return None
        first = inner[0][1][0]
        depths = {len(part) for _, tables in inner for part in tables[0].partitions or [[]]}
        if len(depths) > 1 or not all(first.schema.is_similar(tables[0].schema) for _, tables in inner):
            return None
        schema, partitions = first.schema, []
        for name, (table,) in inner:
            schema = schema.merged(table.schema)
            partitions += [[name, *part] for part in table.partitions or [[]]]
        return FoundTable(self.path, schema, partitions, sum(t[0].files for _, t in inner), sum(t[0].size for _, t in inner))


def s3(
    endpoint: str, region: str, path: str, exclusions: list[str], combine: bool = False, level: int | None = None, classifiers: list[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    from pyarrow import fs

    scheme, _, address = endpoint.partition("://")
    store = fs.S3FileSystem(access_key="sandbox-engine", secret_key="sandbox-engine", endpoint_override=address, scheme=scheme, region=region)
    top = re.sub(r"^s3[an]?://", "", path).rstrip("/")
    try:
        infos = store.get_file_info(fs.FileSelector(top, recursive=True)) if store.get_file_info(top).type != fs.FileType.File else [store.get_file_info(top)]
    except FileNotFoundError:
        bucket = top.split("/")[0]
        if store.get_file_info(bucket).type == fs.FileType.NotFound:
            raise CrawlError(f"The specified bucket does not exist: {bucket} (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket)") from None
        infos = []
    root = Folder(top)
    for info in infos:
        inside = info.path[len(top) :].strip("/")
        hidden = any(part.startswith(("_", ".")) for part in inside.split("/"))
        if info.type != fs.FileType.File or not info.size or hidden or is_excluded(inside, exclusions):
            continue
        folder = root
        for part in inside.split("/")[:-1]:
            folder = folder.folders.setdefault(part, Folder(f"{folder.path}/{part}"))
        folder.files.append(info)
    if not root.files and not root.folders:
        note(f"No objects were found below {path}")
    return [_catalog_entry(found) for found in root.tables(lambda info: schema_of(store, info, classifiers or []), level, combine)]


def _catalog_entry(found: FoundTable) -> dict[str, Any]:
    depth = len(found.partitions[0]) if found.partitions else 0
    keys = []
    for level in range(depth):
        name, equals, _ = found.partitions[0][level].partition("=")
        keys.append(catalog_name(name) if equals else f"partition_{level}")
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
        lazy = {**TEXT, "SerdeInfo": {"SerializationLibrary": f"{HIVE}.serde2.lazy.LazySimpleSerDe", "Parameters": {"field.delim": delimiter}}}
        storage = _open_csv(delimiter, parameters.get("quoteChar", '"')) if found.schema.is_open_csv else lazy
    return {
        "name": catalog_name(found.path.rpartition("/")[2]),
        "location": f"s3://{found.path}{'' if found.is_file else '/'}",
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
