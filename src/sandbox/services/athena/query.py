"""Athena's work: SQL as Athena takes it (Trino's), run on the tables of the Glue catalog by the engine.

A query is parsed, the tables that it names are looked up in the catalog, each becomes a view over its files in S3, and
what is left is said again in Spark's SQL. Every query has a session of its own. The result goes to S3 as Athena writes
it, batch by batch, so that a big one is never held whole.
"""

from __future__ import annotations

import base64
import concurrent.futures
import functools
import json
import os
import re
import threading
import traceback
import urllib.parse
from typing import Any, Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.fs
import sqlglot
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.session import SparkSession
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from sandbox.kernel import engine
from sandbox.kernel.engine import Refusal, question
from sandbox.services.athena.catalog import Missing, all_of, files_under, glue, split_uri
from sandbox.services.athena.checks import place, refuse_mismatches, refuse_other_types, refuse_shapes, refuse_unknown_functions, wrong_count
from sandbox.services.athena.tables import PARQUET, alter, external_table, failed, register_found, repair, shown, widened

#: Statements that begin a query; anything else is no SQL at all.
STATEMENTS = (
    "ALTER", "ANALYZE", "CALL", "COMMIT", "CREATE", "DEALLOCATE", "DELETE", "DESC", "DESCRIBE", "DROP", "EXECUTE", "EXPLAIN",
    "GRANT", "INSERT", "MERGE", "MSCK", "PREPARE", "RESET", "REVOKE", "ROLLBACK", "SELECT", "SET", "SHOW", "START", "TABLE",
    "TRUNCATE", "UNLOAD", "UPDATE", "USE", "VACUUM", "VALUES", "WITH", "(",
)  # fmt: skip

#: Views may name views; more levels than this are a circle.
DEEPEST_VIEW = 16

#: Partitions that are put one after the other. The engine (Sail 0.7) overflows its stack on chains of hundreds; and it
#: loses the columns of a union within a union when a filter empties one side, unless what is filtered hides (`rand`).
LONGEST_CHAIN = 32

#: The hidden column that has the file of each row, and how many files a table may have for that.
PATH, MOST_PATHS = "$path", 500

#: Locations of one table that are listed one by one.
MOST_LISTINGS = 8

_running: dict[str, "Run"] = {}


class Cancelled(Exception):
    """Somebody asked for the end of the query."""


# --- Types ---------------------------------------------------------------------------------------------------------------


def spark_type(glue_type: str) -> str:
    """A type of the catalog in Spark's words. Times of the catalog have no zone."""
    text = glue_type.strip().lower()
    text = re.sub(r"\b(varchar|char)\s*(\(\d+\))?", "string", text)
    return re.sub(r"\b(timestamp|integer|real)\b", lambda word: {"timestamp": "timestamp_ntz", "integer": "int", "real": "float"}[word[0]], text)


def athena_type(kind: pa.DataType) -> tuple[str, int, int]:
    """Athena's name of a type, its precision and its scale."""
    if pa.types.is_decimal(kind):
        return "decimal", kind.precision, kind.scale
    for test, answer in _TYPES:
        if test(kind):
            return answer
    return "varchar", 2147483647, 0


_TYPES: list[tuple[Callable[[pa.DataType], bool], tuple[str, int, int]]] = [
    (pa.types.is_boolean, ("boolean", 0, 0)),
    (pa.types.is_int8, ("tinyint", 3, 0)),
    (pa.types.is_int16, ("smallint", 5, 0)),
    (pa.types.is_int32, ("integer", 10, 0)),
    (pa.types.is_integer, ("bigint", 19, 0)),
    (pa.types.is_float32, ("float", 17, 0)),
    (pa.types.is_floating, ("double", 17, 0)),
    (pa.types.is_date, ("date", 0, 0)),
    (lambda kind: pa.types.is_timestamp(kind) and kind.tz is None, ("timestamp", 3, 0)),
    (pa.types.is_timestamp, ("timestamp with time zone", 3, 0)),
    (pa.types.is_duration, ("interval day to second", 0, 0)),
    (pa.types.is_interval, ("interval year to month", 0, 0)),
    (lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind), ("varbinary", 0, 0)),
    (pa.types.is_map, ("map", 0, 0)),
    (lambda kind: pa.types.is_list(kind) or pa.types.is_large_list(kind), ("array", 0, 0)),
    (pa.types.is_struct, ("row", 0, 0)),
]

#: A type of a result in the words of the catalog, for tables and views made of it.
_GLUE_NAMES = {"varchar": "string", "integer": "int", "varbinary": "binary", "timestamp with time zone": "timestamp"}


def glue_type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_map(kind):
        return f"map<{glue_type(kind.key_type)},{glue_type(kind.item_type)}>"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array<{glue_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{','.join(f'{field.name}:{glue_type(field.type)}' for field in kind)}>"
    name = athena_type(kind)[0]
    return _GLUE_NAMES.get(name, name)


def _double(value: float | None) -> str | None:
    """As Java writes a double: 1.5, 1.0E20, NaN."""
    if value is None:
        return None
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        return text if "." in text else f"{text}.0"
    mantissa, _, exponent = repr(float(value)).partition("e")
    if not exponent:
        mantissa, _, exponent = f"{value:.17e}".partition("e")
        for digits in range(17):
            short = f"{value:.{digits}e}"
            if float(short) == value:
                mantissa, _, exponent = short.partition("e")
                break
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def _nested(value: Any, kind: pa.DataType) -> str:
    """As Athena writes what lies in an array, a map or a row."""
    if value is None:
        return "null"
    if pa.types.is_map(kind):
        return "{" + ", ".join(f"{_nested(key, kind.key_type)}={_nested(each, kind.item_type)}" for key, each in value) + "}"
    if pa.types.is_struct(kind):
        return "{" + ", ".join(f"{field.name}={_nested(value[field.name], field.type)}" for field in kind) + "}"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return "[" + ", ".join(_nested(each, kind.value_type) for each in value) + "]"
    return text_of(pa.array([value], kind))[0].as_py()


def text_of(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """A column as Athena writes it: text, and null."""
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_floating(kind):
        values = column.to_pylist() if not pa.types.is_float32(kind) else [None if each is None else float(str(pa.scalar(each, pa.float32()))) for each in column.to_pylist()]
        return pa.array([_double(each) for each in values], pa.string())
    if pa.types.is_timestamp(kind):
        text = pc.strftime(pc.cast(column, pa.timestamp("ms", kind.tz), safe=False), "%Y-%m-%d %H:%M:%S")
        return text if kind.tz is None else pc.binary_join_element_wise(text, " " + kind.tz, "")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None if each is None else each.hex(" ") for each in column.to_pylist()], pa.string())
    if pa.types.is_nested(kind):
        return pa.array([None if each is None else _nested(each, kind) for each in column.to_pylist()], pa.string())
    if pa.types.is_duration(kind):
        return pa.array([None if each is None else _interval(each) for each in column.to_pylist()], pa.string())
    if pa.types.is_interval(kind):
        return pa.array([None if each is None else str(each) for each in column.to_pylist()], pa.string())
    return pc.cast(column, pa.string())


