"""Reading a statement that is no plain query: what it is, and where it is wrong, in Athena's words.

Source: aoyagikouhei/athena-local docs/dev/measurements/errors.md, 2026-11-28 (whole file)
Source: aoyagikouhei/athena-local docs/api.md, 2026-11-28 (whole file)
Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
from typing import Any

import sqlglot
from sqlglot import exp

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.parser import parse
from sandbox.services.athena.trino.syntax import place


def parse_statement(sql: str) -> exp.Expression:
    inner = query_in(sql)
    if inner is not None:
        # The query is for Trino's parser; what is before it is for this one.
        refuse_malformed(inner)
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


def refuse_malformed(sql: str) -> None:
    """What is no SQL is refused when Athena takes it; what it does not do, when it runs."""
    try:
        parse(sql)
    except Refusal as refusal:
        if refusal.code == "MALFORMED_QUERY":
            raise


def refuse_several(sql: str) -> None:
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
