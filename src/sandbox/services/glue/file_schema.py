"""The format and columns of one file in S3: Parquet, JSON or CSV, by its first bytes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Sequence

from sandbox.services.glue.crawl_target import catalog_name

SAMPLE_BYTES = 1 << 20


@dataclass
class Schema:
    """The format and columns of a file, or of a folder's files."""

    kind: str
    columns: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)
    #: A classifier says that OpenCSVSerDe is to read it.
    is_open_csv: bool = False

    def is_similar(self, other: Schema) -> bool:
        """Whether two folders are parts of one table: the same format, and most columns in common."""
        if self.kind != other.kind:
            return False
        common = sum(1 for name, kind in self.columns.items() if other.columns.get(name) == kind)
        return common >= 0.7 * max(len(self.columns), len(other.columns))

    def is_one_with(self, other: Schema) -> bool:
        """Whether two files of one folder are of one table: the same format, and most columns of the smaller are in the other."""
        if self.kind != other.kind:
            return False
        common = len({*self.columns} & {*other.columns})
        return common >= 0.7 * min(len(self.columns), len(other.columns))

    def merged(self, other: Schema) -> Schema:
        """Both as one table; a column that is of one type here and of another there is text."""
        columns = {**self.columns, **{name: kind for name, kind in other.columns.items() if name not in self.columns}}
        return Schema(self.kind, {name: self._both(kind, other.columns.get(name, kind)) for name, kind in columns.items()}, self.parameters, self.is_open_csv)

    def _both(self, kind: str, other: str) -> str:
        if kind == other or self.kind == "parquet":
            return kind
        return "double" if {kind, other} == {"bigint", "double"} else "string"


def schema_of(store: Any, info: Any, classifiers: Sequence[dict[str, Any]] = ()) -> Schema | None:
    """The schema of a file, by the first of the custom classifiers that knows it, or as the built-in ones have it; None when it has none of the formats."""
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
    custom = (custom_schema(text, each) for each in classifiers)
    return next((found for found in custom if found), None) or json_schema(text) or csv_schema(text)


def custom_schema(text: str, classifier: dict[str, Any]) -> Schema | None:
    """What a custom classifier makes of a file; None if it does not know it.

    Source: https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html, 2026-11-28
    """
    if classifier.get("JsonClassifier"):
        return json_schema(text, classifier["JsonClassifier"]["JsonPath"])
    how = classifier.get("CsvClassifier")
    if not how:
        return None
    delimiter, quote, names = how.get("Delimiter") or ",", how.get("QuoteSymbol") or '"', how.get("Header") or []
    lines = [line for line in text.splitlines() if line.strip(" \r")]
    rows = [row for row in csv.reader(lines, delimiter=delimiter, quotechar=quote) if row]
    width = len(rows[0]) if rows else 0
    if width < (1 if how.get("AllowSingleColumn") else 2) or (names and len(names) != width):
        return None
    if not how.get("DisableValueTrimming"):
        rows = [[cell.strip() for cell in row] for row in rows]
    at = lambda some, column: [row[column] if column < len(row) else "" for row in some]  # noqa: E731
    said = how.get("ContainsHeader") or "UNKNOWN"
    has_header = said == "PRESENT" or (said == "UNKNOWN" and len(rows) > 1 and (rows[0] == names or _is_heading(rows, [kind_of_column(at(rows[1:], column)) for column in range(width)])))
    data = rows[1:] if has_header else rows
    wanted = names or (rows[0] if has_header else [f"col{column}" for column in range(width)])
    columns = dict(zip(distinct([catalog_name(name) or f"col{column}" for column, name in enumerate(wanted)]), [kind_of_column(at(data, column)) for column in range(width)]))
    parameters = {"delimiter": delimiter, "columnsOrdered": "true", "areColumnsQuoted": str(quote in text).lower(), **({"skip.header.line.count": "1"} if has_header else {})}
    return Schema("csv", columns, {**parameters, **({"quoteChar": quote} if how.get("QuoteSymbol") else {})}, how.get("Serde") == "OpenCSVSerDe")


def at_path(value: Any, path: str) -> list[Any]:
    """The values at a JSON path of names, ``.*`` and ``[*]``; none for another path."""
    found = [value]
    rest = path.removeprefix("$")
    while rest:
        step = re.match(r"\.\*|\[\*\]|\.([A-Za-z_]\w*)|\[['\"]([^'\"]+)['\"]\]", rest)
        if not step:
            return []
        name, rest = step[1] or step[2], rest[step.end() :]
        if name:
            found = [each[name] for each in found if isinstance(each, dict) and name in each]
        else:
            found = [inner for each in found for inner in (each if isinstance(each, list) else each.values() if isinstance(each, dict) else [])]
    return found


def json_schema(text: str, path: str | None = None) -> Schema | None:
    """JSON as Glue's classifier takes it: objects in lines or over many lines, one after the other, or in arrays.

    Source: https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html, 2026-11-28
    """
    rows = _json_values(text)
    if path is not None:
        # The path counts from each value that the file has; arrays at the top were taken apart before.
        rows = [each for row in rows for each in at_path(row, re.sub(r"^\$\[\*\]", "$", path))]
    if not rows or not all(isinstance(row, dict) for row in rows):
        return None
    kinds: dict[str, Kind] = {}
    for row in rows:
        for name, value in row.items():
            key = name.lower()
            kinds[key] = _both(kinds.get(key), _json_kind(value))
    return Schema("json", {name: _named(kind) for name, kind in kinds.items()})


