"""Athena's DDL on tables over files that lie in S3 already, in Hive's words: CREATE EXTERNAL TABLE and SHOW CREATE TABLE,
and what registers and removes partitions.

Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
import urllib.parse
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.catalog import all_of, files_under, glue

if TYPE_CHECKING:
    from sandbox.services.athena.run import Run

_HIVE = "org.apache.hadoop.hive.ql.io"
_TEXT = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": f"{_HIVE}.HiveIgnoreKeyTextOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
}
PARQUET = {
    "InputFormat": f"{_HIVE}.parquet.MapredParquetInputFormat",
    "OutputFormat": f"{_HIVE}.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": f"{_HIVE}.parquet.serde.ParquetHiveSerDe"},
}
_FORMATS = {"TEXTFILE": _TEXT, "PARQUET": PARQUET}

#: What ROW FORMAT DELIMITED says, and the properties that Hive keeps it in (one of them misspelt there).
_DELIMITERS = {
    "fields": ("field.delim", "serialization.format"), "escaped": ("escape.delim",), "collection_items": ("collection.delim", "colelction.delim"),
    "map_keys": ("mapkey.delim",), "lines": ("line.delim",), "null": ("serialization.null.format",),
}  # fmt: skip

#: Partitions that are registered in one call.
_AT_ONCE = 100


def failed(what: str) -> Refusal:
    """A refusal of Hive's, which Athena's DDL is."""
    return Refusal("FAILED", f"Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {what}")


def external_table(tree: exp.Create, database: str, name: str) -> dict[str, Any]:
    """A table's entry for the catalog, from its CREATE EXTERNAL TABLE."""
    given: dict[type[exp.Expression], exp.Expression] = {}
    parameters = {"EXTERNAL": "TRUE"}
    for each in (tree.args.get("properties") or exp.Properties(expressions=[])).expressions:
        if type(each) is exp.Property:
            parameters[each.name] = each.args["value"].name
        given[type(each)] = each
    if exp.ExternalProperty not in given or parameters.get("table_type", "").upper() == "ICEBERG":
        raise Refusal("NOT_SUPPORTED", "The sandbox's Athena makes tables over files in S3 (CREATE EXTERNAL TABLE … LOCATION 's3://bucket/folder/') and tables of a query's result (CREATE TABLE … AS SELECT), no Iceberg tables.")
    if not isinstance(tree.this, exp.Schema):
        raise failed("The table has no columns: name them with their types in parentheses after the table's name.")
    location = given.get(exp.LocationProperty)
    if not location or not re.match(r"s3://[^/]+", location.name):
        raise failed("LOCATION 's3://bucket/folder/' must say where the table's files are.")
    comment = given.get(exp.SchemaCommentProperty)
    keys = given.get(exp.PartitionedByProperty)
    return {
        "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": parameters,
        "StorageDescriptor": {**_storage(given), "Columns": _columns(tree.this), "Location": location.name},
        "PartitionKeys": _columns(keys.this) if keys and isinstance(keys.this, exp.Schema) else [],
        **({"Description": comment.name} if comment else {}),
    }  # fmt: skip


def widened(table: dict[str, Any], tree: exp.Create) -> dict[str, Any]:
    """A table's entry with more columns. The files that are there have none of them: they are null."""
    storage, new = table["StorageDescriptor"], _columns(tree.this)
    known = {each["Name"].lower() for each in [*storage.get("Columns", []), *(table.get("PartitionKeys") or [])]}
    twice = next((each["Name"] for each in new if each["Name"] in known), None)
    if twice:
        raise failed(f"Duplicate column name: {twice}")
    kept = {key: table[key] for key in ("Name", "Description", "TableType", "Parameters", "PartitionKeys") if table.get(key) is not None}
    return {**kept, "StorageDescriptor": {**storage, "Columns": [*storage.get("Columns", []), *new]}}


