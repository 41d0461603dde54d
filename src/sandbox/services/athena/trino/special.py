"""The grammar of what looks like a function or a name and has words of its own inside: CASE, CAST, EXTRACT, TRIM, JSON_VALUE …

Source: trinodb/trino core/trino-grammar/src/main/antlr4/io/trino/grammar/sql/SqlBase.g4, 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any

from sandbox.services.athena.trino.expressions import _UNITS, Expressions
from sandbox.services.athena.trino.syntax import Node

_TRIMS = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}


class Special(Expressions):
    """Each method is called where its word stands, and says None if the word is only a name there."""

    def _at_null(self) -> Node:
        return Node("null", self.next().at)

    def _at_true(self) -> Node:
        return Node("boolean", self.next().at, value=True)

    def _at_false(self) -> Node:
        return Node("boolean", self.next().at, value=False)

    def _at_case(self) -> Node:
        at = self.next().at
        operand = None if self.sees("WHEN") else self.expression()
        branches = []
        while self.sees("WHEN"):
            here = self.next().at
            condition = self.expression()
            self.need("THEN")
            branches.append(Node("when", here, condition=condition, result=self.expression()))
        if not branches:
            self.fail("'WHEN'")
        otherwise = self.expression() if self.take("ELSE") else None
        self.need("END")
        return Node("case", at, operand=operand, branches=branches, otherwise=otherwise)

    def _cast(self, safe: bool) -> Node:
        at = self.next().at
        self.need("(")
        value = self.expression()
        self.need("AS")
        kind = self.type()
        self.need(")")
        return Node("cast", at, value=value, type=kind, safe=safe)

    def _at_cast(self) -> Node:
        return self._cast(False)

    def _at_try_cast(self) -> Node | None:
        return self._cast(True) if self.ahead().word == "(" else None

    def _at_array(self) -> Node | None:
        if self.ahead().word != "[":
            return None
        at = self.next().at
        self.next()
        items = [] if self.sees("]") else self.list_of(self.expression)
        self.need("]")
        return Node("array", at, items=items)

    def _at_row(self) -> Node | None:
        if self.ahead().word != "(":
            return None
        at = self.next().at
        self.next()
        items = [] if self.sees(")") else self.list_of(self.expression)
        self.need(")")
        return Node("row", at, items=items)

    def _at_exists(self) -> Node:
        at = self.next().at
        self.need("(")
        query = self.query()
        self.need(")")
        return Node("exists", at, query=query)

    def _at_extract(self) -> Node:
        at = self.next().at
        self.need("(")
        field = self.now
        name = self.name()
        self.need("FROM")
        value = self.expression()
        self.need(")")
        return Node("extract", at, field=name, field_at=field.at, value=value)

    def _at_position(self) -> Node | None:
        if self.ahead().word != "(":
            return None
        at = self.next().at
        self.next()
        part = self.value()
        self.need("IN")
        whole = self.value()
        self.need(")")
        return Node("call", at, name="strpos", path=[], args=[whole, part], distinct=False, order=[], star=False, within=None, filter=None, nulls=None, over=None)

    def _plain(self, at: int, name: str, *arguments: Any) -> Node:
        return Node("call", at, name=name, path=[], args=[each for each in arguments if each is not None], distinct=False, order=[], star=False, within=None, filter=None, nulls=None, over=None)

    def _at_substring(self) -> Node | None:
        if self.ahead().word != "(":
            return None
        at = self.next().at
        self.next()
        value = self.expression()
        arguments = [value]
        if self.take("FROM"):
            arguments.append(self.expression())
            if self.take("FOR"):
                arguments.append(self.expression())
        else:
            while self.take(","):
                arguments.append(self.expression())
        self.need(")")
        return self._plain(at, "substring", *arguments)

    def _at_trim(self) -> Node:
        at = self.next().at
        self.need("(")
        how, what = "trim", None
        if self.sees_any(*_TRIMS):
            how = _TRIMS[self.next().word]
            if not self.take("FROM"):
                what = self.expression()
                self.need("FROM")
            value = self.expression()
        else:
            value = self.expression()
            if self.take("FROM"):
                what, value = value, self.expression()
            elif self.take(","):
                what = self.expression()
        self.need(")")
        return self._plain(at, how, value, what)

    def _at_normalize(self) -> Node:
        at = self.next().at
        self.need("(")
        value = self.expression()
        form = "NFC"
        if self.take(","):
            if not self.sees_any("NFD", "NFC", "NFKD", "NFKC"):
                self.fail("'NFC', 'NFD', 'NFKC', 'NFKD'")
            form = self.next().word
        self.need(")")
        return self._plain(at, "normalize", value, Node("string", at, value=form))

    def _at_grouping(self) -> Node:
        at = self.next().at
        self.need("(")
        items = self.list_of(self.expression)
        self.need(")")
        return Node("grouping", at, items=items)

    def _at_interval(self) -> Node | None:
        following = self.ahead()
        return self._interval() if following.kind == "string" or following.word in ("+", "-") and self.ahead(2).kind == "string" else None

    def _interval(self) -> Node:
        at = self.next().at
        sign = -1 if self.take("-") else 1
        self.take("+")
        text = self.text()
        if not self.sees_any(*_UNITS):
            self.fail("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'")
        unit = self.next().word
        to = None
        if self.take("TO"):
            if not self.sees_any(*_UNITS):
                self.fail("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'")
            to = self.next().word
        return Node("interval", at, sign=sign, value=text, unit=unit, to=to)

    def _at_listagg(self) -> Node:
        at = self.next().at
        self.need("(")
        distinct = self.take("DISTINCT")
        arguments = self.list_of(self.expression)
        overflow = "ERROR"
        if self.take("ON", "OVERFLOW"):
            if self.take("TRUNCATE"):
                overflow = "TRUNCATE"
                if self.now.kind == "string":
                    self.text()
                if not self.take("WITH", "COUNT"):
                    self.need("WITHOUT", "COUNT")
            else:
                self.need("ERROR")
        self.need(")")
        if not self.sees("WITHIN", "GROUP"):
            self.fail("'WITHIN'")
        return self._after_call(Node("call", at, name="listagg", path=[], args=arguments, distinct=distinct, order=[], star=False), within=True)

    # JSON, as the standard has it ------------------------------------------------------------------------------------

    def _json_path(self) -> tuple[Node, Node, list[Node]]:
        self.need("(")
        value = self.expression()
        if self.take("FORMAT", "JSON"):
            if self.take("ENCODING"):
                self.next()
        self.need(",")
        path = Node("string", self.now.at, value=self.text())
        passing = []
        if self.take("PASSING"):
            passing = self.list_of(self._passed)
        return value, path, passing

    def _passed(self) -> Node:
        at = self.now.at
        value = self.expression()
        if self.take("FORMAT", "JSON") and self.take("ENCODING"):
            self.next()
        self.need("AS")
        return Node("passed", at, value=value, name=self.name())

    def _on(self, what: str, *choices: tuple[str, ...]) -> tuple[str, Node | None] | None:
        keep = self.at
        for words in choices:
            if self.take(*words):
                default = self.expression() if words == ("DEFAULT",) else None
                if self.take("ON", what):
                    return " ".join(words), default
                self.at = keep
        return None

    def _at_json_exists(self) -> Node:
        at = self.next().at
        value, path, passing = self._json_path()
        error = self._on("ERROR", ("TRUE",), ("FALSE",), ("UNKNOWN",), ("ERROR",))
        self.need(")")
        return Node("json_exists", at, value=value, path=path, passing=passing, error=error[0] if error else "FALSE")

    def _at_json_value(self) -> Node:
        at = self.next().at
        value, path, passing = self._json_path()
        returning = self.type() if self.take("RETURNING") else None
        empty = self._on("EMPTY", ("ERROR",), ("NULL",), ("DEFAULT",))
        error = self._on("ERROR", ("ERROR",), ("NULL",), ("DEFAULT",))
        self.need(")")
        return Node("json_value", at, value=value, path=path, passing=passing, returning=returning, empty=list(empty or ("NULL", None)), error=list(error or ("NULL", None)))

    def _at_json_query(self) -> Node:
        at = self.next().at
        value, path, passing = self._json_path()
        returning = self.type() if self.take("RETURNING") else None
        if self.take("FORMAT", "JSON") and self.take("ENCODING"):
            self.next()
        wrapper = "WITHOUT"
        if self.sees_any("WITH", "WITHOUT"):
            wrapper = self.next().word
            if wrapper == "WITH":
                wrapper = "CONDITIONAL" if self.take("CONDITIONAL") else "UNCONDITIONAL"
                self.take("UNCONDITIONAL")
            self.take("ARRAY")
            self.need("WRAPPER")
        quotes = "KEEP"
        if self.sees_any("KEEP", "OMIT"):
            quotes = self.next().word
            self.need("QUOTES")
            self.take("ON", "SCALAR", "STRING")
        choices = (("ERROR",), ("NULL",), ("EMPTY", "ARRAY"), ("EMPTY", "OBJECT"))
        empty, error = self._on("EMPTY", *choices), self._on("ERROR", *choices)
        self.need(")")
        return Node("json_query", at, value=value, path=path, passing=passing, returning=returning, wrapper=wrapper, quotes=quotes, empty=empty[0] if empty else "NULL", error=error[0] if error else "NULL")

    def _formatted(self) -> Node:
        value = self.expression()
        if self.take("FORMAT", "JSON"):
            if self.take("ENCODING"):
                self.next()
            return Node("format_json", value.at, value=value)
        return value

    def _null_handling(self, default: str) -> str:
        for how in ("NULL", "ABSENT"):
            if self.take(how, "ON", "NULL"):
                return how
        return default

    def _at_json_array(self) -> Node:
        at = self.next().at
        self.need("(")
        items = [] if self.sees_any(")", "RETURNING", "NULL", "ABSENT") and not (self.sees("NULL") and self.ahead().word in (",", ")")) else self.list_of(self._formatted)
        nulls = self._null_handling("ABSENT")
        returning = self.type() if self.take("RETURNING") else None
        self.need(")")
        return Node("json_array", at, items=items, nulls=nulls, returning=returning)

    def _at_json_object(self) -> Node:
        at = self.next().at
        self.need("(")
        members = [] if self.sees_any(")", "RETURNING", "ABSENT") else self.list_of(self._member)
        nulls = self._null_handling("NULL")
        unique = self.take("WITH", "UNIQUE")
        if unique or self.take("WITHOUT", "UNIQUE"):
            self.take("KEYS")
        returning = self.type() if self.take("RETURNING") else None
        self.need(")")
        return Node("json_object", at, members=members, nulls=nulls, unique=unique, returning=returning)

    def _member(self) -> Node:
        at = self.now.at
        marked = self.take("KEY")
        key = self.expression()
        if not self.take("VALUE") and not (self.take(":") if not marked else False):
            self.fail("'VALUE', ':'")
        return Node("member", at, name=key, value=self._formatted())

    # Types -----------------------------------------------------------------------------------------------------------

    def type(self) -> Node:
        found = self._type()
        while self.sees("ARRAY"):
            found = Node("type", self.next().at, name="array", args=[found])
        return found

    def _type(self) -> Node:
        token, word = self.now, self.now.word
        if word == "ROW" and self.ahead().word == "(":
            self.at += 2
            fields = self.list_of(self._row_field)
            self.need(")")
            return Node("type", token.at, name="row", args=fields)
        if word == "INTERVAL" and self.ahead().word in _UNITS:
            self.next()
            unit, to = self.next().word, None
            if self.take("TO"):
                to = self.next().word
            return Node("type", token.at, name=f"interval {unit} to {to or unit}".lower(), args=[])
        if word in ("TIME", "TIMESTAMP"):
            self.next()
            arguments = []
            if self.take("("):
                arguments.append(self._type_argument())
                self.need(")")
            zoned = self.take("WITH", "TIME", "ZONE")
            if not zoned:
                self.take("WITHOUT", "TIME", "ZONE")
            return Node("type", token.at, name=f"{word.lower()}{' with time zone' if zoned else ''}", args=arguments)
        if self.take("DOUBLE", "PRECISION"):
            return Node("type", token.at, name="double", args=[])
        if not self.is_name():
            self.fail("<type>")
        name = self.name()
        if name in ("array", "map") and self.sees("<"):
            self.next()
            arguments = self.list_of(self.type)
            self.need(">")
            return Node("type", token.at, name=name, args=arguments)
        arguments = []
        if self.take("("):
            arguments = self.list_of(self._type_argument)
            self.need(")")
        return Node("type", token.at, name=name, args=arguments)

    def _type_argument(self) -> Any:
        if self.now.kind == "integer":
            return int(self._integer())
        return self.type() if self.is_name() or self.sees("ROW") else self.fail("<integer>, <type>")

    def _row_field(self) -> Node:
        at = self.now.at
        keep = self.at
        # `name type`, or a type alone: `row(a integer, double precision, varchar)`.
        if self.is_name() and (self.is_name(1) and not (self.sees("DOUBLE", "PRECISION"))):
            name = self.name()
            try:
                return Node("row_field", at, name=name, type=self.type())
            except Exception:
                self.at = keep
        return Node("row_field", at, name=None, type=self.type())
