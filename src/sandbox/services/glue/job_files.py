"""CSV and JSON as jobs read them from S3: what Glue's own readers make of a file, as a data source of the engine.

The engine's readers stop at a row that is too short or at a value of another type. Glue's take both: a record holds what its line holds,
and a column with values of several types is a choice between them, which here is a struct with one field for each type.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html (format options), 2026-11-28 (whole file)
Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html (choices), 2026-11-28 (whole file)
"""

from __future__ import annotations

import base64
import csv
import datetime
import decimal
import json
import re
from typing import Any, Callable, Iterator, NamedTuple

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

_AT_ONCE = 20_000

#: Glue's names of types, as far as a value of a file can have them. The engine takes no instants from a source: they are cast afterwards.
ARROW: dict[str, pa.DataType] = {
    "int": pa.int32(), "long": pa.int64(), "short": pa.int16(), "byte": pa.int8(), "double": pa.float64(), "float": pa.float32(),
    "boolean": pa.bool_(), "string": pa.string(), "date": pa.date32(), "timestamp": pa.timestamp("us"),
}  # fmt: skip

#: The catalog's names that Glue's library says otherwise.
_OTHERWISE = {"bigint": "long", "smallint": "short", "tinyint": "byte", "integer": "int"}


def glue_name(kind: str) -> str:
    """Glue's name of a type of the catalog."""
    lower = kind.strip().lower()
    return "string" if re.match(r"(var)?char\b", lower) else _OTHERWISE.get(lower, lower)


class File(NamedTuple):
    """A file, when it was written, and the values of its partition."""

    uri: str
    modified: float
    partition: tuple[str, ...] = ()


class Storage(NamedTuple):
    """Whose eyes read: the endpoint of S3, and the key of the job."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str

    def open(self) -> Any:
        from pyarrow import fs

        scheme, _, address = self.endpoint.partition("://")
        return fs.S3FileSystem(access_key=self.access_key, secret_key=self.secret_key, endpoint_override=address, scheme=scheme, region=self.region)


class Shape(NamedTuple):
    """What is to be read, and how: JSON all through, since it travels as an option."""

    form: str
    #: Glue's `format_options`.
    options: dict[str, Any]
    #: Names and Glue's types of the columns, where a catalog has them; and those of the partitions' values.
    columns: list[list[str]] | None
    keys: list[list[str]]


# --- Values --------------------------------------------------------------------------------------------------------------


def _whole(bits: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\s*[+-]?\d+\s*", text, flags=re.A) or not -(1 << bits - 1) <= int(text) < 1 << bits - 1:
            raise ValueError(text)
        return int(text)

    return read


def _boolean(text: str) -> bool:
    if text.strip().lower() not in ("true", "false"):
        raise ValueError(text)
    return text.strip().lower() == "true"


def _timestamp(text: str) -> datetime.datetime:
    found = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return found if found.tzinfo is None else found.astimezone(datetime.timezone.utc).replace(tzinfo=None)


_READ: dict[str, Callable[[str], Any]] = {
    "byte": _whole(8), "short": _whole(16), "int": _whole(32), "long": _whole(64), "double": float, "float": float, "boolean": _boolean,
    "date": lambda text: datetime.date.fromisoformat(text.strip()), "timestamp": _timestamp,
}  # fmt: skip


def arrow_of(kind: str) -> pa.DataType:
    found = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", kind)
    return pa.decimal128(int(found[1]), int(found[2])) if found else ARROW.get(kind, pa.string())


def value_of(text: str | None, kind: str) -> Any:
    """A text as a value of a type. Raises ValueError where it is none."""
    if text is None or (text == "" and kind != "string"):
        return None
    if kind.startswith("decimal"):
        try:
            scale = arrow_of(kind).scale
            return decimal.Decimal(text.strip()).quantize(decimal.Decimal(1).scaleb(-scale), decimal.ROUND_HALF_UP, decimal.Context(prec=38))
        except decimal.InvalidOperation:
            raise ValueError(text) from None
    return _READ[kind](text) if kind in _READ else text


# --- CSV -----------------------------------------------------------------------------------------------------------------


def _csv_rows(stream: Any, options: dict[str, Any]) -> Iterator[list[str]]:
    import io

    quote, escape = options.get("quoteChar", '"'), options.get("escaper")
    how: dict[str, Any] = {"delimiter": options.get("separator") or ",", "doublequote": True}
    how |= {"quoting": csv.QUOTE_NONE} if str(quote) == "-1" else {"quotechar": quote}
    how |= {"escapechar": escape} if escape and escape != "none" else {}
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
    if _is_true(options.get("multiLine", options.get("multiline"))):
        yield from (row for row in csv.reader(text, **how) if row)
        return
    for line in text:
        # A quote that is not closed ends with its line.
        row = next(csv.reader([line.rstrip("\r\n")], **how), None)
        if row:
            yield row


def _is_true(option: Any) -> bool:
    return str(option).lower() == "true"


def _csv_records(stream: Any, shape: Shape) -> Iterator[dict[str, str | None]]:
    rows = _csv_rows(stream, shape.options)
    header = next(rows, None) if _is_true(shape.options.get("withHeader")) or _is_true(shape.options.get("skipFirst")) else None
    names = [name for name, _ in shape.columns] if shape.columns else header if _is_true(shape.options.get("withHeader")) else None
    for row in rows:
        known = names if names is not None else [f"col{at}" for at in range(len(row))]
        yield {name: row[at] if at < len(row) else None for at, name in enumerate(known)}


# --- JSON ----------------------------------------------------------------------------------------------------------------


def _json_records(stream: Any, shape: Shape, uri: str) -> Iterator[dict[str, Any]]:
    import io

    path = shape.options.get("jsonPath")
    if path not in (None, "", "$", "$[*]", "$.*[*]"):
        raise ValueError(f"The sandbox's awsglue knows no jsonPath {path!r}: read the file without it, and take the part with Spark's functions.")
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace")
    decoder = json.JSONDecoder()
    if _is_true(shape.options.get("multiLine", shape.options.get("multiline"))) or path:
        pieces: Iterator[tuple[int, str]] = iter([(1, text.read())])
    else:
        pieces = enumerate(text, 1)
    for number, piece in pieces:
        at = 0
        while True:
            at = re.compile(r"[\s,]*").match(piece, at).end()  # type: ignore[union-attr]
            if at >= len(piece):
                break
            try:
                found, at = decoder.raw_decode(piece, at)
            except ValueError as error:
                raise ValueError(f"{uri}: line {number} is no JSON: {error}. A record that spans several lines takes format_options={{'multiLine': True}}.") from None
            for record in found if isinstance(found, list) else [found]:
                if not isinstance(record, dict):
                    raise ValueError(f"{uri}: line {number} is no JSON object")
                yield record


Kind = Any
"""A type's name, a list with the kind of its elements, or a dict of fields; a set of names at the top is a choice."""