def _columns(schema: exp.Expression) -> list[dict[str, str]]:
    columns = []
    for each in schema.expressions:
        if not isinstance(each, exp.ColumnDef) or not each.kind:
            raise failed(f"The column {each.name} has no type.")
        # Hive's, as the catalog has them: `struct<k:int>`.
        kind = re.sub(r"\s*([:,<>])\s*", r"\1", each.kind.sql(dialect="hive").lower())
        comment = next((one.kind.this.name for one in each.args.get("constraints") or [] if isinstance(one.kind, exp.CommentColumnConstraint)), None)
        columns.append({"Name": each.name.lower(), "Type": kind, **({"Comment": comment} if comment else {})})
    return columns


def _storage(given: dict[type[exp.Expression], exp.Expression]) -> dict[str, Any]:
    form, serde, delimited = (given.get(kind) for kind in (exp.FileFormatProperty, exp.RowFormatSerdeProperty, exp.RowFormatDelimitedProperty))
    name = form.name.upper() if form and not isinstance(form.this, exp.InputOutputFormat) else "TEXTFILE"
    if name not in _FORMATS:
        raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena reads no files in {name}: it reads Parquet (STORED AS PARQUET), CSV and JSON (ROW FORMAT SERDE …).")
    storage = {**_FORMATS[name]}
    if form and isinstance(form.this, exp.InputOutputFormat):
        storage |= {"InputFormat": form.this.args["input_format"].name, "OutputFormat": form.this.args["output_format"].name}
    if serde:
        properties = serde.args.get("serde_properties")
        storage["SerdeInfo"] = {"SerializationLibrary": serde.this.name, "Parameters": {each.name: each.args["value"].name for each in properties.expressions} if properties else {}}
    elif delimited:
        said = {name: delimited.args[name].name for name in _DELIMITERS if delimited.args.get(name)}
        written = {own: said[name] for name, owns in _DELIMITERS.items() if name in said for own in owns}
        storage["SerdeInfo"] = {**storage["SerdeInfo"], "Parameters": written}
    return storage


def shown(table: dict[str, Any]) -> str:
    """The statement that makes a table, as SHOW CREATE TABLE gives it."""
    storage = table.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}

    def columns(each: dict[str, Any]) -> str:
        comment = each.get("Comment")
        return f"  `{each['Name']}` {each.get('Type')}" + (f" COMMENT {_quoted(comment)}" if comment else "")

    def pairs(values: dict[str, str]) -> str:
        return ", \n".join(f"  {_quoted(name)}={_quoted(value)}" for name, value in sorted(values.items())) + ")"

    text = [f"CREATE EXTERNAL TABLE `{table['DatabaseName']}.{table['Name']}`(", ", \n".join(map(columns, storage.get("Columns", []))) + ")"]
    if table.get("Description"):
        text += ["COMMENT", f"  {_quoted(table['Description'])}"]
    if table.get("PartitionKeys"):
        text += ["PARTITIONED BY ( ", ", \n".join(map(columns, table["PartitionKeys"])) + ")"]
    if serde.get("SerializationLibrary"):
        text += ["ROW FORMAT SERDE ", f"  '{serde['SerializationLibrary']}' "]
        if serde.get("Parameters"):
            text += ["WITH SERDEPROPERTIES ( ", pairs(serde["Parameters"]) + " "]
    if storage.get("InputFormat") and storage.get("OutputFormat"):
        text += ["STORED AS INPUTFORMAT ", f"  '{storage['InputFormat']}' ", "OUTPUTFORMAT ", f"  '{storage['OutputFormat']}'"]
    text += ["LOCATION", f"  '{storage.get('Location', '')}'"]
    parameters = {name: value for name, value in (table.get("Parameters") or {}).items() if name != "EXTERNAL"}
    if parameters:
        text += ["TBLPROPERTIES (", pairs(parameters)]
    return "\n".join(text)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


# --- Partitions ----------------------------------------------------------------------------------------------------------


def _partitions(run: Run, table: dict[str, Any]) -> dict[tuple[str, ...], dict[str, Any]]:
    if not table.get("PartitionKeys"):
        raise failed(f"Table {table['DatabaseName']}.{table['Name']} is not a partitioned table")
    return {tuple(each["Values"]): each for each in all_of(run.region, "GetPartitions", "Partitions", DatabaseName=table["DatabaseName"], TableName=table["Name"])}