def _interval(value: Any) -> str:
    milliseconds = round(value.total_seconds() * 1000)
    sign, milliseconds = ("-" if milliseconds < 0 else ""), abs(milliseconds)
    days, rest = divmod(milliseconds, 86_400_000)
    return f"{sign}{days} {rest // 3_600_000:02}:{rest // 60_000 % 60:02}:{rest // 1000 % 60:02}.{rest % 1000:03}"


class NotNow(Refusal):
    """What Athena does not see yet when it takes a query."""


def _raise(error: Exception) -> None:
    raise error


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
        try:
            self.tree = self._parse(sql)
        except NotNow as refusal:
            late = Refusal(refusal.code, refusal.message)
            self.kind, self.substatement, self.run = "DML", "SELECT", lambda _: _raise(late)
        else:
            self._classify(word)

    @staticmethod
    def _parse(sql: str) -> exp.Expression:
        try:
            trees = [tree for tree in sqlglot.parse(sql, read="athena") if tree is not None]
        except sqlglot.errors.TokenError as error:
            open_quote = re.search(r"""['"][^'"]*$""", re.sub(r"""'[^']*'|"[^"]*\"""", lambda each: "." * len(each[0]), sql))
            what = f"mismatched input '{open_quote[0][0]}'. Expecting: <expression>" if open_quote else str(error).splitlines()[0]
            raise Refusal("MALFORMED_QUERY", f"{place(sql, open_quote.start() if open_quote else 0)}: {what}") from None
        except sqlglot.errors.ParseError as error:
            detail: dict[str, Any] = error.errors[0] if error.errors else {}
            lacking = re.match(r"Required keyword: .* missing for <class '.*?(\w+)'>", str(detail.get("description")))
            if lacking and issubclass(getattr(exp, lacking[1], exp.Expression), exp.Func) or str(detail.get("description")).startswith("The number of provided arguments"):
                raise NotNow("FUNCTION_NOT_FOUND", wrong_count(sql, detail)) from None
            backquote = re.search("`", re.sub("'[^']*'", lambda each: "." * len(each[0]), sql))
            if backquote:
                raise Refusal("MALFORMED_QUERY", f"{place(sql, backquote.start())}: backquoted identifiers are not supported; use double quotes to quote identifiers") from None
            line, end, word = detail.get("line", 1), detail.get("col", 1), detail.get("highlight") or ""
            at_end = not (detail.get("end_context") or "").strip() and "Unexpected token" not in str(detail.get("description"))
            what = "<EOF>" if at_end else word
            raise Refusal("MALFORMED_QUERY", f"line {line}:{end + 1 if at_end else max(1, end - len(word) + 1)}: mismatched input '{what}'. Expecting: <expression>") from None
        if len(trees) != 1:
            raise Refusal("MALFORMED_QUERY", "Only one sql statement is allowed. Got: " + sql)
        _refuse_gaps(sql)
        return trees[0]

    def _classify(self, word: str) -> None:
        tree = self.tree
        if isinstance(tree, (exp.Query, exp.Values)):
            self.kind, self.substatement, self.run = "DML", "SELECT", select
        elif isinstance(tree, exp.Create):
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


#: What cannot follow a comma or SELECT itself: something is missing there, which the parser forgives and Trino does not.
_AFTER_GAP = {sqlglot.TokenType.FROM, sqlglot.TokenType.WHERE, sqlglot.TokenType.GROUP_BY, sqlglot.TokenType.HAVING, sqlglot.TokenType.ORDER_BY, sqlglot.TokenType.R_PAREN}


def _refuse_gaps(sql: str) -> None:
    tokens = sqlglot.tokenize(sql, read="athena")
    if tokens and tokens[-1].token_type in _AFTER_GAP - {sqlglot.TokenType.R_PAREN}:
        raise Refusal("MALFORMED_QUERY", f"{place(sql, len(sql))}: mismatched input '<EOF>'. Expecting: <expression>")
    for first, before, after in zip([None, *tokens], tokens, tokens[1:]):
        if after.token_type == sqlglot.TokenType.EQ and after.text == "==":
            raise Refusal("MALFORMED_QUERY", f"{place(sql, after.start + 1)}: mismatched input '='. Expecting: <expression>")
        if before.token_type == sqlglot.TokenType.LIMIT and after.text.upper() != "ALL" and after.token_type not in (sqlglot.TokenType.NUMBER, sqlglot.TokenType.PLACEHOLDER):
            raise Refusal("MALFORMED_QUERY", f"{place(sql, after.start)}: mismatched input '{sql[after.start : after.end + 1]}'. Expecting: 'ALL', <integer>")
        # Trino's order is OFFSET, then LIMIT; other SQL has them the other way round.
        if first and first.token_type == sqlglot.TokenType.LIMIT and after.token_type == sqlglot.TokenType.OFFSET:
            raise Refusal("MALFORMED_QUERY", f"{place(sql, after.start)}: mismatched input '{after.text}'. Expecting: <EOF>")
        if before.token_type in (sqlglot.TokenType.COMMA, sqlglot.TokenType.SELECT) and after.token_type in _AFTER_GAP:
            raise Refusal("MALFORMED_QUERY", f"{place(sql, after.start)}: mismatched input '{after.text}'. Expecting: <expression>")


def place_of(sql: str, node: exp.Expression | None) -> str:
    """Where a name stands in the query, as Trino says it."""
    starts = [each.meta["start"] for each in (node.find_all(exp.Identifier) if node else ()) if "start" in each.meta]
    return place(sql, min(starts)) if starts else "line 1:1"


def unsupported(what: str) -> None:
    raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena does not run {what}. It runs SELECT, SHOW (DATABASES, TABLES, VIEWS, PARTITIONS, COLUMNS, CREATE TABLE, TBLPROPERTIES), DESCRIBE, CREATE VIEW, CREATE EXTERNAL TABLE, CREATE TABLE AS, INSERT INTO, CREATE DATABASE, MSCK REPAIR TABLE, ALTER TABLE (ADD COLUMNS, ADD and DROP PARTITION) and DROP.")


# --- A query and what it reads -------------------------------------------------------------------------------------------


