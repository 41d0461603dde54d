"""Trino's functions on arrays, with lambdas and without.

Source: trinodb/trino docs/src/main/sphinx/functions/array.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import itertools
import random
from typing import Any

from sandbox.services.athena.trino.functions.defining import sql, typed
from sandbox.services.athena.trino.operators import equal, ordering
from sandbox.services.athena.trino.python_functions import failing, python_call
from sandbox.services.athena.trino.types import BOOLEAN, UNKNOWN, VARCHAR, Type, array, parts_of, row
from sandbox.services.athena.trino.values import Value, fault, let, null


PLAIN = ("boolean", "tinyint", "smallint", "integer", "bigint", "decimal", "date", "varchar", "timestamp", "time", "varbinary", "json")


def keyed(body: Any, *signatures: str, nulls: bool = False) -> None:
    """By Python that also gets the type of the first argument's elements."""

    def compute(values: list[Any], returns: Type, tail: Any) -> str:
        kind = values[0].type.args[0] if values[0].type.args else UNKNOWN

        def run_keyed(*given: Any) -> Any:
            return body(kind, *given)

        return python_call(run_keyed, values, returns, nulls=nulls, key=f"{body.__qualname__}/{values[0].type}")

    typed(*signatures)(compute)


def same(a: Any, b: Any, kind: Type) -> bool:
    """Not distinct: NULL is NULL, NaN is NaN."""
    if a is None or b is None:
        return a is b
    if kind.name == "row":
        return all(same(a[f"f{at}"], b[f"f{at}"], each) for at, each in enumerate(parts_of(kind)))
    if kind.name == "array":
        return len(a) == len(b) and all(same(x, y, kind.args[0]) for x, y in zip(a, b))
    if kind.name == "map":
        return len(a) == len(b) and all(any(same(k, l, kind.args[0]) and same(v, w, kind.args[1]) for l, w in b) for k, v in a)
    if isinstance(a, float) and a != a:
        return b != b
    return equal(a, b, kind) is True


def mark(value: Any, kind: Type) -> Any:
    """Something that hashes, the same for values that are not distinct."""
    if value is None:
        return None
    if kind.name == "row":
        return tuple(mark(value[f"f{at}"], each) for at, each in enumerate(parts_of(kind)))
    if kind.name == "array":
        return tuple(mark(each, kind.args[0]) for each in value)
    if kind.name == "map":
        return frozenset((mark(key, kind.args[0]), mark(each, kind.args[1])) for key, each in value)
    if kind.name == "timestamp with time zone":
        return value["t"]
    if kind.name == "time with time zone":
        return value["t"] - value["z"] * 60 * 10**12
    if isinstance(value, float):
        return "NaN" if value != value else value
    return value


def unique(values: list[Any], kind: Type) -> list[Any]:
    found: dict[Any, Any] = {}
    for each in values:
        found.setdefault(mark(each, kind), each)
    return list(found.values())


class Sorted:
    """A key to sort by, as Trino orders values."""

    def __init__(self, value: Any, kind: Type) -> None:
        self.value, self.kind = value, kind

    def __lt__(self, other: "Sorted") -> bool:
        return ordering(self.value, other.value, self.kind) < 0


sql("CAST(len({0}) AS BIGINT)", "cardinality(array(E)) bigint")
sql("CAST(len({0}) AS BIGINT)", "cardinality(hyperloglog) bigint")
sql("CAST(cardinality({0}) AS BIGINT)", "cardinality(map(K, V)) bigint")
sql("list_concat({0}, {1})", "concat(array(E), array(E)) array(E)")
sql("flatten([{0}, {1}, {2}])", "concat(array(E), array(E), array(E)) array(E)")
sql("flatten([{0}, {1}, {2}, {3}])", "concat(array(E), array(E), array(E), array(E)) array(E)")


@typed("concat(array(E), E) array(E)")
def append(values: list[Value], returns: Type, tail: Any) -> str:
    return f"(CASE WHEN {values[0].sql} IS NOT NULL AND {values[1].sql} IS NOT NULL THEN list_append({values[0].sql}, {values[1].sql}) END)"


@typed("concat(E, array(E)) array(E)")
def prepend(values: list[Value], returns: Type, tail: Any) -> str:
    return f"(CASE WHEN {values[0].sql} IS NOT NULL AND {values[1].sql} IS NOT NULL THEN list_prepend({values[0].sql}, {values[1].sql}) END)"


