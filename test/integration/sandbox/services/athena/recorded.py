"""Asks the sandbox's Athena the recorded questions, and says how near its answers are to Trino's.

    python recorded.py RECORDING            a line of figures as JSON, and one for each answer that is another
    python recorded.py RECORDING HOST PORT  asks that Trino instead, and writes its answers into RECORDING

A recording is one question a line: `[sql, columns, rows, error, ordered]`, below a line that says of which Trino and of which day it is. It
is never edited by hand. To record, a real Trino is needed (`trino-server-core` of Maven Central on Java 24 or later, no catalog but its own) and
its client for Python (`pip install trino`).
"""

from __future__ import annotations

import base64
import datetime
import json
import re
import sys
from typing import Any

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|Infinity)|NaN")


def near(want: str | None, got: str | None) -> bool:
    """The same text, but for the last digit of a double and the order of a map."""
    if want is None or got is None or want == got:
        return want == got
    if NUMBER.sub("#", want) != NUMBER.sub("#", got):
        return want[:1] == "{" and sorted(re.split(r"[{}, ]+", want)) == sorted(re.split(r"[{}, ]+", got))
    return all(a == b or ("." in a and "." in b and abs(float(a) - float(b)) <= 1e-6 * max(abs(float(a)), abs(float(b)), 1e-9)) for a, b in zip(NUMBER.findall(want), NUMBER.findall(got)))


def same(want: list[list[Any]], got: list[list[Any]], ordered: bool) -> bool:
    if len(want) != len(got):
        return False
    left = list(got)
    for row in want:
        places = [0] if ordered else range(len(left))
        found = next((at for at in places if len(left[at]) == len(row) and all(map(near, row, left[at]))), None)
        if found is None:
            return False
        del left[found]
    return True


def answer(sql: str) -> tuple[list[str], list[list[Any]], str | None]:
    """What the sandbox says: types, rows and the name of an error."""
    from sandbox.kernel.engine import Refusal
    from sandbox.services.athena.trino import execute, text
    from sandbox.services.athena.trino.python_functions import database
    from sandbox.services.athena.trino.translate import Translation
    import duckdb

    def none(translation: Translation, parts: list[str], node: Any) -> Any:
        translation.fail("TABLE_NOT_FOUND", node.at, f"Table '{'.'.join(parts)}' does not exist")

    try:
        query = Translation(sql, none).run()
        try:
            table = database().cursor().sql(execute.result_sql(query)).to_arrow_table()
        except duckdb.Error as error:
            raise execute.said_by_engine(error) from error
        columns = [text.text_of(table.column(at), kind).to_pylist() for at, (_, kind) in enumerate(query.columns)]
        return [str(kind) for _, kind in query.columns], [list(row) for row in zip(*columns)], None
    except Refusal as refusal:
        return [], [], refusal.code


def kind(text: str) -> str:
    """A type as Athena tells it: its name, and the digits of a decimal."""
    text = text.lower().replace(" ", "")
    return text if text.startswith("decimal") else re.sub(r"\(.*\)", "", text) if "(" in text else text


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        _, *lines = file
    figures = {"asked": 0, "same": 0, "otherType": 0, "otherValue": 0, "refused": 0, "otherError": 0, "taken": 0}
    for line in lines:
        sql, columns, rows, error, ordered = json.loads(line)
        kinds, got, refusal = answer(sql)
        if refusal or error:
            what = "same" if refusal in (error, {"SYNTAX_ERROR": "MALFORMED_QUERY"}.get(error)) else "taken" if refusal is None else "otherError" if error else "refused"
        elif not same(rows, got, ordered):
            what = "otherValue"
        else:
            what = "same" if all(a == "unknown" or kind(a) == kind(b) for a, b in zip(columns, kinds)) else "otherType"
        figures["asked"] += 1
        figures[what] += 1
        if what != "same":
            print(json.dumps([what, sql, error or rows[:3], refusal or got[:3], columns, kinds], ensure_ascii=False))
    print(json.dumps(figures))


def text_of_trino(value: Any, kind: Any) -> str | None:
    """A value of Trino's client as Athena prints it."""
    from sandbox.services.athena.trino import text

    if value is None:
        return None
    inner = lambda each, of: "null" if each is None else text_of_trino(each, of)  # noqa: E731
    if kind.name == "array":
        return "[" + ", ".join(inner(each, kind.args[0]) for each in value) + "]"
    if kind.name == "map":
        return "{" + ", ".join(f"{inner(key, kind.args[0])}={inner(each, kind.args[1])}" for key, each in value.items()) + "}"
    if kind.name == "row":
        return "{" + ", ".join(f"{name or f'field{at}'}={inner(each, of)}" for at, (each, (name, of)) in enumerate(zip(value, kind.args))) + "}"
    if kind.name in ("double", "real"):
        return (text.real_text if kind.name == "real" else text.double_text)(float(value))
    if kind.name == "boolean":
        return str(value).lower()
    if kind.name == "varbinary":
        return (base64.b64decode(value) if isinstance(value, str) else bytes(value)).hex(" ")
    if kind.name.startswith("timestamp"):
        found = re.fullmatch(r"(\S+ [\d:]+)(?:\.(\d+))?(.*)", str(value))
        return f"{found[1]}.{(found[2] or '').ljust(3, '0')[:3]}{found[3]}" if found else str(value)
    return str(value)


def record() -> None:
    import trino
    from sandbox.services.athena.trino.parser import parse_type
    from sandbox.services.athena.trino.types import type_of

    with open(sys.argv[1], encoding="utf-8") as file:
        _, *lines = file
    connection = trino.dbapi.connect(host=sys.argv[2], port=int(sys.argv[3]), user="recording", catalog="system", schema="runtime", legacy_primitive_types=True, timezone="UTC")
    cursor = connection.cursor()
    cursor.execute("SELECT node_version FROM system.runtime.nodes")
    header = {"of": f"Trino {cursor.fetchone()[0]}", "day": datetime.date.today().isoformat()}
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        print(json.dumps(header), file=file)
        for line in lines:
            sql, *_, ordered = json.loads(line)
            cursor = connection.cursor()
            try:
                cursor.execute(sql)
                rows = cursor.fetchall()
                kinds = [each[1] for each in cursor.description]
                types = [type_of(parse_type(each)) for each in kinds]
                made = [sql, kinds, [[text_of_trino(value, kind) for value, kind in zip(row, types)] for row in rows], None, ordered]
            except trino.exceptions.TrinoQueryError as error:
                made = [sql, [], [], error.error_name, ordered]
            print(json.dumps(made, ensure_ascii=False, separators=(",", ":")), file=file)


if __name__ == "__main__":
    record() if len(sys.argv) > 3 else main()
