"""Literals and constructors: what a query says outright.

Source: trinodb/trino docs/src/main/sphinx/language/types.md, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino import times
from sandbox.services.athena.trino.casts import cast, read_literal
from sandbox.services.athena.trino.context import Context
from sandbox.services.athena.trino.json_casts import normal
from sandbox.services.athena.trino.syntax import Node
from sandbox.services.athena.trino.types import (
    BIGINT, BOOLEAN, DATE, DAY_TO_SECOND, DOUBLE, INTEGER, INTEGERS, JSON, VARBINARY, VARCHAR, YEAR_TO_MONTH, Type, UnknownType, decimal, engine_type, timestamp, type_of, varchar,
)  # fmt: skip
from sandbox.services.athena.trino.translation import Translation
from sandbox.services.athena.trino.values import Value, null, quoted


class Literals(Translation):
    """Values that the query says outright. Each method translates the kind of node that it is named after."""

    def _do_null(self, node: Node, context: Context) -> Value:
        return null()

    def _do_boolean(self, node: Node, context: Context) -> Value:
        return Value("true" if node.value else "false", BOOLEAN, node.value)

    def _do_integer(self, node: Node, context: Context) -> Value:
        small = -(2**31) <= node.value < 2**31
        return Value(f"CAST({node.value} AS {'INTEGER' if small else 'BIGINT'})", INTEGER if small else BIGINT, node.value)

    def _do_decimal(self, node: Node, context: Context) -> Value:
        return self._decimal(node.value, node)

    def _decimal(self, text: str, node: Node) -> Value:
        sign, body = ("-" if text.startswith("-") else ""), text.lstrip("+-")
        whole, _, fraction = body.partition(".")
        whole = whole.lstrip("0")
        if not (body.replace(".", "", 1).isdigit()) or len(whole) + len(fraction) > 38:
            self.fail("INVALID_LITERAL", node.at, f"'{text}' is not a valid DECIMAL literal")
        kind = decimal(max(1, len(whole) + len(fraction)), len(fraction))
        return Value(f"CAST('{sign}{whole or '0'}{'.' if fraction else ''}{fraction}' AS {engine_type(kind)})", kind, text)

    def _do_double(self, node: Node, context: Context) -> Value:
        text = repr(node.value)
        return Value(f"CAST('{text}' AS DOUBLE)", DOUBLE, node.value)

    def _do_string(self, node: Node, context: Context) -> Value:
        return Value(quoted(node.value), varchar(len(node.value)), node.value)

    def _do_binary(self, node: Node, context: Context) -> Value:
        return Value(f"from_hex('{node.value}')", VARBINARY)

    def _do_parameter(self, node: Node, context: Context) -> Value:
        at = sum(1 for each in self.holes if each < node.at)
        if at >= len(self.parameters):
            self.fail("INVALID_PARAMETER_USAGE", 0, f"Incorrect number of parameters: expected {len(self.holes)} but found {len(self.parameters)}")
        return self.value(self.parameters[at], Context([]))

    holes: list[int] = []

    def _do_typed(self, node: Node, context: Context) -> Value:
        text, name = node.value, node.type
        read = {"timestamp": self._timestamp, "time": self._time, "date": self._date, "json": self._json, "decimal": lambda text, node: self._decimal(text.strip(), node), "char": lambda text, node: Value(quoted(text.rstrip(" ")), Type("char", (len(text),)))}.get(name)
        if read:
            return read(text, node)
        try:
            kind = type_of(Node("type", node.at, name=name, args=[]))
        except UnknownType:
            self.fail("TYPE_MISMATCH", node.at, f"Unknown type: {name}")
        if kind.name in (*INTEGERS, "double", "real", "boolean", "uuid", "ipaddress") or kind.name == "varchar":
            if kind.name == "varchar":
                return Value(quoted(text), VARCHAR)
            try:
                read_literal(text, kind)
            except Refusal:
                self.fail("INVALID_LITERAL", node.at, f"'{text}' is not a valid {name.upper()} literal")
            return cast(Value(quoted(text), VARCHAR), kind)
        self.fail("INVALID_LITERAL", node.at, f"'{text}' is not a valid {name.upper()} literal")

    def _timestamp(self, text: str, node: Node) -> Value:
        fraction = text.partition(".")[2]
        digits = 0
        while digits < len(fraction) and fraction[digits].isdigit():
            digits += 1
        try:
            shown, zone = times.split_timestamp(text.strip(), digits)
        except ValueError:
            self.fail("INVALID_LITERAL", node.at, f"'{text}' is not a valid TIMESTAMP literal")
        if zone is None:
            return Value(f"make_timestamp({shown})", timestamp(digits))
        return Value(f"struct_pack(t := CAST({times.instant_of(shown, zone)} AS BIGINT), z := {quoted(zone)})", timestamp(digits, True))

    def _time(self, text: str, node: Node) -> Value:
        fraction = text.partition(".")[2]
        digits = len(fraction) - len(fraction.lstrip("0123456789"))
        try:
            picos, minutes = times.split_time(text, digits)
        except ValueError:
            self.fail("INVALID_LITERAL", node.at, f"'{text}' is not a valid TIME literal")
        if minutes is None:
            return Value(f"CAST({picos} AS BIGINT)", Type("time", (digits,)))
        return Value(f"struct_pack(t := CAST({picos} AS BIGINT), z := CAST({minutes} AS INTEGER))", Type("time with time zone", (digits,)))

    def _date(self, text: str, node: Node) -> Value:
        try:
            days = times.read_date(text)
        except Refusal:
            self.fail("INVALID_LITERAL", node.at, f"'{text}' is not a valid DATE literal")
        return Value(f"CAST('{times.date_text(days).lstrip('+')}' AS DATE)", DATE)

    def _json(self, text: str, node: Node) -> Value:
        try:
            return Value(quoted(normal(text)), JSON)
        except ValueError:
            self.fail("INVALID_LITERAL", node.at, f"'{text}' is not a valid JSON literal")

    def _do_interval(self, node: Node, context: Context) -> Value:
        try:
            what, number = times.read_interval(node.value, node.unit, node.to)
        except ValueError:
            self.fail("INVALID_LITERAL", node.at, f"Invalid INTERVAL {node.unit}{' TO ' + node.to if node.to else ''} value: {node.value}")
        number *= node.sign
        return Value(f"CAST({number} AS {'INTEGER' if what == 'month' else 'BIGINT'})", YEAR_TO_MONTH if what == "month" else DAY_TO_SECOND)

    def _do_now(self, node: Node, context: Context) -> Value:
        digits = 3 if node.digits is None else node.digits
        instant = times.rounded(self.now, digits)
        if node.what == "CURRENT_DATE":
            return Value(f"CAST('{times.date_text(self.now // times.DAY)}' AS DATE)", DATE)
        if node.what == "CURRENT_TIMESTAMP":
            return Value(f"struct_pack(t := CAST({instant} AS BIGINT), z := 'UTC')", timestamp(digits, True))
        if node.what == "LOCALTIMESTAMP":
            return Value(f"make_timestamp({instant})", timestamp(digits))
        picos = instant % times.DAY * 10**6
        if node.what == "LOCALTIME":
            return Value(f"CAST({picos} AS BIGINT)", Type("time", (digits,)))
        return Value(f"struct_pack(t := CAST({picos} AS BIGINT), z := CAST(0 AS INTEGER))", Type("time with time zone", (digits,)))

    now: int = 0

    def _do_who(self, node: Node, context: Context) -> Value:
        return Value(quoted({"CURRENT_CATALOG": "awsdatacatalog", "CURRENT_SCHEMA": self.database, "CURRENT_PATH": ""}.get(node.what, "sandbox")), VARCHAR)
