"""Trino's aggregates and window functions.

Source: trinodb/trino docs/src/main/sphinx/functions/aggregate.md, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/functions/window.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.functions.arrays import Sorted, folded, mark
from sandbox.services.athena.trino.functions.bytes import xxh64
from sandbox.services.athena.trino.functions.defining import aggregate, gathered, typed
from sandbox.services.athena.trino.operators import ordering
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.types import BIGINT, DOUBLE, VARCHAR, Type, array, decimal, engine_type, map_of, row
from sandbox.services.athena.trino.values import Value, fault, null

aggregate("count(*){a}", "count() bigint")
aggregate("count({d}{0}){a}", "count(T) bigint")
aggregate("count(CASE WHEN {0} THEN 1 END){a}", "count_if(boolean) bigint")
for _kind in ("tinyint", "smallint", "integer", "bigint"):
    aggregate("CAST(sum({d}{0}){a} AS BIGINT)", f"sum({_kind}) bigint" if _kind == "bigint" else f"sum({_kind}) bigint")
aggregate("CAST(sum({d}{0}){a} AS DOUBLE)", "sum(double) double")
aggregate("CAST(sum({d}{0}){a} AS FLOAT)", "sum(real) real")
aggregate("CAST(sum({d}{0}){a} AS BIGINT)", "sum(interval day to second) interval day to second")
aggregate("CAST(sum({d}{0}){a} AS INTEGER)", "sum(interval year to month) interval year to month")


@typed("sum(decimal(p, s))", aggregate=True)
def sum_decimal(values: list[Value], returns: Type, tail: Any) -> Value:
    kind = decimal(38, values[0].type.args[1])
    return Value(f"CAST(sum({tail.distinct}{values[0].sql}){tail.after} AS {engine_type(kind)})", kind)


aggregate("CAST(avg({d}{0}){a} AS DOUBLE)", "avg(bigint) double", "avg(double) double")
aggregate("CAST(avg({d}{0}){a} AS FLOAT)", "avg(real) real")
aggregate("CAST(round(avg({d}{0}){a}) AS BIGINT)", "avg(interval day to second) interval day to second")
aggregate("CAST(round(avg({d}{0}){a}) AS INTEGER)", "avg(interval year to month) interval year to month")


@typed("avg(decimal(p, s))", aggregate=True)
def avg_decimal(values: list[Value], returns: Type, tail: Any) -> Value:
    kind = values[0].type
    total = Value(f"sum({tail.distinct}{values[0].sql}){tail.after}", decimal(38, kind.args[1]))
    count = Value(f"count({tail.distinct}{values[0].sql}){tail.after}", BIGINT)
    return Value(python_call(_mean, [total, count], kind), kind)


def _mean(total: Decimal, count: int) -> Decimal | None:
    if not count:
        return None
    with localcontext() as context:
        context.prec = 80
        return (total / count).quantize(Decimal(1).scaleb(int(total.as_tuple().exponent)), rounding=ROUND_HALF_UP)


_NATIVE = ("boolean", "tinyint", "smallint", "integer", "bigint", "decimal", "real", "double", "date", "varchar", "char", "timestamp", "time", "varbinary", "interval day to second", "interval year to month")


def _extreme(name: str, way: int) -> None:
    def one(values: list[Value], returns: Type, tail: Any) -> Value:
        kind = values[0].type
        if kind.name in ("double", "real"):
            # NaN is more than all else to the engine; Trino's comes last here, unless there is nothing else.
            return Value(f"coalesce({name}(CASE WHEN NOT isnan({values[0].sql}) THEN {values[0].sql} END){tail.after}, {name}({values[0].sql}){tail.after})", kind)
        if kind.name in _NATIVE or kind.name == "timestamp with time zone":
            return Value(f"{name}({values[0].sql}){tail.after}", kind)

        def run_extreme(rows: list[Any] | None) -> Any:
            found = None
            for each in rows or []:
                if each is not None and (found is None or ordering(each, found, kind) * way > 0):
                    found = each
            return found

        return Value(python_call(run_extreme, [Value(f"list({values[0].sql}){tail.after}", array(kind))], kind, nulls=True, key=f"{name}{kind}"), kind)

    typed(f"{name}(T) T|T:orderable", aggregate=True)(one)

    def several(values: list[Value], returns: Type, tail: Any) -> str:
        kind = values[0].type
        return _top(values, tail, kind, way, returns)

    typed(f"{name}(T, bigint) array(T)|T:orderable", aggregate=True)(several)

    def by(values: list[Value], returns: Type, tail: Any) -> str:
        return f"(arg_{name}(struct_pack(v := {values[0].sql}), {values[1].sql}){tail.after}).v"

    typed(f"{name}_by(V, K) V|K:orderable", aggregate=True)(by)

    def several_by(values: list[Value], returns: Type, tail: Any) -> str:
        return _top([values[0], values[2]], tail, values[0].type, way, returns, values[1])

    typed(f"{name}_by(V, K, bigint) array(V)|K:orderable", aggregate=True)(several_by)


def _top(values: list[Value], tail: Any, kind: Type, way: int, returns: Type, key: Value | None = None) -> str:
    sort = key or values[0]
    packed = f"struct_pack(f0 := {values[0].sql}, f1 := {sort.sql})"
    sort_kind = sort.type

    def run_top(rows: list[Any] | None, count: int | None) -> Any:
        if count is not None and count <= 0:
            fault("third argument of max_by/min_by must be a positive integer" if key else "second argument of max_n/min_n must be positive")
        known = [each for each in rows or [] if each["f1"] is not None]
        if not known or count is None:
            return None
        return [each["f0"] for each in sorted(known, key=lambda each: Sorted(each["f1"], sort_kind), reverse=way > 0)[:count]]

    listed = Value(f"list({packed}){tail.after}", array(row((None, kind), (None, sort_kind))))
    return python_call(run_top, [listed, Value(f"max({values[1].sql}){tail.after}", BIGINT)], returns, nulls=True, key=f"{way}{kind}{sort_kind}{bool(key)}")


_extreme("max", 1)
_extreme("min", -1)

aggregate("list({d}{0}{o}){a}", "array_agg(T) array(T)")
for _name in ("arbitrary", "any_value"):
    aggregate("any_value({0}){a}", f"{_name}(T) T")
for _name in ("bool_and", "every"):
    aggregate("bool_and({0}){a}", f"{_name}(boolean) boolean")
aggregate("bool_or({0}){a}", "bool_or(boolean) boolean")
aggregate("CAST(bit_and({0}){a} AS BIGINT)", "bitwise_and_agg(bigint) bigint")
aggregate("CAST(bit_or({0}){a} AS BIGINT)", "bitwise_or_agg(bigint) bigint")
aggregate("CAST(bit_xor({0}){a} AS BIGINT)", "bitwise_xor_agg(bigint) bigint")


@gathered("geometric_mean(real) real", "geometric_mean(double) double", "geometric_mean(bigint) double")
def geometric_mean(rows: list[float]) -> float | None:
    if not rows:
        return None
    return math.exp(sum(math.log(each) if each > 0 else -math.inf if each == 0 else math.nan for each in rows) / len(rows))


for _name, _own in (("stddev", "stddev_samp"), ("stddev_samp", "stddev_samp"), ("stddev_pop", "stddev_pop"), ("variance", "var_samp"), ("var_samp", "var_samp"), ("var_pop", "var_pop")):
    aggregate(f"{_own}({{d}}{{0}}){{a}}", f"{_name}(double) double")
    aggregate(f"{_own}({{d}}CAST({{0}} AS DOUBLE)){{a}}", f"{_name}(bigint) double")


@gathered("skewness(double) double")
def skewness(rows: list[float]) -> float | None:
    n = len(rows)
    if n < 3:
        return None
    mean = sum(rows) / n
    m2, m3 = sum((each - mean) ** 2 for each in rows), sum((each - mean) ** 3 for each in rows)
    return math.sqrt(n) * m3 / m2**1.5 if m2 else math.nan


@gathered("kurtosis(double) double")
def kurtosis(rows: list[float]) -> float | None:
    n = len(rows)
    if n < 4:
        return None
    mean = sum(rows) / n
    m2, m4 = sum((each - mean) ** 2 for each in rows), sum((each - mean) ** 4 for each in rows)
    if not m2:
        return math.nan
    return n * (n + 1) * (n - 1) / ((n - 2) * (n - 3)) * m4 / (m2 * m2) - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


def _moments(rows: list[tuple[float, float]]) -> tuple[int, float, float, float, float, float]:
    n = len(rows)
    my, mx = sum(y for y, _ in rows) / n, sum(x for _, x in rows) / n
    return n, my, mx, sum((y - my) ** 2 for y, _ in rows), sum((x - mx) ** 2 for _, x in rows), sum((y - my) * (x - mx) for y, x in rows)


def _pairs(name: str, body: Any) -> None:
    def run_pairs(rows: list[tuple[float, float]]) -> Any:
        return body(*_moments(rows)) if rows else None

    run_pairs.__qualname__ = f"pairs_{name}"
    gathered(f"{name}(double, double) double")(run_pairs)
    gathered(f"{name}(real, real) real")(run_pairs)


def _over(a: float, b: float) -> float | None:
    return a / b if b else math.nan


_pairs("covar_pop", lambda n, my, mx, yy, xx, xy: xy / n)
_pairs("covar_samp", lambda n, my, mx, yy, xx, xy: xy / (n - 1) if n > 1 else None)
_pairs("corr", lambda n, my, mx, yy, xx, xy: None if n < 2 else xy / math.sqrt(xx * yy) if xx and yy else math.nan)
_pairs("regr_slope", lambda n, my, mx, yy, xx, xy: None if n < 2 else _over(xy, xx))
_pairs("regr_intercept", lambda n, my, mx, yy, xx, xy: None if n < 2 else my - xy / xx * mx if xx else math.nan)


def by_kind(*signatures: str, nulls: bool = False) -> Any:
    """An aggregate by Python that also gets the types of its arguments."""

    def add(body: Any) -> Any:
        def compute(values: list[Any], returns: Type, tail: Any) -> str:
            kinds = [each.type for each in values]
            packed = f"struct_pack({', '.join(f'f{at} := {each.sql}' for at, each in enumerate(values))})"
            listed = Value(f"list({tail.distinct}{packed}{tail.order}){tail.after}", array(row(*((None, kind) for kind in kinds))))

            def run_by_kind(rows: list[Any] | None) -> Any:
                given = [tuple(each.values()) for each in rows or []]
                return body(kinds, given if nulls else [each for each in given if each[0] is not None])

            return python_call(run_by_kind, [listed], returns, nulls=True, key=f"{body.__qualname__}/{[str(each) for each in kinds]}")

        typed(*signatures, aggregate=True)(compute)
        return body

    return add


@by_kind("histogram(T) map(T, bigint)|T:comparable")
def histogram(kinds: list[Type], rows: list[Any]) -> Any:
    found: dict[Any, list[Any]] = {}
    for (each,) in rows:
        found.setdefault(mark(each, kinds[0]), [each, 0])[1] += 1
    return [(key, count) for key, count in found.values()] or None


@by_kind("map_agg(K, V) map(K, V)|K:comparable")
def map_agg(kinds: list[Type], rows: list[Any]) -> Any:
    found: dict[Any, tuple[Any, Any]] = {}
    for key, value in rows:
        found.setdefault(mark(key, kinds[0]), (key, value))
    return list(found.values()) or None


@by_kind("multimap_agg(K, V) map(K, array(V))|K:comparable")
def multimap_agg(kinds: list[Type], rows: list[Any]) -> Any:
    found: dict[Any, tuple[Any, list[Any]]] = {}
    for key, value in rows:
        found.setdefault(mark(key, kinds[0]), (key, []))[1].append(value)
    return list(found.values()) or None


@by_kind("map_union(map(K, V)) map(K, V)")
def map_union(kinds: list[Type], rows: list[Any]) -> Any:
    found: dict[Any, tuple[Any, Any]] = {}
    for (each,) in rows:
        for key, value in each:
            found.setdefault(mark(key, kinds[0].args[0]), (key, value))
    return list(found.values()) if rows else None


@typed("listagg(varchar(x)) varchar", "listagg(varchar(x), varchar(y)) varchar", aggregate=True)
def listagg(values: list[Value], returns: Type, tail: Any) -> str:
    between = values[1].sql if len(values) > 1 else "''"
    return f"string_agg({tail.distinct}{values[0].sql}, {between}{tail.order}){tail.after}"


aggregate("count(DISTINCT {0}){a}", "approx_distinct(T) bigint")
aggregate("count(DISTINCT {0}){a}", "approx_distinct(T, double) bigint")
@by_kind("checksum(T) varbinary", nulls=True)
def checksum(kinds: list[Type], rows: list[Any]) -> Any:
    if not rows:
        return None
    total = sum(_PRIME if each is None else _PRIME * _hash(each, kinds[0]) for (each,) in rows)
    return (total & (2**64 - 1)).to_bytes(8, "little")


_PRIME = 0x9E3779B185EBCA87


def _hash(value: Any, kind: Type) -> int:
    """Trino's hash of a value: XXH64 of its bytes."""
    import struct

    if kind.name in ("tinyint", "smallint", "integer", "bigint", "date", "timestamp", "interval day to second", "interval year to month", "time"):
        return xxh64(struct.pack("<q", value))
    if kind.name == "boolean":
        return xxh64(struct.pack("<q", 1 if value else 0))
    if kind.name == "double":
        return xxh64(struct.pack("<d", value or 0.0))
    if kind.name in ("varchar", "varbinary", "char"):
        return xxh64(value if isinstance(value, bytes) else value.encode())
    if kind.name == "decimal" and kind.args[0] <= 18:
        return xxh64(struct.pack("<q", int(value.scaleb(kind.args[1]))))
    raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena has no checksum of {kind}, which AWS's has.")


