"""Statements that make, fill and drop what the catalog has: CREATE, INSERT, DROP.

Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
Source: trinodb/trino plugin/trino-hive/src/main/java/io/trino/plugin/hive/HiveErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from sqlglot import exp

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.catalog import Missing, all_of, files_under, glue, split_uri
from sandbox.services.athena.parsing import parse_statement, query_in
from sandbox.services.athena.run import Run, place_of
from sandbox.services.athena.tables import PARQUET, external_table, failed, register_found
from sandbox.services.athena.text_files import format_of
from sandbox.services.athena.trino.casts import can_cast, cast
from sandbox.services.athena.trino.relations import Query
from sandbox.services.athena.trino.types import Type, becomes, glue_type
from sandbox.services.athena.trino.values import Value, fresh, null
from sandbox.services.athena.type_names import type_named
from sandbox.services.athena.writing import refuse_unkept, write


def _target(run: Run, tree: exp.Expression) -> tuple[str, str]:
    node = tree.this if isinstance(tree.this, exp.Table) else tree.this.this
    if not node.db and "." in node.name:
        # As SHOW CREATE TABLE writes it: `database.table` between one pair of backquotes.
        before, _, after = node.name.partition(".")
        node = exp.Table(this=exp.to_identifier(after, quoted=True), db=exp.to_identifier(before, quoted=True))
    database, name = run.names(node)
    try:
        glue(run.region, "GetDatabase", Name=database)
    except Missing:
        raise Refusal("SCHEMA_NOT_FOUND", f"{place_of(run.sql, node)}: Schema '{database}' does not exist") from None
    return database, name


def _exists(run: Run, database: str, name: str) -> dict[str, Any] | None:
    try:
        return glue(run.region, "GetTable", DatabaseName=database, Name=name)["Table"]
    except Missing:
        return None


def _columns_of(query: Query, names: list[str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": "string" if kind.name == "unknown" else glue_type(kind)} for name, (_, kind) in zip(names, query.columns)]


def _inner(run: Run) -> tuple[Query, list[str]]:
    """The query of a statement, and the names of its columns."""
    text = query_in(run.sql)
    if text is None:
        raise Refusal("MALFORMED_QUERY", "line 1:1: The statement has no query")
    found = run.query(text)
    names = [name or f"_col{at}" for at, (name, _) in enumerate(found.columns)]
    return found, names


def create_view(run: Run) -> None:
    tree = parse_statement(run.sql)
    assert isinstance(tree, exp.Create)
    database, name = _target(run, tree)
    found = _exists(run, database, name)
    if found and (not tree.args.get("replace") or found.get("TableType") != "VIRTUAL_VIEW"):
        raise Refusal("ALREADY_EXISTS", f"line 1:1: View already exists: 'awsdatacatalog.{database}.{name}'")
    original = (query_in(run.sql) or "").strip()
    frame, names = _inner(run)
    if any(re.fullmatch(r"_col\d+", each) for each in names):
        raise Refusal("MISSING_COLUMN_NAME", f"line 1:1: Column name not specified at position {next(at for at, each in enumerate(names) if each.startswith('_col')) + 1}")
    columns = _columns_of(frame, names)
    text = json.dumps({"originalSql": original, "catalog": "awsdatacatalog", "schema": run.database, "columns": [{"name": each["Name"], "type": each["Type"]} for each in columns]})
    entry = {
        "Name": name, "TableType": "VIRTUAL_VIEW", "Parameters": {"presto_view": "true", "comment": "Presto View"}, "PartitionKeys": [],
        "StorageDescriptor": {"Columns": columns, "Location": "", "SerdeInfo": {}},
        "ViewOriginalText": f"/* Presto View: {base64.b64encode(text.encode()).decode()} */", "ViewExpandedText": "/* Presto View */",
    }  # fmt: skip
    glue(run.region, "UpdateTable" if found else "CreateTable", DatabaseName=database, TableInput=entry)
    run.write_lines([], [])


def create_external(run: Run) -> None:
    tree = parse_statement(run.sql)
    assert isinstance(tree, exp.Create)
    database, name = _target(run, tree)
    entry = external_table(tree, database, name)
    # A format that cannot be read is refused now, not at the first query.
    format_of(entry)
    if not _exists(run, database, name):
        glue(run.region, "CreateTable", DatabaseName=database, TableInput=entry)
    elif not tree.args.get("exists"):
        raise failed(f"AlreadyExistsException(message:Table {name} already exists.)")
    run.write_lines([], [])


def create_table_as(run: Run) -> None:
    tree = parse_statement(run.sql)
    assert isinstance(tree, exp.Create)
    database, name = _target(run, tree)
    if _exists(run, database, name):
        if tree.args.get("exists"):
            run.write_update(0, [], "tables/")
            return
        raise Refusal("TABLE_ALREADY_EXISTS", f"line 1:1: Table 'awsdatacatalog.{database}.{name}' already exists")
    given: dict[str, str] = {}
    keys: list[str] = []
    for each in (tree.args.get("properties") or exp.Properties(expressions=[])).expressions:
        key = each.name if isinstance(each, exp.Property) and type(each) is exp.Property else type(each).__name__
        value = each.args.get("value")
        if isinstance(each, exp.PartitionedByProperty):
            keys = [one.name.lower() for one in each.this.expressions]
        else:
            given[key.lower()] = (value.name if isinstance(value, exp.Expression) else str(value)) if value is not None else each.name
    form = given.pop("fileformatproperty", given.pop("format", "PARQUET")).upper()
    location = given.pop("external_location", None) or given.pop("locationproperty", None)
    for harmless in ("write_compression", "parquet_compression", "is_external"):
        given.pop(harmless, None)
    if form != "PARQUET" or given:
        raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena makes tables in Parquet only, with external_location and partitioned_by, not with {', '.join([*given] or [form])}.")
    bucket, prefix = split_uri(run.output)
    location = location or f"s3://{bucket}/{prefix}{'' if prefix.endswith('/') or not prefix else '/'}tables/{run.id}/"
    location = location if location.endswith("/") else f"{location}/"
    if files_under(run.region, location):
        raise Refusal("HIVE_PATH_ALREADY_EXISTS", f"Target directory for table '{database}.{name}' already exists: {location}.")
    frame, names = _inner(run)
    refuse_unkept(frame.columns)
    if any(re.fullmatch(r"_col\d+", each) for each in names):
        raise Refusal("MISSING_COLUMN_NAME", "line 1:1: Column name not specified")
    if keys and names[-len(keys) :] != keys:
        raise Refusal("HIVE_COLUMN_ORDER_MISMATCH", f"Partition keys must be the last columns in the table and in the same order as the table properties: [{', '.join(keys)}]")
    columns = _columns_of(frame, names)
    data = len(columns) - len(keys)
    table = {
        "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet"},
        "PartitionKeys": columns[data:], "StorageDescriptor": {**PARQUET, "Columns": columns[:data], "Location": location},
    }  # fmt: skip
    rows, files = _write(run, frame, names, table)
    glue(run.region, "CreateTable", DatabaseName=database, TableInput=table)
    _register(run, {**table, "DatabaseName": database})
    run.write_update(rows, files, "tables/")


def insert(run: Run) -> None:
    tree = parse_statement(run.sql)
    assert isinstance(tree, exp.Insert)
    node = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    table = run.table(node, run.sql)
    storage = table.get("StorageDescriptor") or {}
    if "parquet" not in json.dumps(storage).lower() or tree.args.get("overwrite"):
        raise Refusal("NOT_SUPPORTED", "The sandbox's Athena inserts only into tables in Parquet.")
    found, names = _inner(run)
    kinds = {each["Name"].lower(): type_named(each["Type"]) for each in [*storage.get("Columns", []), *(table.get("PartitionKeys") or [])]}
    given = [each.name.lower() for each in tree.this.expressions] if isinstance(tree.this, exp.Schema) else [*kinds]
    unknown = next((each for each in given if each not in kinds), None)
    if unknown is not None:
        raise Refusal("COLUMN_NOT_FOUND", f"line 1:1: Insert column name does not exist in target table: {unknown}")
    _refuse_others([kinds[each] for each in given], [kind for _, kind in found.columns])
    name = fresh("inserted")
    values = {column: Value(f"{name}.c{at}", kind) for at, (column, (_, kind)) in enumerate(zip(given, found.columns))}
    chosen = ", ".join(f"{cast(values[column], kind).sql if column in values else null(kind).sql} AS c{at}" for at, (column, kind) in enumerate(kinds.items()))
    filled = Query(f"SELECT {chosen} FROM ({found.sql}) AS {name}", [(column, kind) for column, kind in kinds.items()])
    rows, files = _write(run, filled, [*kinds], table)
    _register(run, table)
    run.write_update(rows, files)


def _refuse_others(target: list[Type], given: list[Type]) -> None:
    if len(target) != len(given) or not all(becomes(have, want) or have.name == want.name and can_cast(have, want) and have.name in ("varchar", "decimal", "timestamp") for have, want in zip(given, target)):
        shown = lambda kinds: ", ".join(map(str, kinds))  # noqa: E731
        raise Refusal("TYPE_MISMATCH", f"Insert query has mismatched column types: Table: [{shown(target)}], Query: [{shown(given)}]")


def _write(run: Run, query: Query, names: list[str], table: dict[str, Any]) -> tuple[int, list[str]]:
    run.check()
    return write(run, query, names, [each["Name"] for each in table.get("PartitionKeys") or []], table["StorageDescriptor"]["Location"])


def _register(run: Run, table: dict[str, Any]) -> None:
    if table.get("PartitionKeys"):
        register_found(run, table)


def create_database(run: Run) -> None:
    tree = parse_statement(run.sql)
    assert isinstance(tree, exp.Create)
    name = (tree.this.db or tree.this.name).lower()
    try:
        glue(run.region, "GetDatabase", Name=name)
    except Missing:
        location = next((each.name for each in (tree.args.get("properties") or exp.Properties(expressions=[])).expressions if isinstance(each, exp.LocationProperty)), None)
        glue(run.region, "CreateDatabase", DatabaseInput={"Name": name, **({"LocationUri": location} if location else {})})
    else:
        if not tree.args.get("exists"):
            raise failed(f"Database {name} already exists")
    run.write_lines([], [])


def _dropped(tree: exp.Drop) -> exp.Table:
    return tree.this or tree.args["tables"][0]


def drop(run: Run) -> None:
    tree = parse_statement(run.sql)
    assert isinstance(tree, exp.Drop)
    kind = tree.args["kind"].upper()
    if kind in ("DATABASE", "SCHEMA"):
        node = _dropped(tree)
        name = (node.db or node.name).lower()
        try:
            tables = [each["Name"] for each in all_of(run.region, "GetTables", "TableList", DatabaseName=name)]
            if tables and not tree.args.get("cascade"):
                raise failed(f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)")
            glue(run.region, "DeleteDatabase", Name=name)
        except Missing:
            if not tree.args.get("exists"):
                raise Refusal("SCHEMA_NOT_FOUND", f"{place_of(run.sql, node)}: Schema '{name}' does not exist") from None
    else:
        node = _dropped(tree)
        database, name = run.names(node)
        found = _exists(run, database, name)
        if found and (found.get("TableType") == "VIRTUAL_VIEW") != (kind == "VIEW"):
            raise Refusal("NOT_SUPPORTED", f"line 1:1: '{database}.{name}' is {'a table' if kind == 'VIEW' else 'a view'}")
        if found:
            glue(run.region, "DeleteTable", DatabaseName=database, Name=name)
        elif not tree.args.get("exists"):
            raise Refusal("TABLE_NOT_FOUND", f"{place_of(run.sql, node)}: Table 'awsdatacatalog.{database}.{name}' does not exist")
    run.write_lines([], [])