def _json_values(text: str) -> list[Any]:
    """The values that stand one after the other; a last one that is cut off is left out. Empty if it is no JSON."""
    decoder, found, at = json.JSONDecoder(), [], 0
    if not text.lstrip().startswith(("{", "[")):
        return []
    while True:
        at = re.compile(r"[\s,]*").match(text, at).end()  # type: ignore[union-attr]
        if at >= len(text):
            break
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            if len(text) < SAMPLE_BYTES // 2:
                return []
            break
        found.append(value)
    return [each for value in found for each in (value if isinstance(value, list) else [value])]


#: What a value of JSON is: a simple type's name, what a list holds, or an object's fields. None where only nulls were seen.
Kind = str | list[Any] | dict[str, Any] | None


def _json_kind(value: Any) -> Kind:
    if value is None:
        return None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "bigint" if -(2**63) <= value < 2**63 else "double"
    if isinstance(value, float):
        return "double"
    if isinstance(value, list):
        item: Kind = None
        for each in value:
            item = _both(item, _json_kind(each))
        return [item]
    if isinstance(value, dict):
        return {name.lower(): _json_kind(each) for name, each in value.items()}
    return "string"


_NUMBERS = ("bigint", "double")


def _both(one: Kind, other: Kind) -> Kind:
    """The kind that takes the values of two: what agrees in nothing is text, and only that."""
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _both(one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [_both(one[0], other[0])]
    if one in _NUMBERS and other in _NUMBERS:
        return max(str(one), str(other), key=_NUMBERS.index)
    return one if one == other else "string"


def _named(kind: Kind) -> str:
    if isinstance(kind, dict):
        return f"struct<{','.join(f'{name}:{_named(each)}' for name, each in kind.items())}>" if kind else "string"
    if isinstance(kind, list):
        return f"array<{_named(kind[0])}>"
    return kind or "string"


#: Comma, pipe, tab, semicolon and Ctrl-A.
DELIMITERS = (",", "|", "\t", ";", "\x01")
#: A heading's cells are shorter than this, but for the last one.
LONGEST_HEADING = 150


def csv_schema(text: str) -> Schema | None:
    """CSV as Glue's classifier takes it.

    Source: https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html, 2026-11-28
    """
    found = _rows_of(text)
    if found is None:
        return None
    delimiter, quoted, rows = found
    width = len(rows[0])
    data = [kind_of_column([row[at] if at < len(row) else "" for row in rows[1:]]) for at in range(width)]
    if _is_heading(rows, data):
        names, kinds = distinct([catalog_name(cell.strip()) or f"col{at}" for at, cell in enumerate(rows[0])]), data
        heading = {"skip.header.line.count": "1"}
    else:
        names, heading = [f"col{at}" for at in range(width)], {}
        kinds = [kind_of_column([row[at] if at < len(row) else "" for row in rows]) for at in range(width)]
    return Schema("csv", dict(zip(names, kinds)), {"delimiter": delimiter, "columnsOrdered": "true", "areColumnsQuoted": str(quoted).lower(), **heading})


def _rows_of(text: str) -> tuple[str, bool, list[list[str]]] | None:
    """The rows by the delimiter that divides most of them alike; two columns and two rows at least."""
    best: tuple[float, int, str, list[list[str]]] | None = None
    lines = [line for line in text.splitlines() if line.strip(" \r")]
    if len(lines) < 2:
        return None
    for delimiter in DELIMITERS:
        rows = [row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter) if row]
        width, often = Counter(len(row) for row in rows).most_common(1)[0]
        # Rows that lack their last fields are of the same table.
        wanted = max(width, len(rows[0]))
        share = often / len(rows)
        if width >= 2 and len(rows) >= 2 and share >= 0.5 and (best is None or (share, width) > best[:2]):
            best = (share, width, delimiter, [row for row in rows if 2 <= len(row) <= wanted] if len(rows[0]) == width else [row for row in rows if len(row) == width])
    if best is None or len(best[3]) < 2:
        return None
    return best[2], '"' in text, best[3]


def _is_heading(rows: list[list[str]], kinds: list[str]) -> bool:
    """Whether the first row names the columns: all text and short, and not like what is below it."""
    head = rows[0]
    texts = all(kind_of_column([cell]) == "string" and cell.strip() for cell in head[:-1])
    # For a delimiter at the end of each line the last column may be empty throughout.
    last = kind_of_column([head[-1]]) == "string" and (bool(head[-1].strip()) or all(len(row) < len(head) or not row[-1].strip() for row in rows))
    return texts and last and all(len(cell) < LONGEST_HEADING for cell in head[:-1]) and any(kind != "string" for kind in kinds)


def distinct(names: list[str]) -> list[str]:
    """The same names, with numbers behind those that come again: no column may be lost.

    Source: none found (tried: docs search for what a crawler makes of two columns of one name), 2026-11-28
    """
    seen: set[str] = set()
    found = []
    for name in names:
        fresh, at = name, 1
        while fresh in seen or (fresh != name and fresh in names):
            fresh, at = f"{name}_{at}", at + 1
        seen.add(fresh)
        found.append(fresh)
    return found


def kind_of_column(values: list[str]) -> str:
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
