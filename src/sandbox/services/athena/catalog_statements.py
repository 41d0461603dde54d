"""Statements on what the catalog has: SHOW, DESCRIBE, EXPLAIN, and Hive's MSCK and ALTER TABLE.

Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
from typing import Any, Callable

import sqlglot
from sqlglot import exp

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.catalog import Missing, all_of, glue
from sandbox.services.athena.parsing import parse_statement
from sandbox.services.athena.run import Run
from sandbox.services.athena.tables import alter, failed, repair, shown, widened
from sandbox.services.athena.views import view_text


def show_databases(run: Run, like: str | None = None) -> None:
    names = sorted(each["Name"].lower() for each in all_of(run.region, "GetDatabases", "DatabaseList"))
    run.write_lines([("database_name", "string")], [name for name in names if _like(like, name)])


def show_tables(run: Run, of: str | None = None, like: str | None = None, views: str | None = None) -> None:
    database = _bare(of) if of else run.database
    try:
        found = list(all_of(run.region, "GetTables", "TableList", DatabaseName=database))
    except Missing:
        raise Refusal("SCHEMA_NOT_FOUND", f"line 1:1: Schema '{database}' does not exist") from None
    names = sorted(each["Name"].lower() for each in found if not views or each.get("TableType") == "VIRTUAL_VIEW")
    run.write_lines([("tab_name", "string")], [name for name in names if _like(like, name)])


def entry_of(run: Run, name: str) -> dict[str, Any]:
    node = sqlglot.parse_one(f"SELECT * FROM {name.replace('`', chr(34))}", read="athena").find(exp.Table)
    assert node
    for each in node.find_all(exp.Identifier):
        each.meta.pop("start", None)
    return run.table(node, run.sql)


def show_partitions(run: Run, name: str) -> None:
    table = entry_of(run, name)
    keys = [each["Name"] for each in table.get("PartitionKeys") or []]
    if not keys:
        raise failed(f"Table {table['DatabaseName']}.{table['Name']} is not a partitioned table")
    rows = all_of(run.region, "GetPartitions", "Partitions", DatabaseName=table["DatabaseName"], TableName=table["Name"])
    run.write_lines([("partition", "string")], ["/".join(f"{key}={value}" for key, value in zip(keys, each["Values"])) for each in rows])


def describe(run: Run, name: str, how: str | None = None) -> None:
    table = entry_of(run, name)
    storage, keys = table.get("StorageDescriptor") or {}, table.get("PartitionKeys") or []
    line = lambda *values: "\t".join(f"{value or '':<20}" for value in values)  # noqa: E731
    lines = [line(each["Name"], each.get("Type"), each.get("Comment")) for each in [*storage.get("Columns", []), *keys]]
    if keys:
        lines += [line("", "", ""), line("# Partition Information", "", ""), line("# col_name", "data_type", "comment"), line("", "", "")]
        lines += [line(each["Name"], each.get("Type"), each.get("Comment")) for each in keys]
    if how:
        lines += [line("", "", ""), line("# Detailed Table Information", "", ""), line("Database:", table["DatabaseName"], ""), line("Location:", storage.get("Location"), "")]
        lines += [line("Table Type:", table.get("TableType"), ""), *(line("", key, value) for key, value in (table.get("Parameters") or {}).items())]
    run.write_lines([("col_name", "string"), ("data_type", "string"), ("comment", "string")], lines)


def show_columns(run: Run, name: str) -> None:
    table = entry_of(run, name)
    run.write_lines([("field", "string")], [each["Name"] for each in [*(table.get("StorageDescriptor") or {}).get("Columns", []), *(table.get("PartitionKeys") or [])]])


def show_create(run: Run, name: str, what: str) -> None:
    table = entry_of(run, name)
    is_view = table.get("TableType") == "VIRTUAL_VIEW"
    if is_view != (what.upper() == "VIEW"):
        raise Refusal("NOT_SUPPORTED", f"line 1:1: Relation '{table['DatabaseName']}.{table['Name']}' is a {'view' if is_view else 'table'}, not a {what.lower()}")
    if is_view:
        run.write_lines([("Create View", "string")], f'CREATE VIEW "{table["DatabaseName"]}"."{table["Name"]}" AS\n{view_text(table)[0]}'.splitlines())
    else:
        run.write_lines([("createtab_stmt", "string")], shown(table).splitlines())


def show_properties(run: Run, name: str, key: str | None = None) -> None:
    parameters = entry_of(run, name).get("Parameters") or {}
    if key is not None:
        run.write_lines([("prpt_name", "string")], [parameters.get(key, f"Table does not have property: {key}")])
    else:
        run.write_lines([("prpt_name", "string"), ("prpt_value", "string")], [f"{each}\t{value}" for each, value in sorted(parameters.items())])


def repair_table(run: Run, name: str) -> None:
    repair(run, entry_of(run, name))


def alter_table(run: Run, name: str, **change: Any) -> None:
    alter(run, entry_of(run, name), **change)


def add_columns(run: Run, name: str, columns: str) -> None:
    table = entry_of(run, name)
    tree = parse_statement(f"CREATE EXTERNAL TABLE t {columns}")
    assert isinstance(tree, exp.Create)
    glue(run.region, "UpdateTable", DatabaseName=table["DatabaseName"], TableInput=widened(table, tree))
    run.write_lines([], [])


def explain(run: Run, query: str) -> None:
    """Another engine's plan would teach nothing of Athena's; but whether the query is right can be said."""
    # What stands before it is blank, so that its places are those of the whole.
    before = re.sub(r"[^\n]", " ", run.sql[: run.sql.rindex(query)])
    run.query(before + query)
    raise Refusal("NOT_SUPPORTED", "The query is right, but the sandbox's Athena has no plan to show: another engine runs the queries here, and AWS's EXPLAIN shows Trino's plan. Run the query without EXPLAIN; its statistics say how many bytes it read.")


def _like(pattern: str | None, name: str) -> bool:
    """Hive's patterns: `*` for anything, `|` for or."""
    return pattern is None or any(re.fullmatch(re.escape(each).replace(r"\*", ".*").replace("%", ".*"), name, flags=re.I) for each in pattern.split("|"))


