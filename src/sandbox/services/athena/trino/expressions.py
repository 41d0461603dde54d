"""The grammar of Trino's expressions and types.

Source: trinodb/trino core/trino-grammar/src/main/antlr4/io/trino/grammar/sql/SqlBase.g4, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from sandbox.services.athena.trino.syntax import RESERVED, Node, Token, malformed, tokens_of

_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_NOW = {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"}
_WHO = {"CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH"}


class Reader:
    """Reads words in turn, and says what is wrong where it is."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = tokens_of(sql)
        self.at = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, by: int = 1) -> Token:
        return self.tokens[min(self.at + by, len(self.tokens) - 1)]

    def next(self) -> Token:
        token = self.now
        self.at += token.kind != "end"
        return token

    def fail(self, expecting: str = "<expression>") -> NoReturn:
        raise malformed(self.sql, self.now.at, f"mismatched input '{self.now.text}'. Expecting: {expecting}")

    def sees(self, *words: str) -> bool:
        """Whether these words come next, one after the other."""
        return all(self.ahead(by).word == word for by, word in enumerate(words))

    def sees_any(self, *words: str) -> bool:
        return self.now.word in words and bool(self.now.word)

    def take(self, *words: str) -> bool:
        if self.sees(*words):
            self.at += len(words)
            return True
        return False

    def need(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                self.fail(f"'{word}'")

    def name(self) -> str:
        """A name, as Trino compares it: in small letters."""
        token = self.now
        if token.kind == "quoted":
            if token.text == '""':
                raise malformed(self.sql, token.at, "Zero-length delimited identifier not allowed")
            self.next()
            return token.text[1:-1].replace('""', '"').lower()
        if token.kind == "word" and token.word not in RESERVED:
            self.next()
            return token.text.lower()
        self.fail("<identifier>")

    def is_name(self, by: int = 0) -> bool:
        token = self.ahead(by)
        return token.kind == "quoted" or token.kind == "word" and token.word not in RESERVED

    def text(self) -> str:
        token = self.now
        if token.kind == "string":
            self.next()
            return token.text[1:-1].replace("''", "'")
        if token.kind == "unicode":
            self.next()
            return self._unicode(token)
        self.fail("<string>")

    def _unicode(self, token: Token) -> str:
        mark = "\\"
        if self.take("UESCAPE"):
            mark = self.text()
        e = re.escape(mark)

        def plain(found: re.Match[str]) -> str:
            if found[0] == mark * 2:
                return mark
            if not (found[1] or found[2]):
                raise malformed(self.sql, token.at, "Invalid escaped character: " + found[0])
            return chr(int(found[1] or found[2], 16))

        return re.sub(rf"{e}{e}|{e}\+([0-9a-fA-F]{{6}})|{e}([0-9a-fA-F]{{4}})|{e}", plain, token.text[3:-1].replace("''", "'"))

    def list_of(self, each: Any) -> list[Any]:
        found = [each()]
        while self.take(","):
            found.append(each())
        return found


class Expressions(Reader):
    """Expressions, from what binds least to what binds most."""

    def query(self) -> Node:
        raise NotImplementedError

    def expression(self) -> Node:
        left = self._and()
        while self.sees("OR"):
            at = self.next().at
            left = Node("or", at, left=left, right=self._and())
        return left

    def _and(self) -> Node:
        left = self._not()
        while self.sees("AND"):
            at = self.next().at
            left = Node("and", at, left=left, right=self._not())
        return left

    def _not(self) -> Node:
        if self.sees("NOT"):
            at = self.next().at
            return Node("not", at, value=self._not())
        return self._predicate()

    def _predicate(self) -> Node:
        left = self.value()
        token = self.now
        if token.word in _COMPARISONS:
            self.next()
            operator = _COMPARISONS[token.word]
            if self.sees_any("ALL", "ANY", "SOME") and self.ahead().word == "(":
                how = self.next().word
                self.need("(")
                query = self.query()
                self.need(")")
                return Node("quantified", token.at, operator=operator, how=how, left=left, query=query)
            return Node("compare", token.at, operator=operator, left=left, right=self.value())
        negated = self.sees("NOT") and self.ahead().word in ("BETWEEN", "IN", "LIKE")
        if negated:
            self.next()
        found = self._test(left, self.now)
        if found is None:
            return left
        return Node("not", token.at, value=found) if negated else found

    def _test(self, left: Node, token: Token) -> Node | None:
        if self.take("BETWEEN"):
            low = self.value()
            self.need("AND")
            return Node("between", token.at, value=left, low=low, high=self.value())
        if self.take("IN"):
            self.need("(")
            if self._starts_query():
                query = self.query()
                self.need(")")
                return Node("in_query", token.at, value=left, query=query)
            items = self.list_of(self.expression)
            self.need(")")
            return Node("in", token.at, value=left, items=items)
        if self.take("LIKE"):
            pattern = self.value()
            return Node("like", token.at, value=left, pattern=pattern, escape=self.value() if self.take("ESCAPE") else None)
        if self.take("IS"):
            negated = self.take("NOT")
            if self.take("NULL"):
                found = Node("is_null", token.at, value=left)
            elif self.take("DISTINCT", "FROM"):
                found = Node("distinct_from", token.at, left=left, right=self.value())
            else:
                self.fail("'DISTINCT', 'NULL'" if negated else "'DISTINCT', 'NOT', 'NULL'")
            return Node("not", token.at, value=found) if negated else found
        return None

    def _starts_query(self) -> bool:
        by = 0
        while self.ahead(by).word == "(":
            by += 1
        return self.ahead(by).word in ("SELECT", "WITH", "VALUES", "TABLE")

    # Values, by what binds more and more ------------------------------------------------------------------------------

    def value(self) -> Node:
        left = self._sum()
        while self.sees("||"):
            at = self.next().at
            left = Node("concat", at, left=left, right=self._sum())
        return left

    def _sum(self) -> Node:
        left = self._product()
        while self.sees_any("+", "-"):
            token = self.next()
            left = Node("arithmetic", token.at, operator=token.word, left=left, right=self._product())
        return left

    def _product(self) -> Node:
        left = self._signed()
        while self.sees_any("*", "/", "%"):
            token = self.next()
            left = Node("arithmetic", token.at, operator=token.word, left=left, right=self._signed())
        return left

    def _signed(self) -> Node:
        if self.sees_any("-", "+"):
            token = self.next()
            if token.word == "-" and self.now.kind in ("integer", "decimal", "double", "radix") and self.ahead().word not in ("[", "."):
                number = self._number(self.next(), token)
                return self._zoned(number)
            value = self._signed()
            return Node("minus", token.at, value=value) if token.word == "-" else Node("plus", token.at, value=value)
        return self._zoned(self._primary())

    def _zoned(self, value: Node) -> Node:
        while self.sees("AT", "TIME", "ZONE"):
            at = self.now.at
            self.at += 3
            value = Node("at_zone", at, value=value, zone=self._interval() if self.sees("INTERVAL") else Node("string", self.now.at, value=self.text()))
        return value

    def _number(self, token: Token, sign: Token | None = None) -> Node:
        at = sign.at if sign else token.at
        text = ("-" if sign else "") + token.text.replace("_", "")
        if token.kind == "double":
            return Node("double", at, value=float(text))
        if token.kind == "decimal":
            return Node("decimal", at, value=text)
        number = int(text, 0) if token.kind == "radix" else int(text)
        if not -(2**63) <= number < 2**63:
            raise malformed(self.sql, at, f"Invalid numeric literal: {text}")
        return Node("integer", at, value=number)

    def _primary(self) -> Node:
        value = self._atom()
        while True:
            if self.sees("["):
                at = self.next().at
                index = self.value()
                self.need("]")
                value = Node("subscript", value.at, value=value, index=index)
            elif self.sees(".") and self.is_name(1):
                self.next()
                value = Node("field", value.at, value=value, name=self.name())
            else:
                return value

    def _atom(self) -> Node:
        token, word = self.now, self.now.word
        if token.kind in ("integer", "decimal", "double", "radix"):
            return self._number(self.next())
        if token.kind in ("string", "unicode"):
            return Node("string", token.at, value=self.text())
        if token.kind == "binary":
            return self._binary(self.next())
        if word == "(":
            return self._parenthesis()
        if word == "?":
            self.next()
            return Node("parameter", token.at)
        if token.kind in ("word", "quoted"):
            special = getattr(self, f"_at_{word.lower()}", None) if token.kind == "word" else None
            if special:
                found = special()
                if found is not None:
                    return found
            if word in _NOW:
                self.next()
                digits = None
                if word != "CURRENT_DATE" and self.take("("):
                    digits = int(self._integer())
                    self.need(")")
                return Node("now", token.at, what=word, digits=digits)
            if word in _WHO:
                self.next()
                return Node("who", token.at, what=word)
            if self.is_name():
                return self._named()
        self.fail()

    def _integer(self) -> str:
        if self.now.kind != "integer":
            self.fail("<integer>")
        return self.next().text.replace("_", "")

    def _binary(self, token: Token) -> Node:
        digits = re.sub(r"\s", "", token.text[2:-1])
        if not re.fullmatch(r"[0-9a-fA-F]*", digits):
            raise malformed(self.sql, token.at, "Binary literal can only contain hexadecimal digits")
        if len(digits) % 2:
            raise malformed(self.sql, token.at, "Binary literal must contain an even number of digits")
        return Node("binary", token.at, value=digits.upper())

    def _parenthesis(self) -> Node:
        at = self.now.at
        if self._is_lambda():
            self.next()
            names = [] if self.sees(")") else self.list_of(self.name)
            self.need(")")
            self.need("->")
            return Node("lambda", at, names=names, body=self.expression())
        self.next()
        if self._starts_query():
            keep = self.at
            try:
                query = self.query()
                self.need(")")
                return Node("subquery", at, query=query)
            except Exception:
                # `((SELECT 1) + 1)`: an expression that begins with a query.
                if self.tokens[keep].word != "(":
                    raise
                self.at = keep
        items = self.list_of(self.expression)
        self.need(")")
        return items[0] if len(items) == 1 else Node("row", at, items=items)

    def _is_lambda(self) -> bool:
        by = 1
        while self.is_name(by) or self.ahead(by).word == ",":
            by += 1
        return self.ahead(by).word == ")" and self.ahead(by + 1).word == "->"

    def _named(self) -> Node:
        """A name, a call, a lambda or a literal of a type: all begin with a name."""
        token = self.now
        if self.ahead().kind in ("string", "unicode") and token.kind == "word" or token.word == "DOUBLE" and self.ahead().word == "PRECISION" and self.ahead(2).kind == "string":
            self.at += 2 if token.word == "DOUBLE" and self.ahead().word == "PRECISION" else 1
            return Node("typed", token.at, type=token.text.lower(), value=self.text(), value_at=self.tokens[self.at - 1].at)
        name = self.name()
        if self.sees("->"):
            self.next()
            return Node("lambda", token.at, names=[name], body=self.expression())
        parts, by = [name], 0
        while self.ahead(by).word == "." and self.is_name(by + 1):
            by += 2
        if self.ahead(by).word == "(" and by:
            while self.take("."):
                parts.append(self.name())
        if self.sees("("):
            return self._call(token, parts)
        return Node("name", token.at, name=name)

    def _call(self, token: Token, parts: list[str]) -> Node:
        self.need("(")
        distinct, order, star, arguments = False, [], False, []
        if self.take("*"):
            star = True
        elif not self.sees(")"):
            if self.is_name() and self.ahead().word == "." and self.ahead(2).word == "*":
                self.at += 2
                self.fail("<identifier>")
            distinct = self.take("DISTINCT")
            if not distinct:
                self.take("ALL")
            arguments = self.list_of(self.expression)
            if self.sees("ORDER"):
                order = self.order_by()
        self.need(")")
        return self._after_call(Node("call", token.at, name=parts[-1], path=parts[:-1], args=arguments, distinct=distinct, order=order, star=star), within=False)

    def _after_call(self, call: Node, within: bool) -> Node:
        parts = dict(call.parts)
        parts["within"] = None
        if within and self.take("WITHIN", "GROUP"):
            self.need("(")
            parts["within"] = self.order_by()
            self.need(")")
        parts["filter"] = None
        if self.take("FILTER"):
            self.need("(")
            self.need("WHERE")
            parts["filter"] = self.expression()
            self.need(")")
        parts["nulls"] = None
        if self.sees_any("IGNORE", "RESPECT") and self.ahead().word == "NULLS":
            parts["nulls"] = self.next().word
            self.next()
        parts["over"] = None
        if self.take("OVER"):
            parts["over"] = self.window() if self.sees("(") else self.name()
        return Node("call", call.at, **parts)

    def order_by(self) -> list[Node]:
        self.need("ORDER", "BY")
        return self.list_of(self._sort_item)

    def _sort_item(self) -> Node:
        at = self.now.at
        value = self.expression()
        descending = self.take("DESC")
        if not descending:
            self.take("ASC")
        nulls = None
        if self.take("NULLS"):
            if not self.sees_any("FIRST", "LAST"):
                self.fail("'FIRST', 'LAST'")
            nulls = self.next().word
        return Node("sort", at, value=value, descending=descending, nulls=nulls)

    def window(self) -> Node:
        at = self.now.at
        self.need("(")
        base = None
        if self.is_name() and not self.sees_any("PARTITION", "RANGE", "ROWS", "GROUPS", "MEASURES"):
            base = self.name()
        partition = self.list_of(self.expression) if self.take("PARTITION", "BY") else []
        order = self.order_by() if self.sees("ORDER") else []
        frame = self._frame() if self.sees_any("RANGE", "ROWS", "GROUPS") else None
        self.need(")")
        return Node("window", at, base=base, partition=partition, order=order, frame=frame)

    def _frame(self) -> Node:
        token = self.next()
        if self.take("BETWEEN"):
            start = self._bound()
            self.need("AND")
            end_bound = self._bound()
        else:
            start, end_bound = self._bound(), None
        return Node("frame", token.at, how=token.word, start=start, until=end_bound)

    def _bound(self) -> Node:
        at = self.now.at
        if self.take("CURRENT", "ROW"):
            return Node("bound", at, what="CURRENT ROW", value=None)
        value = None if self.take("UNBOUNDED") else self.expression()
        if not self.sees_any("PRECEDING", "FOLLOWING"):
            self.fail("'FOLLOWING', 'PRECEDING'")
        return Node("bound", at, what=self.next().word, value=value)
