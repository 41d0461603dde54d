"""How a function is defined: by the engine's SQL, by Python, or as an aggregate.

Source: our own (how functions are written down here), 2026-11-28 (whole file)
"""

from __future__ import annotations

from typing import Any, Callable

from sandbox.services.athena.trino.library import function
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.types import Type
from sandbox.services.athena.trino.values import Value


def sql(template: str, *signatures: str) -> None:
    """By SQL: `{0}` is the first argument."""

    def compute(values: list[Any], returns: Type, tail: Any) -> str:
        return template.format(*(each.sql for each in values))

    function(*signatures)(compute)


def python(*signatures: str, nulls: bool = False, volatile: bool = False, **how: Any) -> Callable[[Any], Any]:
    """By a function of Python on one row's values."""

    def add(body: Any) -> Any:
        def compute(values: list[Any], returns: Type, tail: Any) -> str:
            return python_call(body, values, returns, nulls=nulls, volatile=volatile)

        function(*signatures, **how)(compute)
        return body

    return add


def typed(*signatures: str, **how: Any) -> Callable[[Any], Any]:
    """By what is made of the arguments' SQL and types: `(values, returns, tail)` to SQL or a value."""
    return function(*signatures, **how)


def aggregate(template: str, *signatures: str, window: bool = False) -> None:
    """An aggregate by SQL: `{d}` for DISTINCT, `{o}` for ORDER BY, `{n}` for IGNORE NULLS, `{a}` for what stands after the call."""

    def compute(values: list[Any], returns: Type, tail: Any) -> str:
        return template.format(*(each.sql for each in values), d=tail.distinct, o=tail.order, n=tail.nulls, a=tail.after)

    function(*signatures, **{"window" if window else "aggregate": True})(compute)


def gathered(*signatures: str, nulls: bool = False, keep_order: bool = True) -> Callable[[Any], Any]:
    """An aggregate by Python on the list of all rows' arguments: each a value, or a tuple of values if there are more."""

    def add(body: Any) -> Any:
        def compute(values: list[Any], returns: Type, tail: Any) -> str:
            from sandbox.services.athena.trino.types import array, row

            if len(values) == 1:
                listed = Value(f"list({tail.distinct}{values[0].sql}{tail.order}){tail.after}", array(values[0].type))
            else:
                kind = row(*((None, each.type) for each in values))
                packed = f"struct_pack({', '.join(f'f{at} := {each.sql}' for at, each in enumerate(values))})"
                listed = Value(f"list({tail.distinct}{packed}{tail.order}){tail.after}", array(kind))

            def run_gathered(rows: list[Any] | None) -> Any:
                given = rows or []
                if len(values) > 1:
                    given = [tuple(each.values()) for each in given]
                    if not nulls:
                        given = [each for each in given if None not in each]
                elif not nulls:
                    given = [each for each in given if each is not None]
                return body(given)

            return python_call(run_gathered, [listed], returns, nulls=True, key=f"{body.__module__}.{body.__qualname__}/{returns}/{[str(each.type) for each in values]}")

        function(*signatures, aggregate=True)(compute)
        return body

    return add