def _bare(name: str) -> str:
    return name.strip('`"').lower()


_NAME = r"""(?P<name>(?:[`"]?[\w$-]+[`"]?\.){0,2}[`"]?[\w$-]+[`"]?)"""
_IN = r"""(?:\s+(?:in|from)\s+(?P<of>[`"]?[\w-]+[`"]?))?(?:\s+(?:like\s+)?'(?P<like>[^']*)')?"""


CATALOG_STATEMENTS: list[tuple[str, str, str, Callable[..., None]]] = [
    (r"show\s+(?:databases|schemas)(?:\s+like\s+'(?P<like>[^']*)')?", "UTILITY", "SHOW_DATABASES", show_databases),
    (rf"show\s+(?:tables|(?P<views>views)){_IN}", "UTILITY", "SHOW_TABLES", show_tables),
    (rf"show\s+partitions\s+{_NAME}", "UTILITY", "SHOW_PARTITIONS", show_partitions),
    (rf"show\s+columns\s+(?:in|from)\s+{_NAME}", "UTILITY", "SHOW_COLUMNS", show_columns),
    (rf"show\s+create\s+(?P<what>table|view)\s+{_NAME}", "UTILITY", "SHOW_CREATE_TABLE", show_create),
    (rf"(?:describe|desc)\s+(?:(?P<how>extended|formatted)\s+)?{_NAME}", "UTILITY", "DESCRIBE_TABLE", describe),
    (rf"show\s+tblproperties\s+{_NAME}(?:\s*\(\s*'(?P<key>[^']*)'\s*\))?", "UTILITY", "SHOW_TBLPROPERTIES", show_properties),
    (rf"msck\s+repair\s+table\s+{_NAME}", "DDL", "MSCK_REPAIR_TABLE", repair_table),
    (rf"alter\s+table\s+{_NAME}\s+(?P<what>add|drop)\s+(?P<exists>if\s+(?:not\s+)?exists\s+)?(?P<partitions>partition\b.*)", "DDL", "ALTER_TABLE", alter_table),
    (rf"alter\s+table\s+{_NAME}\s+add\s+columns\s*(?P<columns>\(.*\))", "DDL", "ALTER_TABLE_ADD_COLUMNS", add_columns),
    (r"explain\s+(?:analyze\s+(?:verbose\s+)?|\([^)]*\)\s*)?(?P<query>(?:select|with|\(|table|values)\b.*)", "UTILITY", "EXPLAIN", explain),
]
