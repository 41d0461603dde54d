"""Athena's statements: queries as Trino takes them, run on the tables of the Glue catalog; and Hive's on the catalog itself.

A query is parsed, translated and run by `trino`; what is around it (CREATE TABLE AS, INSERT, views) and all other statements are
understood here. The result goes to S3 as Athena writes it, batch by batch, so that a big one is never held whole.

Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html, 2026-11-28 (whole file)
Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
from typing import Any, Callable

import pyarrow as pa
from sqlglot import exp

from sandbox.kernel.engine import Refusal, question
from sandbox.services.athena.catalog import caller
from sandbox.services.athena.catalog_statements import CATALOG_STATEMENTS
from sandbox.services.athena.definitions import create_database, create_external, create_table_as, create_view, drop, insert
from sandbox.services.athena.parsing import parse_statement, refuse_malformed, refuse_several, unsupported
from sandbox.services.athena.run import Cancelled, Run
from sandbox.services.athena.trino.syntax import place


#: Statements that begin a query; anything else is no SQL at all.
STATEMENTS = (
    "ALTER", "ANALYZE", "CALL", "COMMIT", "CREATE", "DEALLOCATE", "DELETE", "DESC", "DESCRIBE", "DROP", "EXECUTE", "EXPLAIN",
    "GRANT", "INSERT", "MERGE", "MSCK", "PREPARE", "RESET", "REVOKE", "ROLLBACK", "SELECT", "SET", "SHOW", "START", "TABLE",
    "TRUNCATE", "UNLOAD", "UPDATE", "USE", "VACUUM", "VALUES", "WITH", "(",
)  # fmt: skip


_running: dict[str, Run] = {}


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
        for pattern, kind, substatement, run in CATALOG_STATEMENTS:
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
            refuse_several(sql)
            refuse_malformed(sql)
            self.kind, self.substatement, self.run = "DML", "SELECT", select
            return
        self.tree = parse_statement(sql)
        self._classify(word)

    def _classify(self, word: str) -> None:
        tree = self.tree
        if isinstance(tree, exp.Create):
            what = (tree.args.get("kind") or "").upper()
            self.kind = "DDL"
            if what == "VIEW":
                self.substatement, self.run = "CREATE_VIEW", create_view
            elif what == "TABLE" and tree.expression:
                # Source: botocore athena 1.44.5 QueryExecution, 2026-11-28
                self.kind, self.substatement, self.run = "DML", "CREATE_TABLE_AS_SELECT", create_table_as
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


def select(run: Run) -> None:
    run.write_query(run.query(run.sql))


@question
def athena_check(sql: str) -> dict[str, Any]:
    """Refuses what is no statement, as Athena does before it takes a query."""
    statement = Statement(sql)
    return {"statementType": statement.kind, "substatementType": statement.substatement}


@question
def athena_run(query: str, sql: str, region: str, database: str, output: str, parameters: list[str], key: str | None = None) -> dict[str, Any]:
    """Runs a query, with the rights of whose key it is, and writes its result; says what Athena says about it afterwards.

    Source: https://repost.aws/knowledge-center/athena-output-bucket-error, 2026-11-28
    Source: aws/context-ontology-accelerator#38, 2026-11-28
    """
    run = Run(query, sql, region, database, output, parameters, key)
    _running[query] = run
    asking = caller.set(key)
    try:
        Statement(sql).run(run)
        run.check()
    except Cancelled:
        raise Refusal("CANCELLED", "Query cancelled by user") from None
    except (pa.ArrowException, OSError) as error:
        denied = re.search(r"AWS Error (?:ACCESS_DENIED|\[code 15\]).*? during (\w+) operation: (.*)", str(error), re.S)
        if denied and denied[1] in ("GetObject", "HeadObject", "ListObjectsV2"):
            raise Refusal("PERMISSION_DENIED", f"Access Denied (Service: S3, Status Code: 403): {denied[2][:500]}") from error
        if denied:
            raise Refusal("PERMISSION_DENIED", f"Access denied when writing output to url: {run.output_file or run.output}. Please ensure you are allowed to access the S3 bucket.") from error
        raise Refusal("GENERIC_USER_ERROR", f"The result could not be written to {run.output}: {str(error)[:500]}") from error
    finally:
        caller.reset(asking)
        _running.pop(query, None)
        run.close()
    return {"columns": run.columns, "rows": run.rows, "scannedBytes": run.scanned, "outputFile": run.output_file, "manifest": run.manifest, "updated": run.updated}


@question
def athena_cancel(query: str) -> dict[str, Any]:
    """Ends a query, if it still runs."""
    run = _running.get(query)
    if run:
        run.cancel()
    return {"cancelled": run is not None}
