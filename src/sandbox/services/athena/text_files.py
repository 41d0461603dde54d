"""Tables over text, each SerDe for itself: what Hive's LazySimpleSerDe, OpenCSVSerde and the two JSON SerDes make of a file.

Source: apache/hive serde/src/java/org/apache/hadoop/hive/serde2/lazy/LazySimpleSerDe.java, 2026-11-28 (whole file)
Source: trinodb/trino plugin/trino-hive/src/main/java/io/trino/plugin/hive/HiveErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import collections
import concurrent.futures
import csv
import gzip
import io
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING, Any, Callable, Iterator

import pyarrow as pa

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino import times
from sandbox.services.athena.trino.json_casts import Written, decoder, written
from sandbox.services.athena.trino.python_functions import arrow_type
from sandbox.services.athena.trino.text import read_double
from sandbox.services.athena.trino.types import INTEGERS, LIMITS, VARCHAR, Type, parts_of

if TYPE_CHECKING:
    from sandbox.services.athena.run import Run

#: Rows that are made into columns at a time.
_AT_ONCE = 50_000

#: Files that are fetched before they are read.
_AHEAD = 16

Reader = Callable[[str], list[Any] | None]


def format_of(table: dict[str, Any]) -> str:
    """What a table's files are; a refusal if they are nothing that the sandbox reads."""
    storage, parameters = table.get("StorageDescriptor") or {}, table.get("Parameters") or {}
    library = (storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    if parameters.get("table_type", "").upper() in ("ICEBERG", "DELTA"):
        raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena does not read {parameters['table_type']} tables.")
    said = f"{library} {storage.get('InputFormat') or ''} {parameters.get('classification') or ''}".lower()
    for word, form in (("parquet", "parquet"), ("openx", "openx"), ("json", "json"), ("opencsvserde", "opencsv"), ("regexserde", "regex"), ("grokserde", ""), ("orc", ""), ("avro", ""), ("lazysimpleserde", "text"), ("csv", "text"), ("text", "text")):
        if word in said and form:
            return form
        if word in said:
            break
    raise Refusal("HIVE_UNSUPPORTED_FORMAT", f"Unable to create input format {storage.get('InputFormat') or library or 'of the table'}: the sandbox's Athena reads Parquet, CSV and JSON.")


def read(run: "Run", table: dict[str, Any], columns: list[tuple[str, Type]], keys: list[tuple[str, Type]], files: list[tuple[str, int, list[str | None]]]) -> pa.Table:
    """All rows of the files, with the values of their partitions and their paths, in columns c0, c1 …"""
    row_of = _reader(table, columns)
    names = [f"c{at}" for at in range(len(columns) + len(keys) + 1)]
    types = [arrow_type(kind) for _, kind in [*columns, *keys, ("$path", VARCHAR)]]
    schema = pa.schema(list(zip(names, types)))
    parts: list[pa.RecordBatch] = []
    # Files are fetched some ahead of the one that is read.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        waiting = collections.deque(pool.submit(_bytes, run, uri) for uri, _, _ in files[:_AHEAD])
        for at, (uri, _, values) in enumerate(files):
            data = waiting.popleft().result()
            if at + _AHEAD < len(files):
                waiting.append(pool.submit(_bytes, run, files[at + _AHEAD][0]))
            parts += _batches(run, uri, data, table, columns, keys, values, row_of, schema)
    return pa.Table.from_batches(parts, schema)


def _batches(
    run: "Run", uri: str, data: bytes, table: dict[str, Any], columns: list[tuple[str, Type]], keys: list[tuple[str, Type]], values: list[str | None], row_of: Reader, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    partition = [None if each is None or each == "__HIVE_DEFAULT_PARTITION__" else lenient(each, kind) for each, (_, kind) in zip(values, keys)]
    rows: list[list[Any]] = []
    for line in _lines(uri, data, table):
        found = row_of(line)
        if found is not None:
            rows.append(found)
        if len(rows) >= _AT_ONCE:
            run.check()
            yield _batch(rows, partition, uri, schema)
            rows = []
    if rows:
        yield _batch(rows, partition, uri, schema)


def _bytes(run: "Run", uri: str) -> bytes:
    with run.s3().open_input_stream(uri.removeprefix("s3://"), compression=None) as stream:
        return stream.read()


def _batch(rows: list[list[Any]], partition: list[Any], uri: str, schema: pa.Schema) -> pa.RecordBatch:
    columns = [*map(list, zip(*rows)), *([each] * len(rows) for each in partition), [uri] * len(rows)]
    return pa.RecordBatch.from_arrays([pa.array(each, field.type) for each, field in zip(columns, schema)], schema=schema)


def _lines(uri: str, data: bytes, table: dict[str, Any]) -> Iterator[str]:
    parameters = table.get("Parameters") or {}
    try:
        if uri.endswith((".gz", ".gzip")):
            data = gzip.decompress(data)
        else:
            codec = {".bz2": "bz2", ".zst": "zstd", ".zstd": "zstd", ".lz4": "lz4"}.get(uri[uri.rindex(".") :] if "." in uri.rsplit("/", 1)[1] else "")
            if codec:
                data = pa.CompressedInputStream(pa.BufferReader(data), codec).read()
    except (OSError, EOFError) as error:
        raise Refusal("HIVE_CURSOR_ERROR", f"Failed to read file: {uri}: {type(error).__name__ and 'it is not compressed as its name says'}") from None
    text = data.decode("utf-8", "replace")
    if not text:
        return
    lines = re.split(r"\r\n|\n|\r", text)
    if lines[-1] == "":
        lines.pop()
    head, foot = int(parameters.get("skip.header.line.count") or 0), int(parameters.get("skip.footer.line.count") or 0)
    yield from lines[head : len(lines) - foot]


def _reader(table: dict[str, Any], columns: list[tuple[str, Type]]) -> Reader:
    serde = (table.get("StorageDescriptor") or {}).get("SerdeInfo") or {}
    options: dict[str, str] = serde.get("Parameters") or {}
    form = format_of(table)
    if form == "opencsv":
        return _open_csv(options, columns)
    if form == "regex":
        return _regex(options, columns)
    if form in ("openx", "json"):
        return _json(options, columns, form == "openx")
    return _lazy(options, columns, "csv" in f"{(table.get('Parameters') or {}).get('classification')}")


# --- One value -----------------------------------------------------------------------------------------------------------


def lenient(text: str, kind: Type) -> Any:
    """A value as Hive reads it from text: None where the text is none of its type."""
    name = kind.name
    try:
        if name == "varchar":
            return text[: kind.args[0]]
        if name == "char":
            return text[: kind.args[0]].rstrip(" ")
        if name in INTEGERS:
            found = re.fullmatch(r"([+-]?\d+)(?:\.\d*)?", text, flags=re.A)
            number = int(found[1]) if found else None
            return number if number is not None and -LIMITS[name] <= number < LIMITS[name] else None
        if name in ("double", "real"):
            return read_double(text)
        if name == "boolean":
            return {"true": True, "false": False}.get(text.lower())
        if name == "decimal":
            with localcontext() as context:
                context.prec = 120
                value = Decimal(text.strip()).quantize(Decimal(1).scaleb(-kind.args[1]), rounding=ROUND_HALF_UP)
            return value if abs(value) < Decimal(10) ** (kind.args[0] - kind.args[1]) else None
        if name == "date":
            found_date = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?: .*)?", text.strip(), flags=re.A)
            return times.days_of(*map(int, found_date.groups())) if found_date else None
        if name == "timestamp":
            if not re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}(:\d{1,2}(\.\d*)?)?", text.strip(), flags=re.A):
                return None
            return times.split_timestamp(text.strip().rstrip("."), 3)[0]
        if name == "varbinary":
            import base64

            return base64.b64decode(text)
    except (ValueError, InvalidOperation):
        return None
    return None