keyed(lambda kind, values: unique(values, kind), "array_distinct(array(E)) array(E)|E:comparable")


def _except(kind: Type, a: list[Any], b: list[Any]) -> list[Any]:
    out = {mark(each, kind) for each in b}
    return [each for each in unique(a, kind) if mark(each, kind) not in out]


def _intersect(kind: Type, a: list[Any], b: list[Any]) -> list[Any]:
    into = {mark(each, kind) for each in b}
    return [each for each in unique(a, kind) if mark(each, kind) in into]


keyed(_except, "array_except(array(E), array(E)) array(E)|E:comparable")
keyed(_intersect, "array_intersect(array(E), array(E)) array(E)|E:comparable")
keyed(lambda kind, a, b: unique([*a, *b], kind), "array_union(array(E), array(E)) array(E)|E:comparable")


def _overlap(kind: Type, a: list[Any], b: list[Any]) -> bool | None:
    known = {mark(each, kind) for each in b if each is not None}
    if any(each is not None and mark(each, kind) in known for each in a):
        return True
    return None if (None in a or None in b) and a and b else False


keyed(_overlap, "arrays_overlap(array(E), array(E)) boolean|E:comparable")


def _joined(kind: Type, values: list[Any], between: str, instead: str | None = None) -> str:
    from sandbox.services.athena.trino import text as texts
    from sandbox.services.athena.trino.casts import _written

    def shown(each: Any) -> str:
        if kind.name in ("double", "real"):
            return texts.scientific(texts.single(each) if kind.name == "real" else each)
        if kind.name in ("timestamp", "timestamp with time zone", "date"):
            return _written(each, kind, VARCHAR)
        return texts.shown(each, kind)

    return between.join(instead or "" if each is None else shown(each) for each in values if each is not None or instead is not None)


@typed("array_join(array(E), varchar) varchar", "array_join(array(E), varchar, varchar) varchar")
def array_join(values: list[Value], returns: Type, tail: Any) -> str:
    from sandbox.kernel.engine import Refusal
    from sandbox.services.athena.trino.casts import can_cast

    kind = values[0].type.args[0]
    if kind != UNKNOWN and kind != VARCHAR and not can_cast(kind, VARCHAR):
        raise Refusal("OPERATOR_NOT_FOUND", f"Cannot cast {kind} to varchar")

    def run_join(*given: Any) -> str:
        return _joined(kind, *given)

    return python_call(run_join, values, returns, key=str(kind))


def _extreme(way: int) -> Any:
    def body(kind: Type, values: list[Any]) -> Any:
        if not values or None in values:
            return None
        found = values[0]
        for each in values[1:]:
            if isinstance(found, float) and found != found or ordering(each, found, kind) * way > 0 and not (isinstance(each, float) and each != each):
                found = each
        return found

    body.__qualname__ = f"extreme_{way}"
    return body


keyed(_extreme(1), "array_max(array(E)) E|E:orderable")
keyed(_extreme(-1), "array_min(array(E)) E|E:orderable")
keyed(lambda kind, values, wanted: next((at for at, each in enumerate(values, 1) if each is not None and equal(each, wanted, kind)), 0), "array_position(array(E), E) bigint|E:comparable")


def _removed_unsure(kind: Type, values: list[Any], gone: Any) -> list[Any]:
    out = []
    for each in values:
        found = None if each is None else equal(each, gone, kind)
        if each is None or not found:
            out.append(each)
    return out


keyed(_removed_unsure, "array_remove(array(E), E) array(E)|E:comparable")


def _sorted(kind: Type, values: list[Any]) -> list[Any]:
    if any(each is not None and _holds_null(each, kind) for each in values):
        fault("Array contains elements not supported for comparison")
    return [*sorted((each for each in values if each is not None), key=lambda each: Sorted(each, kind)), *(each for each in values if each is None)]


def _holds_null(value: Any, kind: Type) -> bool:
    if kind.name == "array":
        return any(each is None or _holds_null(each, kind.args[0]) for each in value)
    if kind.name == "row":
        return any(value[f"f{at}"] is None or _holds_null(value[f"f{at}"], each) for at, each in enumerate(parts_of(kind)))
    return False


keyed(_sorted, "array_sort(array(E)) array(E)|E:orderable")