aggregate("list_filter(list(DISTINCT CAST({0} AS VARCHAR)){a}, lambda e: e IS NOT NULL)", "approx_set(varchar) hyperloglog", "approx_set(bigint) hyperloglog", "approx_set(double) hyperloglog")


@by_kind("approx_most_frequent(bigint, bigint, bigint) map(bigint, bigint)", "approx_most_frequent(bigint, varchar, bigint) map(varchar, bigint)")
def approx_most_frequent(kinds: list[Type], rows: list[Any]) -> Any:
    found: dict[Any, list[Any]] = {}
    for _, each, _ in rows:
        if each is not None:
            found.setdefault(mark(each, kinds[1]), [each, 0])[1] += 1
    if not rows:
        return None
    return [(key, count) for key, count in sorted(found.values(), key=lambda each: -each[1])[: rows[0][0]]]


def _percentile(pairs: list[tuple[Any, float]], share: float) -> Any:
    """The smallest value that so much of the weight does not lie above; a value that occurs."""
    total = sum(weight for _, weight in pairs)
    wanted, sofar = math.floor(share * total), 0.0
    for value, weight in pairs:
        sofar += weight
        if sofar > wanted or sofar >= total:
            return value
    return pairs[-1][0]


def _percentiles(name: str) -> None:
    @by_kind(f"approx_percentile({name}, double) {name}")
    def plain(kinds: list[Type], rows: list[Any]) -> Any:
        if not rows:
            return None
        _share(rows[0][1])
        return _percentile(sorted((each[0], 1.0) for each in rows), rows[0][1])

    @by_kind(f"approx_percentile({name}, array(double)) array({name})")
    def several(kinds: list[Type], rows: list[Any]) -> Any:
        if not rows:
            return None
        pairs = sorted((each[0], 1.0) for each in rows)
        return [_percentile(pairs, _share(one)) for one in rows[0][1]]

    @by_kind(f"approx_percentile({name}, double, double) {name}")
    def weighted(kinds: list[Type], rows: list[Any]) -> Any:
        return _percentile(sorted((each[0], each[1]) for each in rows), _share(rows[0][2])) if rows else None

    @by_kind(f"approx_percentile({name}, double, array(double)) array({name})")
    def weighted_several(kinds: list[Type], rows: list[Any]) -> Any:
        if not rows:
            return None
        pairs = sorted((each[0], each[1]) for each in rows)
        return [_percentile(pairs, _share(one)) for one in rows[0][2]]

    for each in (plain, several, weighted, weighted_several):
        each.__qualname__ = f"{each.__name__}_{name}"


