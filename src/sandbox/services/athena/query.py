"""Athena's statements: queries as Trino takes them, run on the tables of the Glue catalog; and Hive's on the catalog itself.

A query is parsed, translated and run by `trino`; what is around it (CREATE TABLE AS, INSERT, views) and all other statements are
understood here. The result goes to S3 as Athena writes it, batch by batch, so that a big one is never held whole.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any, Callable

import pyarrow as pa
import sqlglot
from sqlglot import exp

from sandbox.kernel.engine import Refusal, question
from sandbox.services.athena.catalog import Missing, all_of, files_under, glue, split_uri
from sandbox.services.athena.run import Cancelled, Run, place_of
from sandbox.services.athena.tables import PARQUET, alter, external_table, failed, register_found, repair, shown, widened
from sandbox.services.athena.text_files import format_of
from sandbox.services.athena.trino.casts import can_cast, cast
from sandbox.services.athena.trino.parser import parse
from sandbox.services.athena.trino.relations import Query
from sandbox.services.athena.trino.syntax import place
from sandbox.services.athena.trino.types import Type, becomes, glue_type
from sandbox.services.athena.trino.values import Value, fresh, null
from sandbox.services.athena.type_names import type_named
from sandbox.services.athena.views import view_text
from sandbox.services.athena.writing import refuse_unkept, write

#: Statements that begin a query; anything else is no SQL at all.
STATEMENTS = (
    "ALTER", "ANALYZE", "CALL", "COMMIT", "CREATE", "DEALLOCATE", "DELETE", "DESC", "DESCRIBE", "DROP", "EXECUTE", "EXPLAIN",
    "GRANT", "INSERT", "MERGE", "MSCK", "PREPARE", "RESET", "REVOKE", "ROLLBACK", "SELECT", "SET", "SHOW", "START", "TABLE",
    "TRUNCATE", "UNLOAD", "UPDATE", "USE", "VACUUM", "VALUES", "WITH", "(",
)  # fmt: skip

_running: dict[str, Run] = {}


# --- Parsing -------------------------------------------------------------------------------------------------------------


class Statement:
    """A statement, as far as it is understood before the catalog is asked."""

    def __init__(self, sql: str) -> None:
        self.sql = sql = sql.strip().rstrip(";").rstrip()
        self.tree: exp.Expression | None = None
        self.kind, self.substatement = "UTILITY", ""
        self.run: Callable[[Run], None]
        bare = re.sub(r"^(\s|--[^\n]*(?:\n|$)|/\*.*?\*/)+", "", sql, flags=re.S)
        first = re.match(r"\(|\w+|\S", bare)
        word = first[0].upper() if first else "<EOF>"
        if word not in STATEMENTS:
            at = len(sql) - len(bare)
            expected = ", ".join(f"'{each}'" for each in STATEMENTS[:-1] if each not in ("SELECT", "WITH", "TABLE", "VALUES"))
            raise Refusal("MALFORMED_QUERY", f"{place(sql, at)}: mismatched input '{first[0] if first else '<EOF>'}'. Expecting: {expected}, <query>")
        for pattern, kind, substatement, run in _SHOWS:
            found = re.fullmatch(pattern, bare, flags=re.I | re.S)
            if found:
                self.kind, self.substatement = kind, substatement
                self.run = lambda what, run=run, found=found: run(what, **found.groupdict())
                return
        if word in ("SHOW", "DESCRIBE", "DESC", "MSCK", "ALTER", "EXPLAIN", "UNLOAD", "PREPARE", "EXECUTE", "DELETE", "UPDATE", "MERGE", "USE", "SET", "GRANT", "REVOKE", "TRUNCATE", "VACUUM", "ANALYZE", "CALL"):
            self.kind = "DML" if word in ("DELETE", "UPDATE", "MERGE", "UNLOAD") else "DDL" if word in ("ALTER", "MSCK", "TRUNCATE") else "UTILITY"
            self.substatement = word
            found = re.match(r"SHOW\s+\w+", bare, flags=re.I)
            self.run = lambda what: unsupported(found[0].upper() if found else word)
            return
        if word in ("SELECT", "WITH", "VALUES", "TABLE", "("):
            _refuse_several(sql)
            _refuse_malformed(sql)
            self.kind, self.substatement, self.run = "DML", "SELECT", select
            return
        self.tree = self._parse(sql)
        self._classify(word)

    @staticmethod
    def _parse(sql: str) -> exp.Expression:
        inner = query_in(sql)
        if inner is not None:
            # The query is for Trino's parser; what is before it is for this one.
            _refuse_malformed(inner)
        try:
            trees = [tree for tree in sqlglot.parse(sql if inner is None else f"{sql[: len(inner) - len(inner.lstrip())]} SELECT 1", read="athena") if tree is not None]
        except sqlglot.errors.TokenError as error:
            open_quote = re.search(r"""['"][^'"]*$""", re.sub(r"""'[^']*'|"[^"]*\"""", lambda each: "." * len(each[0]), sql))
            what = f"mismatched input '{open_quote[0][0]}'. Expecting: <expression>" if open_quote else str(error).splitlines()[0]
            raise Refusal("MALFORMED_QUERY", f"{place(sql, open_quote.start() if open_quote else 0)}: {what}") from None
        except sqlglot.errors.ParseError as error:
            detail: dict[str, Any] = error.errors[0] if error.errors else {}
            backquote = re.search("`", re.sub("'[^']*'", lambda each: "." * len(each[0]), sql))
            if backquote:
                raise Refusal("MALFORMED_QUERY", f"{place(sql, backquote.start())}: backquoted identifiers are not supported; use double quotes to quote identifiers") from None
            line, end, word = detail.get("line", 1), detail.get("col", 1), detail.get("highlight") or ""
            at_end = not (detail.get("end_context") or "").strip() and "Unexpected token" not in str(detail.get("description"))
            what = "<EOF>" if at_end else word
            raise Refusal("MALFORMED_QUERY", f"line {line}:{end + 1 if at_end else max(1, end - len(word) + 1)}: mismatched input '{what}'. Expecting: <expression>") from None
        if len(trees) != 1:
            raise Refusal("MALFORMED_QUERY", "Only one sql statement is allowed. Got: " + sql)
        return trees[0]

    def _classify(self, word: str) -> None:
        tree = self.tree
        if isinstance(tree, exp.Create):
            what = (tree.args.get("kind") or "").upper()
            self.kind = "DDL"
            if what == "VIEW":
                self.substatement, self.run = "CREATE_VIEW", create_view
            elif what == "TABLE" and tree.expression:
                self.substatement, self.run = "CREATE_TABLE_AS_SELECT", create_table_as
            elif what == "TABLE":
                self.substatement, self.run = "CREATE_TABLE", create_external
            elif what in ("DATABASE", "SCHEMA"):
                self.substatement, self.run = "CREATE_DATABASE", create_database
            else:
                self.substatement, self.run = f"CREATE_{what}", lambda _: unsupported(f"CREATE {what}")
        elif isinstance(tree, exp.Drop):
            what = (tree.args.get("kind") or "").upper()
            self.kind, self.substatement = "DDL", f"DROP_{what}"
            self.run = drop if what in ("TABLE", "VIEW", "DATABASE", "SCHEMA") else lambda _: unsupported(f"DROP {what}")
        elif isinstance(tree, exp.Insert):
            self.kind, self.substatement, self.run = "DML", "INSERT", insert
        else:
            self.kind, self.substatement, self.run = "UTILITY", word, lambda _: unsupported(word)