class Run:
    """One execution: its session, the tables that it reads, and its result on the way to S3."""

    def __init__(self, id: str, sql: str, region: str, database: str, output: str, parameters: list[str]) -> None:
        self.id, self.sql, self.region, self.database, self.output = id, sql.strip().rstrip(";").rstrip(), region, database.lower(), output
        self.parameters = parameters
        self.cancelled = threading.Event()
        self.scanned, self.rows = 0, 0
        self.columns: list[dict[str, Any]] = []
        self.output_file: str | None = None
        self._spark: SparkSession | None = None
        self._lock = threading.Lock()
        self._views: dict[str, tuple[str, list[tuple[str, str]]]] = {}

    @property
    def spark(self) -> SparkSession:
        with self._lock:
            if self.cancelled.is_set():
                raise Cancelled
            if self._spark is None:
                self._spark = SparkSession.builder.remote(engine.remote()).create()
                self._spark.conf.set("spark.sql.session.timeZone", "UTC")
            return self._spark

    def cancel(self) -> None:
        self.cancelled.set()
        with self._lock:
            if self._spark:
                self._spark.interruptAll()

    def close(self) -> None:
        if self._spark:
            self._spark.stop()

    def check(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled

    # The catalog -----------------------------------------------------------------------------------------------------

    def table(self, node: exp.Table, sql: str) -> dict[str, Any]:
        """A table's entry in the catalog."""
        database, name = self.names(node)
        where = place_of(sql, node)
        try:
            return glue(self.region, "GetTable", DatabaseName=database, Name=name)["Table"]
        except Missing:
            try:
                glue(self.region, "GetDatabase", Name=database)
            except Missing:
                raise Refusal("SCHEMA_NOT_FOUND", f"{where}: Schema '{database}' does not exist") from None
            raise Refusal("TABLE_NOT_FOUND", f"{where}: Table 'awsdatacatalog.{database}.{name}' does not exist") from None

    def names(self, node: exp.Table) -> tuple[str, str]:
        if node.catalog and node.catalog.lower() != "awsdatacatalog":
            raise Refusal("CATALOG_NOT_FOUND", f"{place_of(self.sql, node)}: Catalog '{node.catalog.lower()}' does not exist")
        return (node.db or self.database).lower(), node.name.lower()

    # Reading ---------------------------------------------------------------------------------------------------------

    def query(self, tree: exp.Expression, sql: str, used: Used | None = None, depth: int = 0) -> exp.Expression:
        """Puts our views of the files in place of the catalog's tables, and the text of the catalog's views in place of theirs."""
        used = used or Used(tree)
        for node in [each for each in tree.find_all(exp.Table) if isinstance(each.this, exp.Identifier)]:
            if not node.db and _is_common(node):
                continue
            alias = exp.TableAlias(this=exp.to_identifier(node.alias or node.name.lower(), quoted=True), columns=(node.args.get("alias") and node.args["alias"].columns) or None)
            replacement = self._source(node, sql, used, alias, depth)
            for part in ("sample", "joins", "laterals"):
                if node.args.get(part):
                    replacement.set(part, node.args[part])
            node.replace(replacement)
        for column in tree.find_all(exp.Column):
            column.set("db", None)
            column.set("catalog", None)
        return tree

    def _source(self, node: exp.Table, sql: str, used: Used, alias: exp.TableAlias, depth: int) -> exp.Expression:
        database, name = self.names(node)
        if database == "information_schema":
            view = self._information(name, sql, node)
        elif name.endswith("$partitions"):
            view = self._partitions(node, sql)
        else:
            table = self.table(node, sql)
            if table.get("TableType") == "VIRTUAL_VIEW":
                if depth >= DEEPEST_VIEW:
                    raise Refusal("VIEW_IS_RECURSIVE", f"{place_of(sql, node)}: Statement would create a recursive view")
                text, of = view_text(table)
                inner = _placeless(Statement._parse(text))
                keep, self.database = self.database, of or database
                try:
                    inner = self.query(inner, text, Used(inner), depth + 1)
                finally:
                    self.database = keep
                return exp.Subquery(this=inner, alias=alias)
            view = self._files(database, name, table, used)
        return exp.Table(this=exp.to_identifier(view, quoted=True), alias=alias)

    def schema(self) -> dict[str, dict[str, str]]:
        return {view: dict(columns) for view, columns in self._views.values()}

    def _register(self, key: str, columns: list[tuple[str, str]], make: Callable[[], DataFrame]) -> str:
        view = f"source_{len(self._views)}"
        make().createOrReplaceTempView(view)
        self._views[key] = (view, columns)
        return view

    def _rows(self, key: str, columns: list[str], rows: list[tuple[Any, ...]], kinds: list[str] | None = None) -> str:
        """A view of a few rows that are at hand."""
        if key in self._views:
            return self._views[key][0]
        kinds = kinds or ["string"] * len(columns)
        ddl = ", ".join(f"`{name}` {kind}" for name, kind in zip(columns, kinds))
        return self._register(key, list(zip(columns, kinds)), lambda: self.spark.createDataFrame(rows, ddl) if rows else self._empty(list(zip(columns, kinds))))

    def _empty(self, columns: list[tuple[str, str]]) -> DataFrame:
        return self.spark.sql("SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS `{name}`" for name, kind in columns) + " WHERE false")

    def _files(self, database: str, name: str, table: dict[str, Any], used: Used) -> str:
        storage, keys = table.get("StorageDescriptor") or {}, table.get("PartitionKeys") or []
        columns = [(each["Name"].lower(), spark_type(each.get("Type", "string"))) for each in storage.get("Columns", [])]
        partition_columns = [(each["Name"].lower(), spark_type(each.get("Type", "string"))) for each in keys]
        # Without a word about its partitions a table is read in one piece, however many there are.
        apart = used.any_of({each for each, _ in partition_columns})
        # Which file a row is from is known only when each is read by itself.
        by_file = PATH in used.names
        key = f"{database}.{name}/{apart}/{by_file}"
        if key in self._views:
            return self._views[key][0]
        reader = reader_of(table)
        if not keys:
            groups: list[tuple[list[str | None], list[str]]] = [([], [storage.get("Location", "")])]
        else:
            groups = []
            for each in all_of(self.region, "GetPartitions", "Partitions", DatabaseName=database, TableName=name):
                groups.append((each["Values"], [each["StorageDescriptor"]["Location"]]))
            if not apart and groups:
                groups = [([], [location for _, locations in groups for location in locations])]
        listed = self._list(storage.get("Location", ""), [location for _, locations in groups for location in locations])
        pieces = [(values, [uri for location in locations for uri, _ in listed[location]]) for values, locations in groups]
        pieces = [(values, uris) for values, all_uris in pieces for uris in ([[uri] for uri in all_uris] if by_file else [all_uris] if all_uris else [])]
        if by_file and len(pieces) > MOST_PATHS:
            raise Refusal("NOT_SUPPORTED", f'The sandbox\'s Athena tells "{PATH}" of at most {MOST_PATHS} files, and this table has {len(pieces)}.')
        parts = []
        many = len(pieces) > LONGEST_CHAIN
        literal = lambda value, kind, column: f"{'if(rand() < 2, ' if many else ''}CAST({'NULL' if value in (None, '__HIVE_DEFAULT_PARTITION__') else _quoted(value)} AS {kind}){', NULL)' if many else ''} AS `{column}`"  # noqa: E731
        for values, uris in pieces:
            # The engine takes a path for a URL: a key with `%3A` in it, as Hive names partitions, it would not find.
            part = reader(self.spark, columns, [uri.replace("%", "%25") for uri in uris], storage)
            literals = [literal(value, kind, column) for (column, kind), value in zip(partition_columns, values)] if apart else []
            if by_file:
                literals.append(literal(uris[0], "string", PATH))
            if literals:
                part = part.selectExpr(*[f"`{column}`" for column, _ in columns], *literals)
            parts.append(part)
        seen = columns + (partition_columns if apart else []) + ([(PATH, "string")] if by_file else [])
        self.scanned += sum(size for files in listed.values() for _, size in files)

        def whole() -> DataFrame:
            if not parts:
                return self._empty(seen)
            if not many:
                return functools.reduce(lambda before, each: before.unionAll(each), parts)
            level = parts
            while len(level) > 1:
                level = [level[at].unionAll(level[at + 1]) if at + 1 < len(level) else level[at] for at in range(0, len(level), 2)]
            return level[0]

        return self._register(key, seen, whole)

    def _list(self, root: str, locations: list[str]) -> dict[str, list[tuple[str, int]]]:
        """The files of each location."""
        self.check()
        folder = lambda location: location if location.endswith("/") else f"{location}/"  # noqa: E731
        distinct = list(dict.fromkeys(locations))
        within = {location for location in distinct if root and folder(location).startswith(folder(root))}
        found: dict[str, list[tuple[str, int]]] = {}
        if len(within) > MOST_LISTINGS:
            # Many partitions: one long list of the table's folder costs less than a short one of each.
            files: dict[str, list[tuple[str, int]]] = {}
            for uri, size in files_under(self.region, root):
                files.setdefault(uri[: uri.rindex("/") + 1], []).append((uri, size))
            # A partition may have folders of its own in it.
            for parent, each in files.items():
                at = parent
                while len(at) >= len(folder(root)):
                    found.setdefault(at, []).extend(each)
                    at = at[: at.rstrip("/").rindex("/") + 1]
            found = {location: found.get(folder(location), []) for location in within}
        rest = [location for location in distinct if location not in found]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return {**found, **dict(zip(rest, pool.map(lambda location: files_under(self.region, location), rest)))}

    def _partitions(self, node: exp.Table, sql: str) -> str:
        database, name = self.names(node)
        name = name.removesuffix("$partitions")
        plain = exp.Table(this=exp.to_identifier(name, quoted=True), db=exp.to_identifier(database, quoted=True))
        keys = [each["Name"].lower() for each in self.table(plain, sql).get("PartitionKeys") or []]
        rows = [tuple(each["Values"]) for each in all_of(self.region, "GetPartitions", "Partitions", DatabaseName=database, TableName=name)]
        return self._rows(f"{database}.{name}$partitions", keys or ["partition"], rows)

    def _information(self, name: str, sql: str, node: exp.Table) -> str:
        region = self.region
        databases = [each["Name"].lower() for each in all_of(region, "GetDatabases", "DatabaseList")]
        if name == "schemata":
            return self._rows(f"information_schema.{name}", ["catalog_name", "schema_name"], [("awsdatacatalog", each) for each in [*databases, "information_schema"]])
        tables = [(database, each) for database in databases for each in all_of(region, "GetTables", "TableList", DatabaseName=database)]
        if name == "tables":
            rows = [("awsdatacatalog", database, each["Name"].lower(), "VIEW" if each.get("TableType") == "VIRTUAL_VIEW" else "BASE TABLE") for database, each in tables]
            return self._rows(f"information_schema.{name}", ["table_catalog", "table_schema", "table_name", "table_type"], rows)
        if name == "views":
            rows = [("awsdatacatalog", database, each["Name"].lower(), view_text(each)[0]) for database, each in tables if each.get("TableType") == "VIRTUAL_VIEW"]
            return self._rows(f"information_schema.{name}", ["table_catalog", "table_schema", "table_name", "view_definition"], rows)
        if name == "columns":
            rows = []
            for database, each in tables:
                keys = each.get("PartitionKeys") or []
                for at, column in enumerate([*(each.get("StorageDescriptor") or {}).get("Columns", []), *keys]):
                    kind = re.sub(r"^string$", "varchar", re.sub(r"^int$", "integer", column.get("Type", "string")))
                    extra = "partition key" if column in keys else None
                    rows.append(("awsdatacatalog", database, each["Name"].lower(), column["Name"].lower(), at + 1, None, "YES", kind, column.get("Comment"), extra))
            names = ["table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default", "is_nullable", "data_type", "comment", "extra_info"]
            return self._rows(f"information_schema.{name}", names, rows, ["bigint" if each == "ordinal_position" else "string" for each in names])
        raise Refusal("TABLE_NOT_FOUND", f"{place_of(sql, node)}: Table 'awsdatacatalog.information_schema.{name}' does not exist")

    # Running ---------------------------------------------------------------------------------------------------------

    def frame(self, tree: exp.Expression, sql: str) -> tuple[DataFrame, list[str]]:
        """The query's frame, analysed, and the names of its columns as Athena has them."""
        refuse_unknown_functions(tree, self.sql)
        refuse_shapes(tree, self.sql)
        tree = self._fill(tree.copy())
        for each in tree.find_all(exp.Identifier):
            # Trino knows no case, in quotes or without.
            each.set("this", each.this.lower())
        try:
            tree = typed(self.query(tree, sql), self.schema(), sql)
            frame = self.spark.sql(tree.sql(dialect="spark"))
            names = list(frame.columns)
        except (Refusal, Cancelled, Missing):
            raise
        except Exception as error:
            raise said_by_engine(error, sql) from error
        unnamed = r"col\d+" if isinstance(tree, exp.Values) else r"_unnamed_\d+_"
        return frame, [f"_col{at}" if re.fullmatch(unnamed, name) else name.lower() for at, name in enumerate(names)]

    def _fill(self, tree: exp.Expression) -> exp.Expression:
        holes = sorted(tree.find_all(exp.Placeholder, exp.Parameter), key=lambda each: each.meta.get("start", 0))
        if len(holes) != len(self.parameters):
            raise Refusal("INVALID_PARAMETER_USAGE", f"line 1:1: Incorrect number of parameters: expected {len(holes)} but found {len(self.parameters)}")
        for hole, value in zip(holes, self.parameters):
            hole.replace(_placeless(sqlglot.parse_one(value, read="athena")))
        return tree

    def batches(self, frame: DataFrame, sql: str) -> Iterator[pa.Table]:
        client = frame._session.client
        try:
            for each in client.to_table_as_iterator(frame._plan.to_proto(client), frame._plan.observations):
                self.check()
                if isinstance(each, pa.Table):
                    yield each
        except (Cancelled, Refusal):
            raise
        except Exception as error:
            self.check()
            raise said_by_engine(error, sql) from error

    def write_table(self, frame: DataFrame, names: list[str], sql: str) -> None:
        """The result as CSV, as Athena writes it: all quoted, nothing where there is null."""
        with self._open(".csv") as file:
            writer: pyarrow.csv.CSVWriter | None = None
            for batch in self.batches(frame, sql):
                if writer is None:
                    self._describe(names, batch.schema)
                    schema = pa.schema([(name, pa.string()) for name in names])
                    writer = pyarrow.csv.CSVWriter(file, schema, write_options=pyarrow.csv.WriteOptions(include_header=True, quoting_style="all_valid"))
                self.rows += batch.num_rows
                if batch.num_rows:
                    writer.write_table(pa.Table.from_arrays([text_of(column) for column in batch.columns], schema=schema))
            if writer is None:
                raise Refusal("GENERIC_INTERNAL_ERROR", "The engine gave no result.")
            writer.close()
        self._metadata(".csv")

    def write_lines(self, columns: list[tuple[str, str]], lines: list[str]) -> None:
        """The result of a statement that is no query: text, a line a row, without a header."""
        self.columns = [_column(name, kind, 0, 0) for name, kind in columns]
        self.rows = len(lines)
        with self._open(".txt") as file:
            file.write("".join(f"{line}\n" for line in lines).encode())
        self._metadata(".txt")

    def _describe(self, names: list[str], schema: pa.Schema) -> None:
        self.columns = [_column(name, *athena_type(field.type)) for name, field in zip(names, schema)]

    def _open(self, ending: str) -> Any:
        bucket, prefix = split_uri(self.output)
        self.output_file = f"s3://{bucket}/{prefix}{'' if prefix.endswith('/') or not prefix else '/'}{self.id}{ending}"
        return self._s3().open_output_stream(self.output_file.removeprefix("s3://"))

    def _metadata(self, ending: str) -> None:
        assert self.output_file
        with self._s3().open_output_stream(f"{self.output_file.removeprefix('s3://')}.metadata") as file:
            file.write(json.dumps({"QueryExecutionId": self.id, "ColumnInfo": self.columns}).encode())

    def _s3(self) -> pyarrow.fs.S3FileSystem:
        endpoint = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
        return pyarrow.fs.S3FileSystem(
            access_key=os.environ["AWS_ACCESS_KEY_ID"], secret_key=os.environ["AWS_SECRET_ACCESS_KEY"], region=self.region,
            scheme=endpoint.scheme, endpoint_override=endpoint.netloc, background_writes=False, allow_delayed_open=True,
        )  # fmt: skip