def _share(share: float) -> float:
    if not 0 <= share <= 1:
        fault("Percentile must be between 0 and 1")
    return share


for _kind in ("bigint", "double", "real"):
    _percentiles(_kind)


@by_kind("numeric_histogram(bigint, real) map(real, real)", "numeric_histogram(bigint, double) map(double, double)", "numeric_histogram(bigint, double, double) map(double, double)", "numeric_histogram(bigint, real, double) map(real, real)")
def numeric_histogram(kinds: list[Type], rows: list[Any]) -> Any:
    if not rows:
        return None
    count = rows[0][0]
    if count < 2:
        fault("numeric_histogram bucket count must be greater than one")
    bins: list[list[float]] = []
    for each in rows:
        value, weight = each[1], each[2] if len(each) > 2 else 1.0
        if value is None:
            continue
        known = next((one for one in bins if one[0] == value), None)
        if known:
            known[1] += weight
        else:
            bins.append([value, weight])
    bins.sort()
    while len(bins) > count:
        at = min(range(len(bins) - 1), key=lambda index: bins[index + 1][0] - bins[index][0])
        (a, p), (b, q) = bins[at], bins[at + 1]
        bins[at : at + 2] = [[(a * p + b * q) / (p + q), p + q]]
    return [(value, weight) for value, weight in bins] or None