def _refuse_malformed(sql: str) -> None:
    """What is no SQL is refused when Athena takes it; what it does not do, when it runs."""
    try:
        parse(sql)
    except Refusal as refusal:
        if refusal.code == "MALFORMED_QUERY":
            raise


def _refuse_several(sql: str) -> None:
    if ";" in sql and len([tree for tree in sql.split(";") if tree.strip()]) > 1:
        try:
            several = len([tree for tree in sqlglot.tokenize(sql, read="athena") if tree.token_type == sqlglot.TokenType.SEMICOLON]) > 0
        except sqlglot.errors.TokenError:
            return
        if several:
            raise Refusal("MALFORMED_QUERY", "Only one sql statement is allowed. Got: " + sql)


def query_in(sql: str) -> str | None:
    """The query of CREATE … AS and of INSERT where it stands, with blanks for what is before it; None if there is none."""
    try:
        tokens = sqlglot.tokenize(sql, read="athena")
    except sqlglot.errors.TokenError:
        return None
    words = [each.text.upper() for each in tokens]
    if not words or words[0] not in ("CREATE", "INSERT"):
        return None
    depth = 0
    for at, word in enumerate(words):
        begins = word in ("SELECT", "WITH", "VALUES", "TABLE") and tokens[at].token_type not in (sqlglot.TokenType.STRING, sqlglot.TokenType.IDENTIFIER)
        if depth == 0 and at > 2 and (words[at - 1] == "AS" if words[0] == "CREATE" else begins or word == "("):
            opened = at
            while opened < len(words) and words[opened] == "(":
                opened += 1
            if opened < len(words) and words[opened] in ("SELECT", "WITH", "VALUES", "TABLE"):
                start = tokens[at].start
                return re.sub(r"[^\n]", " ", sql[:start]) + sql[start:]
        depth += (word == "(") - (word == ")")
    return None