class Used:
    """The columns that a query may mean, as far as its text tells."""

    def __init__(self, tree: exp.Expression) -> None:
        # `count(*)` means no column; any other star means all.
        self.all = any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star))
        self.all = self.all or any(join.args.get("using") or join.args.get("method") for join in tree.find_all(exp.Join))
        self.names = {each.name.lower() for each in tree.find_all(exp.Identifier)}

    def any_of(self, names: set[str]) -> bool:
        return bool(names) and (self.all or bool(names & self.names))


def _column(name: str, kind: str, precision: int, scale: int) -> dict[str, Any]:
    return {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": kind,
        "Precision": precision, "Scale": scale, "Nullable": "UNKNOWN", "CaseSensitive": kind in ("varchar", "char"),
    }  # fmt: skip


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _placeless(tree: exp.Expression) -> exp.Expression:
    """A tree of another text: its places are none of the query's."""
    for each in tree.walk():
        for key in ("start", "end", "line", "col"):
            each.meta.pop(key, None)
    return tree


def _is_common(node: exp.Table) -> bool:
    """True for the name of a WITH query."""
    parent: exp.Expression | None = node
    while parent is not None:
        clause = parent.args.get("with_") or parent.args.get("with")
        if clause and any(each.alias.lower() == node.name.lower() for each in clause.expressions):
            return True
        parent = parent.parent
    return False