@typed("reduce_agg(T, S, function(S, T, S), function(S, S, S)) S", aggregate=True)
def reduce_agg(values: list[Any], returns: Type, tail: Any) -> str:
    of, start, step, _ = values
    listed = f"(list({of.sql}{tail.order}) FILTER (WHERE {of.sql} IS NOT NULL){tail.over})" if not tail.filter else f"list_filter(list({of.sql}{tail.order}){tail.after}, lambda e8: e8 IS NOT NULL)"
    first = Value(f"any_value({start.sql}){tail.over}", start.type) if not start.is_literal else start
    return f"(CASE WHEN len({listed}) > 0 THEN {folded(listed, of.type, first, step.names, step.body, start.type)} END)"


# --- Windows -------------------------------------------------------------------------------------------------------------

for _name in ("row_number", "rank", "dense_rank"):
    aggregate(f"{_name}(){{a}}", f"{_name}() bigint", window=True)
for _name in ("percent_rank", "cume_dist"):
    aggregate(f"{_name}(){{a}}", f"{_name}() double", window=True)


@typed("ntile(bigint) bigint", window=True)
def ntile(values: list[Value], returns: Type, tail: Any) -> str:
    if isinstance(values[0].literal, int) and values[0].literal <= 0:
        return python_call(_no_buckets, [values[0]], BIGINT)
    return f"ntile({values[0].sql}){tail.over}"