def unsupported(what: str) -> None:
    raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena does not run {what}. It runs SELECT, SHOW (DATABASES, TABLES, VIEWS, PARTITIONS, COLUMNS, CREATE TABLE, TBLPROPERTIES), DESCRIBE, CREATE VIEW, CREATE EXTERNAL TABLE, CREATE TABLE AS, INSERT INTO, CREATE DATABASE, MSCK REPAIR TABLE, ALTER TABLE (ADD COLUMNS, ADD and DROP PARTITION) and DROP.")


# --- Statements ----------------------------------------------------------------------------------------------------------


def select(run: Run) -> None:
    run.write_query(run.query(run.sql))


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


def _entry(run: Run, name: str) -> dict[str, Any]:
    node = sqlglot.parse_one(f"SELECT * FROM {name.replace('`', chr(34))}", read="athena").find(exp.Table)
    assert node
    for each in node.find_all(exp.Identifier):
        each.meta.pop("start", None)
    return run.table(node, run.sql)


def show_partitions(run: Run, name: str) -> None:
    table = _entry(run, name)
    keys = [each["Name"] for each in table.get("PartitionKeys") or []]
    if not keys:
        raise failed(f"Table {table['DatabaseName']}.{table['Name']} is not a partitioned table")
    rows = all_of(run.region, "GetPartitions", "Partitions", DatabaseName=table["DatabaseName"], TableName=table["Name"])
    run.write_lines([("partition", "string")], ["/".join(f"{key}={value}" for key, value in zip(keys, each["Values"])) for each in rows])


def describe(run: Run, name: str, how: str | None = None) -> None:
    table = _entry(run, name)
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
    table = _entry(run, name)
    run.write_lines([("field", "string")], [each["Name"] for each in [*(table.get("StorageDescriptor") or {}).get("Columns", []), *(table.get("PartitionKeys") or [])]])


def show_create(run: Run, name: str, what: str) -> None:
    table = _entry(run, name)
    is_view = table.get("TableType") == "VIRTUAL_VIEW"
    if is_view != (what.upper() == "VIEW"):
        raise Refusal("NOT_SUPPORTED", f"line 1:1: Relation '{table['DatabaseName']}.{table['Name']}' is a {'view' if is_view else 'table'}, not a {what.lower()}")
    if is_view:
        run.write_lines([("Create View", "string")], f'CREATE VIEW "{table["DatabaseName"]}"."{table["Name"]}" AS\n{view_text(table)[0]}'.splitlines())
    else:
        run.write_lines([("createtab_stmt", "string")], shown(table).splitlines())