def _leniently(name: str, kind: str) -> str:
    """A column of a text file as Hive's LazySimpleSerDe gives it: NULL where the text is none of its type, and where it is `\\N`."""
    text = f"nullif(coalesce(`{name}`, ''), '\\\\N')"
    return f"{text} AS `{name}`" if kind == "string" else f"try_cast(`{name}` AS {kind}) AS `{name}`"


def reader_of(table: dict[str, Any]) -> Callable[[SparkSession, list[tuple[str, str]], list[str], dict[str, Any]], DataFrame]:
    storage, parameters = table.get("StorageDescriptor") or {}, table.get("Parameters") or {}
    serde = storage.get("SerdeInfo") or {}
    library, options = serde.get("SerializationLibrary") or "", serde.get("Parameters") or {}
    if parameters.get("table_type", "").upper() in ("ICEBERG", "DELTA"):
        raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena does not read {parameters['table_type']} tables.")
    said = f"{library} {storage.get('InputFormat') or ''} {parameters.get('classification') or ''}".lower()

    def read(form: str, **given: str) -> Callable[..., DataFrame]:
        return lambda spark, columns, files, _: spark.read.schema(", ".join(f"`{name}` {kind}" for name, kind in columns)).options(**given).format(form).load(files)

    if "parquet" in said:
        return read("parquet")
    if "json" in said:
        return read("json")
    skipped = parameters.get("skip.header.line.count", "0")
    header = {"header": "true" if skipped != "0" else "false"}
    if "opencsvserde" in said:
        return read("csv", sep=options.get("separatorChar", ","), quote=options.get("quoteChar", '"'), escape=options.get("escapeChar", "\\"), **header)
    if "lazysimpleserde" in said or "csv" in said or "text" in said:
        given = {"sep": options.get("field.delim") or options.get("serialization.format") or ("," if "csv" in said else "\x01"), **header}
        return lambda spark, columns, files, about: read("csv", **given)(spark, [(name, "string") for name, _ in columns], files, about).selectExpr(*(_leniently(name, kind) for name, kind in columns))
    raise Refusal("HIVE_UNSUPPORTED_FORMAT", f"Unable to create input format {storage.get('InputFormat') or library or 'of the table'}: the sandbox's Athena reads Parquet, CSV and JSON.")


def _judge(tree: exp.Expression, sql: str) -> None:
    """Types that do not go together are refused. A query that our judge itself fails at goes to the engine all the same."""
    try:
        refuse_mismatches(tree, sql)
    except Refusal:
        raise
    except Exception:
        traceback.print_exc()