# --- LazySimpleSerDe -----------------------------------------------------------------------------------------------------


def _byte(text: str | None, otherwise: str) -> str:
    """A delimiter: itself, or the number of a byte."""
    if not text:
        return otherwise
    if re.fullmatch(r"-?\d+", text) and len(text) > 1:
        return chr(int(text) % 256)
    return {"\\t": "\t", "\\n": "\n", "\\u0001": "\x01", "\\001": "\x01", "\\\\": "\\"}.get(text, text[0])


def _lazy(options: dict[str, str], columns: list[tuple[str, Type]], comma: bool) -> Reader:
    field = _byte(options.get("field.delim") or options.get("serialization.format"), "," if comma else "\x01")
    marks = [_byte(options.get("colelction.delim") or options.get("collection.delim"), "\x02"), _byte(options.get("mapkey.delim"), "\x03"), "\x04", "\x05", "\x06", "\x07", "\x08"]
    nothing = options.get("serialization.null.format", "\\N")
    escape = _byte(options["escape.delim"], "\\") if options.get("escape.delim") else None
    kinds = [kind for _, kind in columns]
    last_takes_rest = options.get("serialization.last.column.takes.rest", "").lower() == "true"

    def read_line(line: str) -> list[Any]:
        parts = _apart(line, field, escape)
        if last_takes_rest and len(parts) > len(kinds):
            parts = [*parts[: len(kinds) - 1], field.join(parts[len(kinds) - 1 :])]
        return [_lazy_value(parts[at], kind, marks, nothing, escape) if at < len(parts) else None for at, kind in enumerate(kinds)]

    return read_line