@typed("array_sort(array(E), function(E, E, integer)) array(E)")
def array_sort_by(values: list[Any], returns: Type, tail: Any) -> str:
    """By a lambda that compares: it is asked of every pair beforehand, since Python cannot ask the engine."""
    of, by = values[0], values[1]
    a, b = by.names
    kind = of.type.args[0]
    asked = let(of.sql, lambda v: f"list_transform({v}, lambda {a}: list_transform({v}, lambda {b}: {by.body.sql}))")
    return python_call(_by_answers, [of, Value(asked, array(array(Type("integer"))))], of.type, key=str(kind))


def _by_answers(values: list[Any], answers: list[list[int | None]]) -> list[Any]:
    import functools

    def compared(a: int, b: int) -> int:
        found = answers[a][b]
        if found not in (-1, 0, 1):
            fault("Lambda comparator must return either -1, 0, or 1")
        return found

    return [values[at] for at in sorted(range(len(values)), key=functools.cmp_to_key(compared))]


def _combinations(kind: Type, values: list[Any], count: int) -> list[list[Any]]:
    if not 0 <= count <= 5:
        fault("combination size must not be negative: %d" % count if count < 0 else "combination size must not exceed 5: %d" % count)
    return [list(each) for each in sorted(itertools.combinations(range(len(values)), count), key=lambda each: each[::-1])] and [[values[at] for at in each] for each in sorted(itertools.combinations(range(len(values)), count), key=lambda each: each[::-1])]


keyed(_combinations, "combinations(array(E), bigint) array(array(E))")


@typed("contains(array(E), E) boolean|E:comparable")
def contains(values: list[Value], returns: Type, tail: Any) -> str:
    kind = values[0].type.args[0]

    def run_contains(of: list[Any], wanted: Any) -> bool | None:
        unsure = False
        for each in of:
            found = equal(each, wanted, kind)
            if found:
                return True
            unsure = unsure or found is None
        return None if unsure else False

    return python_call(run_contains, values, BOOLEAN, key=str(kind))


def _contains_sequence(kind: Type, values: list[Any], part: list[Any]) -> bool:
    size = len(part)
    return any(all(same(x, y, kind) for x, y in zip(values[at : at + size], part)) for at in range(len(values) - size + 1))


keyed(_contains_sequence, "contains_sequence(array(E), array(E)) boolean|E:comparable")


@typed("element_at(array(E), bigint) E")
def element_at(values: list[Value], returns: Type, tail: Any) -> str:
    index = values[1].sql
    zero = failing("INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'", returns)
    return f"(CASE WHEN {index} = 0 AND {values[0].sql} IS NOT NULL THEN {zero} ELSE {values[0].sql}[{index}] END)" if values[1].literal == 0 or not values[1].is_literal else f"{values[0].sql}[{index}]"


sql("flatten(list_filter({0}, lambda e: e IS NOT NULL))", "flatten(array(array(E))) array(E)")


def _ngrams(kind: Type, values: list[Any], count: int) -> list[list[Any]]:
    if count <= 0:
        fault("N must be positive")
    return [values[at : at + count] for at in range(len(values) - count + 1)] if len(values) > count else [values]


keyed(_ngrams, "ngrams(array(E), bigint) array(array(E))")
sql("list_reverse({0})", "reverse(array(E)) array(E)")


@typed("shuffle(array(E)) array(E)")
def shuffle(values: list[Value], returns: Type, tail: Any) -> str:
    return python_call(_shuffled, values, returns, volatile=True)


def _shuffled(values: list[Any]) -> list[Any]:
    return random.sample(values, len(values))


def _slice(kind: Type, values: list[Any], start: int, length: int) -> list[Any]:
    if start == 0:
        fault("SQL array indices start at 1")
    if length < 0:
        fault("length must be greater than or equal to 0")
    at = start - 1 if start > 0 else len(values) + start
    return [] if at < 0 or at >= len(values) else values[at : at + length]


keyed(_slice, "slice(array(E), bigint, bigint) array(E)")


def _trimmed(kind: Type, values: list[Any], count: int) -> list[Any]:
    if count < 0:
        fault(f"size must not be negative: {count}")
    if count > len(values):
        fault(f"size must not exceed array cardinality {len(values)}: {count}")
    return values[: len(values) - count]


keyed(_trimmed, "trim_array(array(E), bigint) array(E)")