def typed(tree: exp.Expression, schema: dict[str, dict[str, str]], sql: str) -> exp.Expression:
    """Resolves names and types, so that what depends on them (an integer's division) is said right in Spark's SQL."""
    outermost = tree
    while isinstance(outermost, (exp.SetOperation, exp.Subquery)):
        outermost = outermost.this
    if isinstance(outermost, exp.Select):
        for at, each in enumerate(outermost.expressions):
            if not isinstance(each, (exp.Alias, exp.Aliases, exp.Column, exp.Dot)) and not each.is_star:
                each.replace(exp.alias_(each.copy(), f"_unnamed_{at}_"))
    for each in list(tree.find_all(exp.Unnest)):
        alias = each.args.get("alias")
        if not each.args.get("offset") and isinstance(each.parent, exp.From) and alias and len(alias.columns) == 1 == len(each.expressions):
            # Alone in FROM, or first there: a table function cannot be followed by a lateral view.
            inner = exp.select(exp.alias_(exp.Explode(this=each.expressions[0].copy()), alias.columns[0].copy()))
            each.replace(exp.Subquery(this=inner, alias=exp.TableAlias(this=alias.this.copy())))
    try:
        known = MappingSchema(
            {view: {name: _plain(kind) for name, kind in columns.items()} for view, columns in schema.items()},
            visible={view: {name: name for name in columns if not name.startswith("$")} for view, columns in schema.items()},
            dialect="athena",
        )
        _refuse_aliases(tree, known, sql)
        tree = annotate_types(qualify(tree.copy(), schema=known, dialect="athena", identify=True), schema=known, dialect="athena")
    except sqlglot.errors.SqlglotError:
        # What is wrong with it the engine says too, and it may know more than we do. But which column is a number is not known then.
        if any(each.args.get("offset") for each in tree.find_all(exp.Unnest)):
            raise Refusal("NOT_SUPPORTED", "The sandbox's Athena runs UNNEST … WITH ORDINALITY AS t (element, number) only where it is clear what each column is of: write t.number.") from None
    else:
        _judge(tree, sql)
    for each in list(tree.find_all(exp.Unnest)):
        _unnested(tree, each)
    # What is inside comes first: what is around it is replaced with all that it holds.
    for each in reversed(list(tree.find_all(exp.Expression))):
        rewrite = _REWRITES.get(type(each)) or (_FUNCTIONS.get(each.name.lower()) if isinstance(each, exp.Anonymous) else None)
        if rewrite:
            each.replace(rewrite(each.copy()))
        elif isinstance(each, exp.If) and not isinstance(each.parent, exp.Case) and not each.args.get("false"):
            each.set("false", exp.Null())
        elif isinstance(each, exp.Window) and isinstance(each.this, _RANKS):
            each.replace(_bigint(each.copy()))
        elif isinstance(each, (exp.Cast, exp.TryCast)) and each.to.this == exp.DataType.Type.DECIMAL and not each.to.expressions:
            each.set("to", _bare_decimal(each.this))
    for each in tree.find_all(exp.DataType):
        if each.this == exp.DataType.Type.TIMESTAMP:
            each.set("this", exp.DataType.Type.TIMESTAMPNTZ)
            each.set("expressions", [])
        elif each.this == exp.DataType.Type.TIMESTAMPTZ:
            each.set("expressions", [])
    return tree


def _unnested(tree: exp.Expression, node: exp.Unnest) -> None:
    """What Trino makes rows of, in a way that the engine knows. Not as a lateral view, which sqlglot makes of it: its columns are not seen in WHERE."""
    alias, offset, join = node.args.get("alias"), node.args.get("offset"), node.parent
    if offset and (not isinstance(offset, exp.Identifier) or not alias or len(alias.columns) != 1):
        raise Refusal("NOT_SUPPORTED", "The sandbox's Athena runs UNNEST (array) WITH ORDINALITY AS name (element, number) only.")
    if offset:
        columns = [offset.copy(), alias.columns[0].copy()]
        rows: exp.Expression = exp.Posexplode(this=node.expressions[0].copy())
        for column in list(tree.find_all(exp.Column)):
            if column.name == offset.name and column.table == alias.name:
                # The engine counts from 0 where Trino counts from 1.
                column.replace(exp.paren(exp.Add(this=_bigint(column.copy()), expression=exp.Literal.number(1))))
    elif isinstance(join, exp.Join) and alias and len(node.expressions) == 1:
        columns, rows = [each.copy() for each in alias.columns], exp.Explode(this=node.expressions[0].copy())
    else:
        return
    named = exp.TableAlias(this=alias.this.copy(), columns=columns)
    if isinstance(join, exp.Join):
        join.replace(exp.Join(this=exp.Lateral(this=rows, alias=named), side=join.side or None))
    else:
        node.replace(exp.Subquery(this=exp.select(exp.Aliases(this=rows, expressions=columns)), alias=exp.TableAlias(this=alias.this.copy())))


def _refuse_aliases(tree: exp.Expression, schema: MappingSchema, sql: str) -> None:
    """The engine knows a column by its new name in WHERE, GROUP BY and HAVING too; Trino in ORDER BY only."""
    suspects: dict[int, str] = {}
    for select in tree.find_all(exp.Select):
        aliases = {each.alias for each in select.expressions if isinstance(each, exp.Alias)}
        for column in (each for clause in ("where", "group", "having") for each in (select.args.get(clause) or exp.Null()).find_all(exp.Column)):
            start = column.this.meta.get("start")
            if start is not None and not column.table and column.name in aliases:
                suspects[start] = column.name
    if suspects:
        plain = qualify(tree.copy(), schema=schema, dialect="athena", expand_alias_refs=False, validate_qualify_columns=False)
        for column in plain.find_all(exp.Column):
            start = column.this.meta.get("start")
            if start in suspects and not column.table:
                raise Refusal("COLUMN_NOT_FOUND", f"{place(sql, start)}: Column '{suspects[start]}' cannot be resolved or requester is not authorized to access requested resources")


def _bare_decimal(value: exp.Expression) -> exp.DataType:
    """What `decimal` without its digits is to Trino: of a literal as many as it has, else 38."""
    digits = re.fullmatch(r"[+-]?(\d*)(?:\.(\d*))?", value.name) if isinstance(value, exp.Literal) and value.is_string else None
    whole, rest = (digits[1].lstrip("0"), digits[2] or "") if digits else ("9" * 38, "")
    return exp.DataType.build(f"DECIMAL({min(38, max(1, len(whole) + len(rest)))}, {len(rest)})")


def _split(node: exp.Expression) -> exp.Expression:
    """Spark's takes a regular expression, and the engine's knows no quoting of one but character by character."""
    special = r"([\\.+*?()|\[\]{}^$])"
    mark = node.expression
    literal = exp.Literal.string(re.sub(special, r"\\\1", mark.name)) if mark.is_string else _call("regexp_replace", mark, exp.Literal.string(special), exp.Literal.string("\\$1"))
    return _call("split", node.this, literal, *([node.args["limit"]] if node.args.get("limit") else []))


def _tried(node: exp.Expression) -> exp.Expression:
    """NULL where the engine would fail: at a cast and at a division. It knows no TRY around them."""

    def gentle(each: exp.Expression) -> exp.Expression:
        if type(each) is exp.Cast:
            return exp.TryCast(this=each.this, to=each.to, safe=True)
        if isinstance(each, (exp.Div, exp.Mod)):
            each.set("expression", exp.Nullif(this=each.expression.copy(), expression=exp.Literal.number(0)))
        return each

    return exp.paren(node.transform(gentle))


def _ordered(node: exp.Expression) -> exp.Expression:
    """`array_agg(x ORDER BY y)`: sqlglot drops the order in Spark's SQL, and the engine takes it where an aggregate's may be."""
    order = node.this
    return exp.WithinGroup(this=exp.ArrayAgg(this=order.this), expression=exp.Order(expressions=order.expressions)) if isinstance(order, exp.Order) else node