def _no_buckets(count: int) -> int:
    fault("Buckets must be greater than 0")


for _name in ("first_value", "last_value"):
    aggregate(f"{_name}({{0}}{{n}}){{a}}", f"{_name}(T) T", window=True)


@typed("nth_value(T, bigint) T", window=True)
def nth_value(values: list[Value], returns: Type, tail: Any) -> str:
    checked = python_call(_positive, [values[1]], BIGINT) if not (isinstance(values[1].literal, int) and values[1].literal > 0) else values[1].sql
    return f"nth_value({values[0].sql}, {checked}{tail.nulls}){tail.over}"


def _positive(offset: int) -> int:
    if offset < 1:
        fault("Offset must be at least 1")
    return offset


def _not_negative(offset: int) -> int:
    if offset < 0:
        fault("Offset must be at least 0")
    return offset


for _name in ("lag", "lead"):

    def _moved(values: list[Value], returns: Type, tail: Any, name: str = _name) -> str:
        rest = [each.sql for each in values[2:]]
        offset = []
        if len(values) > 1:
            known = isinstance(values[1].literal, int) and values[1].literal >= 0
            offset = [values[1].sql if known else python_call(_not_negative, [values[1]], BIGINT)]
        return f"{name}({', '.join([values[0].sql, *offset, *rest])}{tail.nulls}){tail.over}"

    typed(f"{_name}(T) T", f"{_name}(T, bigint) T", f"{_name}(T, bigint, T) T", window=True)(_moved)

__all__ = ["DOUBLE", "VARCHAR", "map_of", "null"]
