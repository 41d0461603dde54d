"""The format and columns of one file in S3: Parquet, JSON or CSV, by its first bytes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sandbox.services.glue.crawl_target import catalog_name

SAMPLE_BYTES = 1 << 20


@dataclass
class Schema:
    """The format and columns of a file, or of a folder's files."""

    kind: str
    columns: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)

    def is_similar(self, other: Schema) -> bool:
        """Whether two folders are parts of one table: the same format, and most columns in common."""
        if self.kind != other.kind:
            return False
        common = sum(1 for name, kind in self.columns.items() if other.columns.get(name) == kind)
        return common >= 0.7 * max(len(self.columns), len(other.columns))

    def merged(self, other: Schema) -> Schema:
        return Schema(self.kind, {**other.columns, **self.columns}, self.parameters)


def schema_of(store: Any, info: Any) -> Schema | None:
    """The schema of a file; None when it has none of the formats."""
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
        names = [catalog_name(name.strip()) for name in rows[0]]
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
    """The catalog's name for a type of Arrow."""
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