def _lettered(node: exp.Expression) -> exp.Expression:
    """A pattern of time whose letters without % are letters: in Spark's patterns all are fields."""

    def quoted(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        text = found[2].replace("'", "''")
        return text if not text.strip("'") else f"'{text}'"

    pattern = node.args["format"]
    if isinstance(pattern, exp.Literal):
        pattern.set("this", re.sub(r"(%-?.)|([A-Za-z']+)", quoted, pattern.name))
    return node


def _bytes_of_hex(node: exp.Expression) -> exp.Expression:
    """A digest, of which the engine gives the digits in text. Its `unhex` takes the text of some functions only."""
    digits = exp.MD5(this=node.this) if isinstance(node, exp.MD5Digest) else node
    return _call("unhex", _call("substring", digits, exp.Literal.number(1)))


def _local(node: exp.Expression) -> exp.Expression:
    return exp.cast(node, exp.DataType.Type.TIMESTAMPNTZ)


def _call(name: str, *arguments: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _bigint(node: exp.Expression) -> exp.Expression:
    return exp.cast(node, exp.DataType.Type.BIGINT)


#: What means something else in Spark, or has another type there, and is not translated by sqlglot as it should be.
_REWRITES: dict[type[exp.Expression], Callable[[exp.Expression], exp.Expression]] = {
    exp.DayOfWeekIso: lambda node: _bigint(sqlglot.parse_one("(dayofweek(x) + 5) % 7 + 1", read="spark").transform(lambda each: node.this if isinstance(each, exp.Column) else each)),
    exp.Split: _split,
    exp.Count: lambda node: exp.Count(this=exp.Star(), big_int=True) if node.this is None else node,
    exp.ArrayAgg: _ordered,
    # Of a date Trino makes a date, where Spark makes a time.
    **{kind: lambda node: exp.cast(node, exp.DataType.Type.DATE) if node.this.is_type("date") else node for kind in (exp.DateTrunc, exp.TimestampTrunc)},
    exp.StrToTime: lambda node: _local(_lettered(node)),
    exp.TimeToStr: _lettered,
    **{kind: _bytes_of_hex for kind in (exp.MD5Digest, exp.SHA, exp.SHA2Digest)},
    exp.Try: lambda node: _tried(node.this),
    # Its zone the engine cannot keep; without one the time is right, with UTC it is wrong.
    exp.AtTimeZone: lambda node: _local(_call("from_utc_timestamp", node.this, node.args["zone"])),
    exp.Grouping: lambda node: exp.cast(_call("grouping_id", *node.expressions), exp.DataType.Type.INT),
    exp.Localtimestamp: lambda node: exp.cast(exp.CurrentTimestamp(), exp.DataType.Type.TIMESTAMPNTZ),
    exp.ParseDatetime: lambda node: _call("to_timestamp", node.this, node.args["format"]),
    exp.TimeToUnix: lambda node: exp.cast(_call("unix_timestamp", node.this), exp.DataType.Type.DOUBLE),
    **{kind: _bigint for kind in (exp.Extract, exp.Year, exp.Quarter, exp.Month, exp.WeekOfYear, exp.Day, exp.DayOfYear, exp.Hour, exp.Minute, exp.Second, exp.Length, exp.ArraySize, exp.StrPosition)},
}
_FUNCTIONS: dict[str, Callable[[exp.Expression], exp.Expression]] = {
    "format_datetime": lambda node: _call("date_format", *node.expressions),
    "millisecond": lambda node: _bigint(_call("date_format", *node.expressions, exp.Literal.string("SSS"))),
    "every": lambda node: _call("bool_and", *node.expressions),
    "at_timezone": lambda node: _local(_call("from_utc_timestamp", *node.expressions)),
    "zip": lambda node: _call("arrays_zip", *node.expressions),
}
#: Trino counts in bigint where Spark counts in int.
_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile)


def _plain(kind: str) -> str:
    return kind.replace("timestamp_ntz", "timestamp").replace("string", "varchar")


#: The engine's types in Trino's words.
_KINDS = {"int8": "tinyint", "int16": "smallint", "int32": "integer", "int64": "bigint", "float32": "real", "float64": "double", "utf8": "varchar", "utf8view": "varchar", "largeutf8": "varchar", "date32": "date", "boolean": "boolean"}
#: What a Parquet file calls them.
_PHYSICAL = {"varchar": "BINARY", "integer": "INT32", "bigint": "INT64", "real": "FLOAT", "double": "DOUBLE", "date": "INT32", "timestamp": "INT64", "boolean": "BOOLEAN"}
#: And as Trino writes them when a text is none of them.
_CAST_TO = {"integer": "INT"}


def said_by_engine(error: Exception, sql: str) -> Refusal:
    """The engine's complaint in Athena's words."""
    text = str(error)
    tree: exp.Expression | None = None
    try:
        tree = sqlglot.parse_one(sql, read="athena")
    except sqlglot.errors.SqlglotError:
        pass

    def where(kind: type[exp.Expression], name: str) -> str:
        for each in tree.find_all(kind) if tree else ():
            if each.name.lower() == name.lower():
                return place_of(sql, each)
        return "line 1:1" if name.lower() not in sql.lower() else place(sql, sql.lower().index(name.lower()))

    parts = re.findall(r'Identifier\("([^"]*)"\)', text)
    if parts and re.search(r"cannot resolve attribute|missing from the schema|ambiguous", text):
        name = parts[-1]
        if "ambiguous" in text:
            return Refusal("AMBIGUOUS_NAME", f"{where(exp.Column, name)}: Column '{name}' is ambiguous")
        return _not_distinct(tree, name, sql) or Refusal("COLUMN_NOT_FOUND", f"{where(exp.Column, name)}: Column '{'.'.join(parts)}' cannot be resolved or requester is not authorized to access requested resources")
    found = re.search(r"unknown function: (\w+)|function: (\w+)$", text, flags=re.M)
    if found:
        name = (found[1] or found[2]).lower()
        at = re.search(rf"\b{re.escape(name)}\s*\(", sql, flags=re.I)
        return Refusal("NOT_SUPPORTED", f"{f'{place(sql, at.start())}: ' if at else ''}The sandbox's Athena does not run the function '{name}', which AWS's has.")
    found = re.search(r"CAST_INVALID_INPUT\] The value '([^']*)' of the type \"STRING\" cannot be cast to \"(\w+)\"", text) or re.search(r"[Cc]annot cast (?:string|value) '([^']*)' (?:to (?:value of )?|as )(\w+)", text)
    if found:
        kind = _KINDS.get(kind := found[2].lower(), {"int": "integer", "timestamp_ntz": "timestamp", "string": "varchar"}.get(kind, kind))
        if kind in ("date", "timestamp"):
            return Refusal("INVALID_CAST_ARGUMENT", f"Value cannot be cast to {kind}: {found[1]}")
        return Refusal("INVALID_CAST_ARGUMENT", f"Cannot cast '{found[1]}' to {_CAST_TO.get(kind, kind.upper())}")
    found = re.search(r"[Cc]annot coerce arithmetic expression (\w+)(?:\([^)]*\))? ([-+*/%]) (\w+)(?:\([^)]*\))? to valid types", text)
    if found and {found[1].lower(), found[3].lower()} <= _KINDS.keys():
        return Refusal("TYPE_MISMATCH", f"Cannot apply operator: {_KINDS[found[1].lower()]} {found[2]} {_KINDS[found[3].lower()]}")
    # An aggregate without GROUP BY groups as well: all rows to one.
    selects = tree.find_all(exp.Select) if tree else ()
    grouping = next((each for each in selects if each.args.get("group") or any(column.find(exp.AggFunc) for column in each.expressions)), None)
    if grouping and "No field named" in text:
        keys = {each.sql() for each in getattr(grouping.args.get("group"), "expressions", ())}
        used = (column for clause in (*grouping.expressions, grouping.args.get("having"), grouping.args.get("order")) if clause for column in clause.find_all(exp.Column))
        free = next((each for each in used if each.sql() not in keys and not each.find_ancestor(exp.AggFunc)), None)
        return Refusal("EXPRESSION_NOT_AGGREGATE", f"{place_of(sql, free)}: '{free.sql() if free else '*'}' must be an aggregate expression or appear in GROUP BY clause")
    found = re.search(r"PARQUET_COLUMN_DATA_TYPE_MISMATCH\] .*? column `([^`]*)`\. Expected (\w+)(?:\([^)]*\))?, actual Parquet type (\w+)", text)
    if found:
        kinds = [_KINDS.get(each.lower(), each.lower()) for each in (found[2], found[3])]
        return Refusal("HIVE_BAD_DATA", f"Field {found[1]}'s type {_PHYSICAL.get(kinds[1], found[3].upper())} in parquet file is incompatible with type {kinds[0]} defined in table schema")
    found = re.search(r"INVALID_ARRAY_INDEX\] The index (-?\d+) is out of bounds\. The array has (\d+) elements", text)
    if found:
        # The engine counts from 0.
        return Refusal("INVALID_FUNCTION_ARGUMENT", f"Array subscript must be less than or equal to array length: {int(found[1]) + 1} > {found[2]}")
    for pattern, code, message in _COMPLAINTS:
        found = re.search(pattern, text)
        if found:
            return Refusal(code, message.format(*found.groups()))
    first = re.sub(r"\s+", " ", text.split("\n\nJVM stacktrace")[0]).strip()
    return Refusal("NOT_SUPPORTED", f"The sandbox's Athena does not run this query, which AWS's may. Another engine runs it here, and says: {first[:600]}")


#: What the engine says, the code that Athena has for it, and what it says.
_COMPLAINTS = (
    (r"[Dd]ivi(?:de|sion) by zero", "DIVISION_BY_ZERO", "Division by zero"),
    (r"[Oo]verflow happened|[Aa]rithmetic overflow|ARITHMETIC_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE", "A number is out of the range of its type"),
    (r"[Ss]calar subquery returned more than one row", "SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows"),
    (r"Error parsing timestamp from '([^']*)'", "INVALID_FUNCTION_ARGUMENT", 'Invalid format: "{0}"'),
    (r"expected .* at byte offset", "INVALID_FUNCTION_ARGUMENT", "Invalid format: a text has not the form that it is parsed by"),
    (r"(?:In|Scalar ?)[Ss]ubquery should only return one column, but found (\d+)", "NOT_SUPPORTED", "line 1:1: Multiple columns returned by subquery are not yet supported. Found {0}"),
)  # fmt: skip


def _not_distinct(tree: exp.Expression | None, name: str, sql: str) -> Refusal | None:
    """What DISTINCT has left out cannot be ordered by."""
    order = tree.args.get("order") if isinstance(tree, exp.Select) and tree.args.get("distinct") else None
    for each in order.expressions if order else ():
        if isinstance(each.this, exp.Column) and each.this.name.lower() == name.lower():
            return Refusal("EXPRESSION_NOT_IN_DISTINCT", f"{place_of(sql, each)}: For SELECT DISTINCT, ORDER BY expressions must appear in select list")
    return None


# --- Statements ----------------------------------------------------------------------------------------------------------


def select(run: Run) -> None:
    tree = Statement._parse(run.sql)
    frame, names = run.frame(tree, run.sql)
    run.write_table(frame, names, run.sql)


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
    run.frame(Statement._parse(before + query), run.sql)
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


def view_text(table: dict[str, Any]) -> tuple[str, str | None]:
    """The text of a view as Athena keeps it, and the database that its names are in."""
    text = table.get("ViewOriginalText") or ""
    found = re.search(r"Presto View: ([\w+/=]+)", text)
    if not found:
        return text, None
    kept = json.loads(base64.b64decode(found[1]))
    return kept["originalSql"], kept.get("schema")


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


def _columns_of(frame: DataFrame, names: list[str]) -> list[dict[str, str]]:
    kinds = [field.dataType.simpleString() for field in frame.schema.fields]
    return [{"Name": name, "Type": re.sub(r"timestamp(_ntz)?|void", lambda each: "string" if each[0] == "void" else "timestamp", kind)} for name, kind in zip(names, kinds)]


def create_view(run: Run) -> None:
    tree = Statement._parse(run.sql)
    assert isinstance(tree, exp.Create)
    database, name = _target(run, tree)
    found = _exists(run, database, name)
    if found and (not tree.args.get("replace") or found.get("TableType") != "VIRTUAL_VIEW"):
        raise Refusal("ALREADY_EXISTS", f"line 1:1: View already exists: 'awsdatacatalog.{database}.{name}'")
    body = re.search(r"\bas\b\s*(.*)$", run.sql, flags=re.I | re.S)
    original = body[1] if body else tree.expression.sql(dialect="athena")
    frame, names = run.frame(tree.expression, run.sql)
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
    reader_of(entry)
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
    frame, names = run.frame(tree.expression, run.sql)
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
    frame, names = run.frame(tree.expression, run.sql)
    kinds = {each["Name"].lower(): each["Type"] for each in [*storage.get("Columns", []), *(table.get("PartitionKeys") or [])]}
    given = [each.name.lower() for each in tree.this.expressions] if isinstance(tree.this, exp.Schema) else [*kinds]
    unknown = next((each for each in given if each not in kinds), None)
    if unknown is not None:
        raise Refusal("COLUMN_NOT_FOUND", f"line 1:1: Insert column name does not exist in target table: {unknown}")
    refuse_other_types([kinds[each] for each in given], [each["Type"] for each in _columns_of(frame, names)])
    frame = frame.toDF(*[f"given_{at}" for at in range(len(names))])
    frame = frame.selectExpr(*[f"CAST({f'given_{given.index(each)}' if each in given else 'NULL'} AS {spark_type(kind)}) AS `{each}`" for each, kind in kinds.items()])
    _write(run, frame, [*kinds], table)
    _register(run, table)
    run.write_lines([("rows", "bigint")], [])


def _write(run: Run, frame: DataFrame, names: list[str], table: dict[str, Any]) -> None:
    run.check()
    try:
        writer = frame.toDF(*names).write.mode("append")
        keys = [each["Name"] for each in table.get("PartitionKeys") or []]
        (writer.partitionBy(*keys) if keys else writer).parquet(table["StorageDescriptor"]["Location"])
    except Exception as error:
        run.check()
        raise said_by_engine(error, run.sql) from error


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
