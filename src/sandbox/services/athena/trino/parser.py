"""The grammar of Trino's queries: from the text to a tree.

Source: trinodb/trino core/trino-grammar/src/main/antlr4/io/trino/grammar/sql/SqlBase.g4, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/sql/select.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import sys
from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.special import Special
from sandbox.services.athena.trino.syntax import Node, place

_JOINS = ("LEFT", "RIGHT", "FULL")
_AFTER_SELECT = "',', 'EXCEPT', 'FETCH', 'FROM', 'GROUP', 'HAVING', 'INTERSECT', 'LIMIT', 'OFFSET', 'ORDER', 'UNION', 'WHERE', 'WINDOW', <EOF>"


class Parser(Special):
    """Queries, from what binds least to what binds most."""

    def statement(self) -> Node:
        query = self.query()
        if self.now.kind != "end":
            self.fail(_AFTER_SELECT)
        return query

    def query(self) -> Node:
        at = self.now.at
        recursive, named = False, []
        if self.take("WITH"):
            recursive = self.take("RECURSIVE")
            named = self.list_of(self._named_query)
        return self._ordered(Node("with", at, recursive=recursive, named=named) if named else None)

    def _named_query(self) -> Node:
        at = self.now.at
        name = self.name()
        columns = None
        if self.take("("):
            columns = self.list_of(self.name)
            self.need(")")
        self.need("AS", "(")
        query = self.query()
        self.need(")")
        return Node("named", at, name=name, columns=columns, query=query)

    def _ordered(self, named: Node | None) -> Node:
        at = self.now.at
        body = self._union()
        order = self.order_by() if self.sees("ORDER") else []
        offset = limit = None
        ties = False
        if self.take("OFFSET"):
            offset = self._count()
            if not self.take("ROW"):
                self.take("ROWS")
        if self.take("LIMIT"):
            limit = Node("all", self.now.at) if self.take("ALL") else self._count("'?', 'ALL', <integer>")
        elif self.sees("FETCH"):
            fetch_at = self.next().at
            if not self.take("FIRST"):
                self.need("NEXT")
            limit = Node("integer", self.now.at, value=1) if self.sees_any("ROW", "ROWS") else self._count()
            if not self.take("ROW"):
                self.need("ROWS")
            if not self.take("ONLY"):
                self.need("WITH", "TIES")
                ties = True
                if not order:
                    raise Refusal("MISSING_ORDER_BY", f"{place(self.sql, fetch_at)}: FETCH FIRST WITH TIES clause requires ORDER BY")
        return Node("query", at, named=named, body=body, order=order, offset=offset, limit=limit, ties=ties)

    def _count(self, expecting: str = "'?', <integer>") -> Node:
        at = self.now.at
        if self.take("?"):
            return Node("parameter", at)
        if self.now.kind != "integer":
            self.fail(expecting)
        return Node("integer", at, value=int(self._integer()))

    def _union(self) -> Node:
        left = self._intersect()
        while self.sees_any("UNION", "EXCEPT"):
            token = self.next()
            left = Node("set", token.at, what=token.word, all=self._is_all(), left=left, right=self._intersect())
        return left

    def _intersect(self) -> Node:
        left = self._query_primary()
        while self.sees("INTERSECT"):
            token = self.next()
            left = Node("set", token.at, what="INTERSECT", all=self._is_all(), left=left, right=self._query_primary())
        return left

    def _is_all(self) -> bool:
        if self.take("DISTINCT"):
            return False
        return self.take("ALL")

    def _query_primary(self) -> Node:
        token = self.now
        if self.take("VALUES"):
            return Node("values", token.at, rows=self.list_of(self.expression))
        if self.take("TABLE"):
            return Node("table_query", token.at, name=self._qualified(), name_at=self.ahead(0).at)
        if self.take("("):
            inner = self._ordered(None) if not self.sees("WITH") else self.query()
            self.need(")")
            return inner
        if self.sees("SELECT"):
            return self._select()
        self.fail("'(', 'SELECT', 'TABLE', 'VALUES'")

    def _select(self) -> Node:
        at = self.next().at
        distinct = self.take("DISTINCT")
        if not distinct:
            self.take("ALL")
        items = self.list_of(self._item)
        sources: list[Node] = self.list_of(self.relation) if self.take("FROM") else []
        where = self.expression() if self.take("WHERE") else None
        group = self._group() if self.take("GROUP", "BY") else None
        having = self.expression() if self.take("HAVING") else None
        windows = self.list_of(self._named_window) if self.take("WINDOW") else []
        return Node("select", at, distinct=distinct, items=items, sources=sources, where=where, group=group, having=having, windows=windows)

    def _item(self) -> Node:
        at = self.now.at
        if self.sees("*"):
            self.next()
            return Node("star", at, of=None, columns=None)
        value = self.expression()
        if self.sees(".", "*"):
            self.at += 2
            columns = None
            if self.take("AS"):
                self.need("(")
                columns = self.list_of(self.name)
                self.need(")")
            return Node("star", at, of=value, columns=columns)
        name = None
        if self.take("AS"):
            name = self.name()
        elif self.is_name() and not self._clause_begins():
            name = self.name()
        return Node("item", at, value=value, name=name)

    def _named_window(self) -> Node:
        at = self.now.at
        name = self.name()
        self.need("AS")
        return Node("named_window", at, name=name, window=self.window())

    def _group(self) -> Node:
        at = self.now.at
        distinct = self.take("DISTINCT")
        if not distinct:
            self.take("ALL")
        return Node("group", at, distinct=distinct, elements=self.list_of(self._grouping_element))

    def _grouping_element(self) -> Node:
        at = self.now.at
        for words, kind in ((("ROLLUP",), "rollup"), (("CUBE",), "cube"), (("GROUPING", "SETS"), "sets")):
            if self.sees(*words, "("):
                self.at += len(words) + 1
                sets = [] if self.sees(")") else self.list_of(self._grouping_set)
                self.need(")")
                return Node(kind, at, sets=sets)
        return Node("simple", at, items=self._grouping_set())

    def _grouping_set(self) -> list[Node]:
        if self.sees("(") and not self._starts_query() and not self._is_lambda():
            keep = self.at
            self.next()
            items = [] if self.sees(")") else self.list_of(self.expression)
            self.need(")")
            if self.now.kind == "end" or self.sees_any(",", ")", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT", "INTERSECT", "WINDOW"):
                return items
            # `(a + b) / 2`: only an expression that begins with a parenthesis.
            self.at = keep
        return [self.expression()]

    # Relations -------------------------------------------------------------------------------------------------------

    def relation(self) -> Node:
        left = self._sampled()
        while True:
            token = self.now
            if self.take("CROSS", "JOIN"):
                left = Node("join", left.at, how="CROSS", left=left, right=self._sampled(), on=None, using=None, word_at=token.at)
                continue
            natural = self.sees("NATURAL")
            if natural:
                self.next()
            how = "INNER"
            if self.sees_any(*_JOINS) and (self.ahead().word in ("JOIN", "OUTER")):
                how = self.next().word
                self.take("OUTER")
                self.need("JOIN")
            elif self.take("INNER"):
                self.need("JOIN")
            elif not self.take("JOIN"):
                if natural:
                    self.fail("'FULL', 'INNER', 'JOIN', 'LEFT', 'RIGHT'")
                return left
            if natural:
                right = self._sampled()
                raise Refusal("NOT_SUPPORTED", f"{place(self.sql, left.at)}: Natural join not supported")
            right = self._joined_right()
            on = using = None
            if self.take("ON"):
                on = self.expression()
            elif self.take("USING"):
                self.need("(")
                using = self.list_of(lambda: Node("name", self.now.at, name=self.name()))
                self.need(")")
            else:
                self.fail("'ON', 'USING'")
            left = Node("join", left.at, how=how, left=left, right=right, on=on, using=using, word_at=token.at)

    def _joined_right(self) -> Node:
        """`a JOIN b JOIN c ON … ON …`: what follows JOIN may be joined itself before its own ON."""
        right = self._sampled()
        while not self.sees_any("ON", "USING"):
            keep = self.at
            token = self.now
            how = "INNER"
            if self.take("CROSS", "JOIN"):
                right = Node("join", right.at, how="CROSS", left=right, right=self._sampled(), on=None, using=None, word_at=token.at)
                continue
            if self.sees_any(*_JOINS) and self.ahead().word in ("JOIN", "OUTER"):
                how = self.next().word
                self.take("OUTER")
                self.need("JOIN")
            elif self.sees_any("INNER", "JOIN"):
                self.take("INNER")
                self.need("JOIN")
            else:
                break
            other = self._joined_right()
            if not self.take("ON"):
                self.at = keep
                break
            right = Node("join", right.at, how=how, left=right, right=other, on=self.expression(), using=None, word_at=token.at)
        return right

    def _sampled(self) -> Node:
        found = self._aliased()
        if self.sees("TABLESAMPLE"):
            at = self.next().at
            if not self.sees_any("BERNOULLI", "SYSTEM"):
                self.fail("'BERNOULLI', 'SYSTEM'")
            how = self.next().word
            self.need("(")
            share = self.expression()
            self.need(")")
            return Node("sample", at, relation=found, how=how, share=share)
        return found

    def _aliased(self) -> Node:
        at = self.now.at
        found = self._relation_primary()
        if self.sees("MATCH_RECOGNIZE"):
            raise Refusal("NOT_SUPPORTED", f"{place(self.sql, self.now.at)}: The sandbox's Athena does not run MATCH_RECOGNIZE, which AWS's has.")
        name = None
        if self.take("AS"):
            name = self.name()
        elif self.is_name() and not self._clause_begins():
            name = self.name()
        if name is None:
            return found
        columns = None
        if self.take("("):
            columns = self.list_of(self.name)
            self.need(")")
        if self.sees("MATCH_RECOGNIZE"):
            raise Refusal("NOT_SUPPORTED", f"{place(self.sql, self.now.at)}: The sandbox's Athena does not run MATCH_RECOGNIZE, which AWS's has.")
        return Node("alias", at, relation=found, name=name, columns=columns)

    def _clause_begins(self) -> bool:
        """LIMIT and its like are names too, where no clause of theirs follows."""
        following = self.ahead()
        if self.sees_any("LIMIT", "OFFSET"):
            return following.kind == "integer" or following.word in ("ALL", "?")
        if self.sees("FETCH"):
            return following.word in ("FIRST", "NEXT")
        if self.sees("WINDOW"):
            return self.ahead(2).word == "AS"
        return self.sees_any("TABLESAMPLE", "MATCH_RECOGNIZE")

    def _relation_primary(self) -> Node:
        token = self.now
        if self.sees("LATERAL", "("):
            self.at += 2
            query = self.query()
            self.need(")")
            return Node("lateral", token.at, query=query)
        if self.take("UNNEST"):
            self.need("(")
            items = self.list_of(self.expression)
            self.need(")")
            return Node("unnest", token.at, items=items, ordinality=self.take("WITH", "ORDINALITY"))
        if self.sees("TABLE", "(") or self.sees("JSON_TABLE", "("):
            raise Refusal("NOT_SUPPORTED", f"{place(self.sql, token.at)}: The sandbox's Athena does not run {'JSON_TABLE' if token.word == 'JSON_TABLE' else 'table functions (TABLE(…))'}, which AWS's may.")
        if self.sees("("):
            return self._parenthesised()
        if not self.is_name():
            self.fail("'(', 'JSON_TABLE', 'LATERAL', 'TABLE', 'UNNEST', <identifier>")
        return Node("table", token.at, name=self._qualified())

    def _parenthesised(self) -> Node:
        at = self.next().at
        keep = self.at
        if self._starts_query():
            try:
                query = self.query()
                self.need(")")
                return Node("derived", at, query=query)
            except Refusal:
                # `((SELECT 1) CROSS JOIN t)`
                if self.tokens[keep].word != "(":
                    raise
                self.at = keep
        relation = self.relation()
        self.need(")")
        return Node("nested", at, relation=relation)

    def _qualified(self) -> list[str]:
        parts = [self.name()]
        while self.sees(".") and self.is_name(1):
            self.next()
            parts.append(self.name())
        return parts


def parse(sql: str) -> Node:
    """The tree of a query."""
    try:
        return Parser(sql).statement()
    except RecursionError:
        raise Refusal("STACK_OVERFLOW", "The query is nested too deeply") from None


def parse_expression(sql: str) -> Node:
    """The tree of an expression alone: a parameter's value."""
    reader = Parser(sql)
    found = reader.expression()
    if reader.now.kind != "end":
        reader.fail("<EOF>")
    return found


def parse_type(text: str) -> Node:
    reader = Parser(text)
    return reader.type()


sys.setrecursionlimit(max(sys.getrecursionlimit(), 6000))