def _histogram(kind: Type, values: list[Any]) -> list[tuple[Any, int]]:
    found: dict[Any, list[Any]] = {}
    for each in values:
        if each is not None:
            found.setdefault(mark(each, kind), [each, 0])[1] += 1
    return [(key, count) for key, count in found.values()]


keyed(_histogram, "array_histogram(array(E)) map(E, bigint)")


@typed("zip(array(A), array(B))", "zip(array(A), array(B), array(C))", "zip(array(A), array(B), array(C), array(D))", "zip(array(A), array(B), array(C), array(D), array(E))")
def zipped(values: list[Value], returns: Type, tail: Any) -> Value:
    kind = row(*((None, each.type.args[0]) for each in values))

    def run_zip(*lists: list[Any]) -> list[Any]:
        return [{f"f{at}": each for at, each in enumerate(one)} for one in itertools.zip_longest(*lists)]

    return Value(python_call(run_zip, values, array(kind), key=str(kind)), array(kind))


sql("list_transform({0}, {1})", "transform(array(T), function(T, U)) array(U)")
sql("list_filter({0}, {1})", "filter(array(T), function(T, boolean)) array(T)")


def _matching(of: str, by: Any, kind: str) -> str:
    def body(v: str) -> str:
        answers = f"list_transform({v}, {by.sql})"
        # Of the answers: what one of them decides, else NULL if one is NULL, else the rest.
        return let(answers, lambda r: {
            "any": f"(CASE WHEN {r} IS NULL THEN NULL WHEN list_contains({r}, true) THEN true WHEN len(list_filter({r}, lambda e: e IS NULL)) > 0 THEN NULL ELSE false END)",
            "all": f"(CASE WHEN {r} IS NULL THEN NULL WHEN list_contains({r}, false) THEN false WHEN len(list_filter({r}, lambda e: e IS NULL)) > 0 THEN NULL ELSE true END)",
            "none": f"(CASE WHEN {r} IS NULL THEN NULL WHEN list_contains({r}, true) THEN false WHEN len(list_filter({r}, lambda e: e IS NULL)) > 0 THEN NULL ELSE true END)",
        }[kind])  # fmt: skip

    return let(of, body)


for _kind in ("any", "all", "none"):

    def _match(values: list[Any], returns: Type, tail: Any, kind: str = _kind) -> str:
        return _matching(values[0].sql, values[1], kind)

    typed(f"{_kind}_match(array(T), function(T, boolean)) boolean")(_match)


def folded(of: str, element: Type, start: Value, names: list[str], step: Value, state: Type) -> str:
    """All elements taken into a state, one after the other."""
    s, x = names
    first = f"struct_pack(s := {start.sql}, x := {null(element).sql})"
    items = f"list_transform({of}, lambda e0: struct_pack(s := {null(state).sql}, x := e0))"
    body = f"list_transform([struct_pack(s := {s}1.s, x := {x}1.x)], lambda {s}2: struct_pack(s := list_transform([{s}2.s], lambda {s}: list_transform([{s}2.x], lambda {x}: {step.sql})[1])[1], x := {s}2.x))[1]"
    return f"(list_reduce({items}, lambda {s}1, {x}1: {body}, {first})).s"


@typed("reduce(array(T), S, function(S, T, S), function(S, R)) R")
def reduce(values: list[Any], returns: Type, tail: Any) -> Value:
    of, start, step, last = values
    total = folded(of.sql, of.type.args[0], start, step.names, step.body, start.type)
    done = f"(CASE WHEN {of.sql} IS NOT NULL THEN list_transform([{total}], {last.sql})[1] END)"
    return Value(done, last.type)


@typed("zip_with(array(T), array(U), function(T, U, R)) array(R)")
def zip_with(values: list[Any], returns: Type, tail: Any) -> str:
    a, b, by = values
    x, y = by.names
    pairs = python_call(_pairs, [a, b], array(row((None, a.type.args[0]), (None, b.type.args[0]))), key=f"{a.type}{b.type}")
    return f"list_transform({pairs}, lambda {x}0: list_transform([{x}0.f0], lambda {x}: list_transform([{x}0.f1], lambda {y}: {by.body.sql})[1])[1])"


def _pairs(a: list[Any], b: list[Any]) -> list[dict[str, Any]]:
    return [{"f0": x, "f1": y} for x, y in itertools.zip_longest(a, b)]