def _register(run: Run, table: dict[str, Any], locations: dict[tuple[str, ...], str]) -> None:
    new = [{"Values": list(values), "StorageDescriptor": {**table["StorageDescriptor"], "Location": location}} for values, location in locations.items()]
    for at in range(0, len(new), _AT_ONCE):
        glue(run.region, "BatchCreatePartition", DatabaseName=table["DatabaseName"], TableName=table["Name"], PartitionInputList=new[at : at + _AT_ONCE])


def register_found(run: Run, table: dict[str, Any]) -> list[tuple[str, ...]]:
    """Registers what lies under the table's location in folders such as `day=2026-01-31/`, and says what that was."""
    known = _partitions(run, table)
    root = table["StorageDescriptor"]["Location"].rstrip("/") + "/"
    pattern = re.compile(re.escape(root) + "".join(rf"{re.escape(each['Name'])}=([^/]+)/" for each in table["PartitionKeys"]), flags=re.I)
    matches = [match for uri, _ in files_under(run.region, root) if (match := pattern.match(uri))]
    found = {tuple(map(urllib.parse.unquote, match.groups())): match[0] for match in matches}
    new = {values: location for values, location in found.items() if values not in known}
    _register(run, table, new)
    return [*new]


def repair(run: Run, table: dict[str, Any]) -> None:
    """MSCK REPAIR TABLE."""
    new = register_found(run, table)
    keys = [each["Name"].lower() for each in table["PartitionKeys"]]
    named = [f"{table['Name']}:{'/'.join(f'{key}={value}' for key, value in zip(keys, values))}" for values in new]
    lines = [f"Partitions not in metastore:\t{chr(9).join(named)}", *(f"Repair: Added partition to metastore {each}" for each in named)]
    run.write_lines([("result", "string")], lines if new else [])


def alter(run: Run, table: dict[str, Any], what: str, exists: str | None, partitions: str) -> None:
    """Adds or removes the partitions that it names."""
    known, keys = _partitions(run, table), [each["Name"].lower() for each in table["PartitionKeys"]]
    adding, leftover = what.upper() == "ADD", partitions
    chosen: dict[tuple[str, ...], str] = {}
    for match in re.finditer(r"partition\s*\(([^)]*)\)(?:\s*location\s*'([^']*)')?\s*,?\s*", partitions, flags=re.I):
        leftover = leftover.replace(match[0], "", 1)
        values = {name.lower(): text or bare for name, text, bare in _PAIR.findall(match[1])}
        if set(values) != set(keys):
            raise failed(f"The partition must be named by {', '.join(keys)}: PARTITION ({', '.join(f'{key} = …' for key in keys)})")
        ordered = tuple(values[key] for key in keys)
        chosen[ordered] = match[2] or table["StorageDescriptor"]["Location"].rstrip("/") + "/" + "".join(f"{key}={value}/" for key, value in zip(keys, ordered))
    if leftover.strip() or not chosen:
        raise Refusal("NOT_SUPPORTED", "The sandbox's Athena alters tables by ADD PARTITION (key = 'value') [LOCATION 's3://…'] and DROP PARTITION (key = 'value') only.")
    wrong = [values for values in chosen if (values in known) == adding]
    if wrong and not exists:
        named = "/".join(f"{key}={value}" for key, value in zip(keys, wrong[0]))
        raise failed(f"Partition {named} of {table['DatabaseName']}.{table['Name']} {'already exists' if adding else 'does not exist'}")
    if adding:
        _register(run, table, {values: location for values, location in chosen.items() if values not in known})
    else:
        for values in chosen.keys() & known.keys():
            glue(run.region, "DeletePartition", DatabaseName=table["DatabaseName"], TableName=table["Name"], PartitionValues=list(values))
    run.write_lines([], [])


_PAIR = re.compile(r"""[`"]?(\w+)[`"]?\s*=\s*(?:'([^']*)'|([^\s,')]+))""")