def show_properties(run: Run, name: str, key: str | None = None) -> None:
    parameters = _entry(run, name).get("Parameters") or {}
    if key is not None:
        run.write_lines([("prpt_name", "string")], [parameters.get(key, f"Table does not have property: {key}")])
    else:
        run.write_lines([("prpt_name", "string"), ("prpt_value", "string")], [f"{each}\t{value}" for each, value in sorted(parameters.items())])


def repair_table(run: Run, name: str) -> None:
    repair(run, _entry(run, name))


def alter_table(run: Run, name: str, **change: Any) -> None:
    alter(run, _entry(run, name), **change)


def add_columns(run: Run, name: str, columns: str) -> None:
    table = _entry(run, name)
    tree = Statement._parse(f"CREATE EXTERNAL TABLE t {columns}")
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
_SHOWS: list[tuple[str, str, str, Callable[..., None]]] = [
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
    tree = Statement._parse(run.sql)
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
    tree = Statement._parse(run.sql)
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
    tree = Statement._parse(run.sql)
    assert isinstance(tree, exp.Create)
    database, name = _target(run, tree)
    if _exists(run, database, name):
        if tree.args.get("exists"):
            run.write_lines([], [])
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
    _write(run, frame, names, table)
    glue(run.region, "CreateTable", DatabaseName=database, TableInput=table)
    _register(run, {**table, "DatabaseName": database})
    run.write_lines([], [])


def insert(run: Run) -> None:
    tree = Statement._parse(run.sql)
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
    _write(run, filled, [*kinds], table)
    _register(run, table)
    run.write_lines([("rows", "bigint")], [])


def _refuse_others(target: list[Type], given: list[Type]) -> None:
    if len(target) != len(given) or not all(becomes(have, want) or have.name == want.name and can_cast(have, want) and have.name in ("varchar", "decimal", "timestamp") for have, want in zip(given, target)):
        shown = lambda kinds: ", ".join(map(str, kinds))  # noqa: E731
        raise Refusal("TYPE_MISMATCH", f"Insert query has mismatched column types: Table: [{shown(target)}], Query: [{shown(given)}]")


def _write(run: Run, query: Query, names: list[str], table: dict[str, Any]) -> None:
    run.check()
    write(run, query, names, [each["Name"] for each in table.get("PartitionKeys") or []], table["StorageDescriptor"]["Location"])


def _register(run: Run, table: dict[str, Any]) -> None:
    if table.get("PartitionKeys"):
        register_found(run, table)


def create_database(run: Run) -> None:
    tree = Statement._parse(run.sql)
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
    tree = Statement._parse(run.sql)
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


# --- What the gateway asks -----------------------------------------------------------------------------------------------


@question
def athena_check(sql: str) -> dict[str, Any]:
    """Refuses what is no statement, as Athena does before it takes a query."""
    statement = Statement(sql)
    return {"statementType": statement.kind, "substatementType": statement.substatement}


@question
def athena_run(query: str, sql: str, region: str, database: str, output: str, parameters: list[str]) -> dict[str, Any]:
    """Runs a query and writes its result; says what Athena says about it afterwards."""
    run = Run(query, sql, region, database, output, parameters)
    _running[query] = run
    try:
        Statement(sql).run(run)
        run.check()
    except Cancelled:
        raise Refusal("CANCELLED", "Query cancelled by user") from None
    except pa.ArrowException as error:
        raise Refusal("GENERIC_USER_ERROR", f"The result could not be written to {run.output}: {error}") from error
    except OSError as error:
        raise Refusal("GENERIC_USER_ERROR", f"The result could not be written to {run.output}: {str(error)[:500]}") from error
    finally:
        _running.pop(query, None)
        run.close()
    return {"columns": run.columns, "rows": run.rows, "scannedBytes": run.scanned, "outputFile": run.output_file}


@question
def athena_cancel(query: str) -> dict[str, Any]:
    """Ends a query, if it still runs."""
    run = _running.get(query)
    if run:
        run.cancel()
    return {"cancelled": run is not None}