def _apart(text: str, mark: str, escape: str | None) -> list[str]:
    if not escape or escape not in text:
        return text.split(mark)
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == escape:
            at += 2
            continue
        if text[at] == mark:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def _lazy_value(text: str, kind: Type, marks: list[str], nothing: str, escape: str | None) -> Any:
    if text == nothing:
        return None
    if kind.name == "array":
        return [_lazy_value(each, kind.args[0], marks[1:], nothing, escape) for each in _apart(text, marks[0], escape)] if text else []
    if kind.name == "map":
        pairs = [_apart(each, marks[1], escape) for each in _apart(text, marks[0], escape)] if text else []
        found: dict[Any, Any] = {}
        for key, *rest in pairs:
            name = _lazy_value(key, kind.args[0], marks[2:], nothing, escape)
            if name is not None and name not in found:
                found[name] = _lazy_value(marks[1].join(rest), kind.args[1], marks[2:], nothing, escape) if rest else None
        return list(found.items())
    if kind.name == "row":
        parts = _apart(text, marks[0], escape)
        return {f"f{at}": _lazy_value(parts[at], each, marks[1:], nothing, escape) if at < len(parts) else None for at, each in enumerate(parts_of(kind))}
    return lenient(re.sub(re.escape(escape) + "(.)", r"\1", text) if escape else text, kind)


# --- OpenCSVSerde and RegexSerDe -----------------------------------------------------------------------------------------


def _open_csv(options: dict[str, str], columns: list[tuple[str, Type]]) -> Reader:
    mark, quote, escape = (options.get(name, default)[:1] or default for name, default in (("separatorChar", ","), ("quoteChar", '"'), ("escapeChar", "\\")))

    def read_line(line: str) -> list[Any]:
        if quote in line and len(re.findall(re.escape(quote), line.replace(escape + quote, "") if escape != quote else line)) % 2:
            # A quote that does not end in its line: Hive has lost the rest by then.
            parts: list[str | None] = [*_csv_parts(line[: line.rindex(quote)], mark, quote, escape)][:-1]
        else:
            parts = [*_csv_parts(line, mark, quote, escape)] if line else [None]
        return [None if at >= len(parts) or parts[at] is None else _csv_value(str(parts[at]), kind) for at, (_, kind) in enumerate(columns)]

    return read_line


def _csv_parts(line: str, mark: str, quote: str, escape: str) -> list[str]:
    reader = csv.reader(io.StringIO(line), delimiter=mark, quotechar=quote, escapechar=None if escape == quote else escape, doublequote=True, strict=False)
    return next(reader, [])


def _csv_value(text: str, kind: Type) -> Any:
    if kind.name == "varchar":
        return text[: kind.args[0]]
    if text == "":
        return None
    # OpenCSVSerde's dates and times are numbers: days and milliseconds.
    if kind.name == "date":
        if re.fullmatch(r"-?\d+", text):
            return int(text)
        raise Refusal("HIVE_BAD_DATA", f"Error reading field value: For input string: \"{text}\"")
    if kind.name == "timestamp":
        if re.fullmatch(r"-?\d+", text):
            return int(text) * 1000
        raise Refusal("HIVE_BAD_DATA", f"Error reading field value: For input string: \"{text}\"")
    found = lenient(text.strip(), kind)
    if found is None and kind.name in (*INTEGERS, "double", "real", "decimal"):
        raise Refusal("HIVE_BAD_DATA", f"Error reading field value: For input string: \"{text}\"")
    return found