def kind_of(value: Any) -> Kind:
    """The kind of a value of JSON; None for null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if -(2**31) <= value < 2**31 else "long"
    if isinstance(value, float):
        return "double"
    if isinstance(value, list):
        item: Kind = None
        for each in value:
            item = _both(item, kind_of(each))
        return [item]
    if isinstance(value, dict):
        return {name: kind_of(each) for name, each in value.items()}
    for kind, named in ((datetime.datetime, "timestamp"), (datetime.date, "date")):
        if isinstance(value, kind):
            return named
    if isinstance(value, decimal.Decimal):
        return f"decimal(38,{max(0, -int(value.as_tuple().exponent))})"
    return "string"


def _both(one: Kind, other: Kind) -> Kind:
    if one is None or other is None or one == other:
        return other if one is None else one
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _both(one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [_both(one[0], other[0])]
    if {str(one), str(other)} == {"int", "long"}:
        return "long"
    raise TypeError("one field holds values of several types inside a struct or an array")


def merged(one: Kind, other: Kind) -> Kind:
    """The kind of a column with both; a choice where they are simple and differ."""
    if isinstance(one, frozenset) or isinstance(other, frozenset):
        mine = one if isinstance(one, frozenset) else frozenset([one] if one is not None else [])
        more = other if isinstance(other, frozenset) else frozenset([other] if other is not None else [])
        return frozenset(mine | more)
    if isinstance(one, str) and isinstance(other, str) and one != other and {one, other} != {"int", "long"}:
        return frozenset([one, other])
    return _both(one, other)


def arrow_kind(kind: Kind) -> pa.DataType:
    if isinstance(kind, frozenset):
        return pa.struct([(name, ARROW[name]) for name in sorted(kind)])
    if isinstance(kind, dict):
        return pa.struct([(name, arrow_kind(each)) for name, each in kind.items()])
    if isinstance(kind, list):
        # As Spark names what a list holds.
        return pa.list_(pa.field("element", arrow_kind(kind[0])))
    return arrow_of(kind) if kind else pa.string()


# --- Both ----------------------------------------------------------------------------------------------------------------


def _records(store: Any, uri: str, shape: Shape) -> Iterator[dict[str, Any]]:
    # Undoes the compression that the name tells.
    with store.open_input_stream(uri.removeprefix("s3://")) as stream:
        yield from _csv_records(stream, shape) if shape.form == "csv" else _json_records(stream, shape, uri)


class Found(NamedTuple):
    schema: pa.Schema
    #: The columns that are choices, and the types of each.
    choices: dict[str, list[str]]


def look(storage: Storage, files: list[File], shape: Shape) -> Found:
    """Reads all of the files once for their columns and types."""
    store = storage.open()
    kinds: dict[str, Kind] = {name: kind for name, kind in shape.columns or []} if shape.form == "csv" else {}
    typed = [(name, kind) for name, kind in kinds.items() if kind != "string"]
    for file in files:
        for record in _records(store, file.uri, shape):
            if shape.form == "json":
                for name, value in record.items():
                    try:
                        kinds[name] = merged(kinds.get(name), kind_of(value))
                    except TypeError as error:
                        raise ValueError(f"{file.uri}: of {name!r} {error}, which the sandbox's awsglue does not read: read it with spark.read.text and take the values with Spark's functions.") from None
                continue
            if shape.columns is None:
                kinds.update(dict.fromkeys(record, "string"))
                continue
            for name, kind in typed:
                if not isinstance(kinds[name], frozenset):
                    try:
                        value_of(record[name], kind)
                    except ValueError:
                        kinds[name] = frozenset([kind, "string"])
    fields = [(name, arrow_kind(kind)) for name, kind in kinds.items()]
    choices = {name: sorted(kind) for name, kind in kinds.items() if isinstance(kind, frozenset)}
    return Found(pa.schema([*fields, *((name, arrow_of(kind)) for name, kind in shape.keys)]), choices)


class _Some(InputPartition):
    def __init__(self, number: int, files: list[File]) -> None:
        super().__init__(number)
        self.files = files


class _Reader(DataSourceReader):
    def __init__(self, storage: Storage, files: list[File], shape: Shape, found: Found) -> None:
        self.storage, self.files, self.shape, self.found = storage, files, shape, found

    def partitions(self) -> list[InputPartition]:
        return [_Some(at, [file]) for at, file in enumerate(self.files)] or [_Some(0, [])]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, _Some)
        store = self.storage.open() if partition.files else None
        named = {name: kind for name, kind in self.shape.columns or []} if self.shape.form == "csv" else {}
        for file in partition.files:
            keys = {name: value_of(text, kind) for (name, kind), text in zip(self.shape.keys, file.partition)}
            rows: list[dict[str, Any]] = []
            for record in _records(store, file.uri, self.shape):
                rows.append({**self._row(record, named), **keys})
                if len(rows) >= _AT_ONCE:
                    yield pa.RecordBatch.from_pylist(rows, self.found.schema)
                    rows = []
            if rows:
                yield pa.RecordBatch.from_pylist(rows, self.found.schema)

    def _row(self, record: dict[str, Any], named: dict[str, str]) -> dict[str, Any]:
        row = {}
        for name, value in record.items():
            if name in self.found.choices:
                row[name] = self._chosen(value, named.get(name))
            else:
                row[name] = value_of(value, named[name]) if name in named else value
        return row

    def _chosen(self, value: Any, kind: str | None) -> dict[str, Any] | None:
        if value is None or (value == "" and kind):
            return None
        if kind is None:
            own = kind_of(value)
            return {own: value}
        try:
            return {kind: value_of(value, kind)}
        except ValueError:
            return {"string": value}


class JobFiles(DataSource):
    """What ``spark.read.format("lake_job_files")`` reads; its one option is made by `described`."""

    @classmethod
    def name(cls) -> str:
        return "lake_job_files"

    def _said(self) -> tuple[Storage, list[File], Shape, Found]:
        said = json.loads({key.lower(): value for key, value in self.options.items()}["described"])
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(said["schema"])))
        files = [File(uri, modified, tuple(partition)) for uri, modified, partition in said["files"]]
        return Storage(*said["storage"]), files, Shape(*said["shape"]), Found(schema, said["choices"])

    def schema(self) -> Any:
        from pyspark.sql.pandas.types import from_arrow_schema

        return from_arrow_schema(self._said()[3].schema)

    def reader(self, schema: Any) -> _Reader:
        return _Reader(*self._said())


def described(storage: Storage, files: list[File], shape: Shape, found: Found) -> str:
    """The option of `JobFiles`."""
    schema = base64.b64encode(found.schema.serialize().to_pybytes()).decode()
    return json.dumps({"storage": storage, "files": files, "shape": shape, "schema": schema, "choices": found.choices})