def _regex(options: dict[str, str], columns: list[tuple[str, Type]]) -> Reader:
    from sandbox.services.athena.trino.functions.regexps import compiled

    source = options.get("input.regex")
    if not source:
        raise Refusal("HIVE_INVALID_METADATA", "This table does not have serde property \"input.regex\"!")
    pattern = compiled(f"(?i){source}" if options.get("input.regex.case.insensitive", "").lower() == "true" else source)

    def read_line(line: str) -> list[Any]:
        found = pattern.fullmatch(line)
        groups = found.groups() if found else ()
        return [lenient(groups[at], kind) if at < len(groups) and groups[at] is not None else None for at, (_, kind) in enumerate(columns)]

    return read_line


# --- JSON ----------------------------------------------------------------------------------------------------------------


def _json(options: dict[str, str], columns: list[tuple[str, Type]], openx: bool) -> Reader:
    any_case = options.get("case.insensitive", "true").lower() != "false"
    ignoring = options.get("ignore.malformed.json", "false").lower() == "true"
    dots = options.get("dots.in.keys", "false").lower() == "true"
    mapped = {name.removeprefix("mapping.").lower(): key for name, key in options.items() if name.startswith("mapping.")}

    def key(text: str) -> str:
        text = text.replace(".", "_") if dots and openx else text
        return text.lower() if any_case else text

    def read_line(line: str) -> list[Any] | None:
        if openx and not line.strip():
            return None
        try:
            found = decoder.decode(line)
            if openx and isinstance(found, list):
                return [_json_value(found[at], kind, openx, key) if at < len(found) else None for at, (_, kind) in enumerate(columns)]
            if not isinstance(found, dict):
                raise ValueError(line)
        except ValueError:
            if openx and ignoring:
                return [None] * len(columns)
            raise Refusal("HIVE_CURSOR_ERROR", f"Row is not a valid JSON Object: {line[:200]}") from None
        known = {key(name): value for name, value in found.items()}
        exact = found
        row = []
        for name, kind in columns:
            wanted = mapped.get(name)
            value = (exact.get(wanted) if wanted in exact else known.get(key(wanted))) if wanted is not None else known.get(name)
            row.append(_json_value(value, kind, openx, key))
        return row

    return read_line


def _json_value(value: Any, kind: Type, openx: bool, key: Callable[[str], str]) -> Any:
    if value is None:
        return None
    name = kind.name
    if name == "array":
        return [_json_value(each, kind.args[0], openx, key) for each in (value if isinstance(value, list) else [value])] if isinstance(value, list) or openx and value != "" else None
    if name == "map":
        if not isinstance(value, dict):
            return None
        return [(lenient(each, kind.args[0]), _json_value(item, kind.args[1], openx, key)) for each, item in value.items()]
    if name == "row":
        if isinstance(value, list):
            return {f"f{at}": _json_value(value[at], each, openx, key) if at < len(value) else None for at, each in enumerate(parts_of(kind))}
        if not isinstance(value, dict):
            return None
        known = {key(each): item for each, item in value.items()}
        return {f"f{at}": _json_value(known.get(field or ""), each, openx, key) for at, (field, each) in enumerate(kind.args)}
    if name in ("varchar", "char"):
        text = value if isinstance(value, str) else value.text if isinstance(value, Written) else written(value, ordered=False)
        return lenient(text, kind)
    if isinstance(value, (list, dict)):
        return None
    if name == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true" if isinstance(value, str) else None
    if isinstance(value, bool):
        return None
    if name == "timestamp" and isinstance(value, (int, float)):
        # Milliseconds, or seconds where there is a point.
        return int(value * 1_000_000) if isinstance(value, float) else value * 1000
    if name in ("date", "timestamp") and isinstance(value, str):
        plain = re.sub(r"^(\d{4}-\d\d-\d\d)T", r"\1 ", value)
        zone = re.search(r"(Z|[+-]\d\d:?\d\d)$", plain) if " " in plain else None
        found = lenient(plain[: zone.start()] if zone else plain, kind)
        return found if found is None or not zone or name == "date" else times.instant_of(found, times.zone_named(zone[1]))
    text = value.text if isinstance(value, Written) else str(value)
    return lenient(text.strip() if openx else text, kind)
