"""Trino's mathematical, bitwise and conversion functions.

Source: trinodb/trino docs/src/main/sphinx/functions/math.md, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/functions/bitwise.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import math
import random
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from sandbox.services.athena.trino.functions.defining import python, sql, typed
from sandbox.services.athena.trino.operators import within
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.types import BIGINT, DOUBLE, INTEGER, INTEGERS, Type, decimal, engine_type
from sandbox.services.athena.trino.values import Value, fault

_INTEGERS = ("tinyint", "smallint", "integer", "bigint")

for _kind in (*_INTEGERS, "real", "double"):
    sql("abs({0})", f"abs({_kind}) {_kind}")
sql("abs({0})", "abs(decimal(p, s)) decimal(p, s)")

for _name in ("ceil", "ceiling", "floor"):
    for _kind in _INTEGERS:
        sql("{0}", f"{_name}({_kind}) {_kind}")
    for _kind in ("real", "double"):
        sql(f"{_name.replace('ceiling', 'ceil')}({{0}})", f"{_name}({_kind}) {_kind}")


@typed("ceil(decimal(p, s))", "ceiling(decimal(p, s))")
def ceiling(values: list[Value], returns: Type, tail: Any) -> Value:
    return _whole(values[0], "ceil")


@typed("floor(decimal(p, s))")
def floor(values: list[Value], returns: Type, tail: Any) -> Value:
    return _whole(values[0], "floor")


def _whole(value: Value, name: str) -> Value:
    p, s = value.type.args
    kind = decimal(p - s + min(s, 1), 0) if p - s + min(s, 1) > 0 else decimal(1, 0)
    return Value(f"CAST({name}({value.sql}) AS {engine_type(kind)})", kind)


# --- Rounding ------------------------------------------------------------------------------------------------------------


def _round_integer(number: int, digits: int) -> int:
    if digits >= 0:
        return number
    unit = 10**-digits
    return (abs(number) + unit // 2) // unit * unit * (1 if number >= 0 else -1)


for _kind in _INTEGERS:
    sql("{0}", f"round({_kind}) {_kind}")
    python(f"round({_kind}, integer) {_kind}")(_round_integer)


def _round_double(number: float, digits: int) -> float:
    if math.isnan(number) or math.isinf(number):
        return number
    if digits > 300:
        return number
    with localcontext() as context:
        context.prec = 800
        # As Trino does it: times a power of ten, rounded, and back.
        factor = 10.0**digits
        scaled = number * factor
        if math.isinf(scaled) or factor == 0:
            return number if factor else 0.0
        rounded_up = math.floor(abs(scaled) + 0.5) if abs(scaled) < 2**52 else abs(scaled)
        return math.copysign(rounded_up / factor, number) if rounded_up or number >= 0 else -0.0 if math.copysign(1, number) < 0 else 0.0


@python("round(double) double", "round(real) real")
def round_whole(number: float) -> float:
    return _round_double(number, 0)


@python("round(double, integer) double")
def round_digits(number: float, digits: int) -> float:
    return _round_double(number, digits)


@python("round(real, integer) real")
def round_real(number: float, digits: int) -> float:
    from sandbox.services.athena.trino.text import single

    return _round_double(single(number), digits)


@typed("round(decimal(p, s))")
def round_decimal(values: list[Value], returns: Type, tail: Any) -> Value:
    p, s = values[0].type.args
    kind = decimal(max(1, p - s + min(1, s)), 0)
    return Value(f"CAST(round({values[0].sql}, 0) AS {engine_type(kind)})", kind)


@typed("round(decimal(p, s), integer)")
def round_decimal_digits(values: list[Value], returns: Type, tail: Any) -> Value:
    p, s = values[0].type.args
    kind = decimal(min(38, p + 1), s)
    return Value(python_call(_rounded_at, values, kind), kind)


def _rounded_at(number: Decimal, digits: int) -> Decimal:
    scale = -number.as_tuple().exponent if isinstance(number.as_tuple().exponent, int) else 0
    if digits >= scale:
        return number
    with localcontext() as context:
        context.prec = 80
        return within(number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP).quantize(Decimal(1).scaleb(-scale)))


@typed("truncate(decimal(p, s))")
def truncate_decimal(values: list[Value], returns: Type, tail: Any) -> Value:
    p, s = values[0].type.args
    kind = decimal(max(1, p - s), 0)
    return Value(f"CAST(trunc({values[0].sql}) AS {engine_type(kind)})", kind)


@python("truncate(decimal(p, s), integer) decimal(p, s)")
def truncate_digits(number: Decimal, digits: int) -> Decimal:
    scale = -int(number.as_tuple().exponent)
    if digits >= scale:
        return number
    with localcontext() as context:
        context.prec = 80
        return number.quantize(Decimal(1).scaleb(-digits), rounding="ROUND_DOWN").quantize(Decimal(1).scaleb(-scale))


sql("trunc({0})", "truncate(double) double", "truncate(real) real")


@python("sign(double) double", "sign(real) real")
def sign(number: float) -> float:
    return math.nan if math.isnan(number) else float((number > 0) - (number < 0))


for _kind in _INTEGERS:
    sql(f"CAST(sign({{0}}) AS {_kind.upper()})", f"sign({_kind}) {_kind}")
sql("CAST(sign({0}) AS DECIMAL(1,0))", "sign(decimal(p, s)) decimal(1, 0)")


@typed("mod(tinyint, tinyint)", "mod(smallint, smallint)", "mod(integer, integer)", "mod(bigint, bigint)", "mod(decimal(p, s), decimal(q, t))", "mod(real, real)", "mod(double, double)")
def modulus(values: list[Value], returns: Type, tail: Any) -> Value:
    from sandbox.services.athena.trino.operators import arithmetic

    return arithmetic("%", *values)


# --- Functions of doubles ------------------------------------------------------------------------------------------------


def _double(name: str, body: Any) -> None:
    def run_double(*numbers: float) -> float:
        try:
            return body(*numbers)
        except (ValueError, ZeroDivisionError):
            return math.nan
        except OverflowError:
            return math.inf

    run_double.__qualname__ = f"double_{name}"
    count = body.__code__.co_argcount if hasattr(body, "__code__") else 1
    python(f"{name}({', '.join(['double'] * count)}) double")(run_double)


def _ln(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def _power(x: float, y: float) -> float:
    try:
        found = math.pow(x, y)
    except ZeroDivisionError:
        return math.copysign(math.inf, x) if y % 2 == 1 else math.inf
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    except ValueError:
        return math.nan if x else math.copysign(math.inf, x) if y % 2 == 1 else math.inf
    # Java has no answer for one to the power of infinity.
    return math.nan if abs(x) == 1 and math.isinf(y) or math.isnan(y) and x == 1 else found


_double("sqrt", lambda x: math.sqrt(x))
_double("cbrt", lambda x: math.copysign(round(abs(x) ** (1 / 3), 15) if round(abs(x) ** (1 / 3)) ** 3 != abs(x) else round(abs(x) ** (1 / 3)), x))
_double("exp", lambda x: math.exp(x))
_double("ln", _ln)
_double("log2", lambda x: math.log2(x) if x > 0 else _ln(x))
_double("log10", lambda x: math.log10(x) if x > 0 else _ln(x))
_double("log", lambda b, x: _ln(x) / _ln(b) if _ln(b) else math.copysign(math.inf, _ln(x)) if _ln(x) else math.nan)
_double("power", _power)
_double("pow", _power)
for _name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"):
    _double(_name, (lambda f: lambda x: f(x))(getattr(math, _name)))
_double("atan2", lambda y, x: math.atan2(y, x))
_double("degrees", lambda x: math.degrees(x))
_double("radians", lambda x: x / 180.0 * math.pi)
sql("CAST('NaN' AS DOUBLE)", "nan() double")
sql("CAST('Infinity' AS DOUBLE)", "infinity() double")
sql("CAST(2.718281828459045 AS DOUBLE)", "e() double")
sql("CAST(3.141592653589793 AS DOUBLE)", "pi() double")
sql("isnan({0})", "is_nan(double) boolean", "is_nan(real) boolean")
sql("isinf({0})", "is_infinite(double) boolean")
sql("isfinite({0})", "is_finite(double) boolean")


def _z(p: float) -> float:
    import statistics

    return statistics.NormalDist().inv_cdf(p)


@python("inverse_normal_cdf(double, double, double) double")
def inverse_normal_cdf(mean: float, deviation: float, p: float) -> float:
    if not 0 < p < 1:
        fault("p must be in the interval (0, 1)")
    if deviation <= 0:
        fault("standardDeviation must be > 0")
    return mean + deviation * _z(p)


@python("normal_cdf(double, double, double) double")
def normal_cdf(mean: float, deviation: float, value: float) -> float:
    if deviation <= 0:
        fault("standardDeviation must be > 0")
    return 0.5 * (1 + math.erf((value - mean) / (deviation * math.sqrt(2))))


def _wilson(successes: int, trials: int, z: float, way: int) -> float:
    if successes < 0 or trials <= 0 or successes > trials or z < 0:
        fault("number of successes must not be negative, and not larger than the number of trials, which must be positive; z-score must not be negative")
    n, p = float(trials), successes / trials
    return (p + z * z / (2 * n) + way * z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)


@python("wilson_interval_lower(bigint, bigint, double) double")
def wilson_lower(successes: int, trials: int, z: float) -> float:
    return _wilson(successes, trials, z, -1)


@python("wilson_interval_upper(bigint, bigint, double) double")
def wilson_upper(successes: int, trials: int, z: float) -> float:
    return _wilson(successes, trials, z, 1)


@python("width_bucket(double, double, double, bigint) bigint")
def width_bucket(operand: float, low: float, high: float, count: int) -> int:
    if count <= 0:
        fault("bucketCount must be greater than 0")
    if math.isnan(operand):
        fault("operand must not be NaN")
    if math.isinf(low) or math.isnan(low):
        fault("first bound must be finite")
    if math.isinf(high) or math.isnan(high):
        fault("second bound must be finite")
    if low == high:
        fault("bounds cannot equal each other")
    lower, upper = min(low, high), max(low, high)
    if operand < lower:
        found = 0
    elif operand >= upper:
        found = count + 1
    else:
        found = int(count * (operand - lower) / (upper - lower)) + 1
    return found if low <= high else count - found + 1


@python("width_bucket(double, array(double)) bigint")
def width_bucket_of(operand: float, bins: list[float | None]) -> int:
    if not bins:
        fault("Bins cannot be an empty array")
    if math.isnan(operand):
        fault("Operand cannot be NaN")
    known = [each for each in bins if each is not None]
    if len(known) != len(bins):
        fault("Bin values cannot be NULL")
    if any(a > b for a, b in zip(known, known[1:])):
        fault("Bin values are not sorted in ascending order")
    return sum(each <= operand for each in known)


# --- Bits ----------------------------------------------------------------------------------------------------------------

for _name, _sign in (("bitwise_and", "&"), ("bitwise_or", "|"), ("bitwise_xor", "xor")):
    _template = "xor({0}, {1})" if _sign == "xor" else f"({{0}} {_sign} {{1}})"
    sql(_template, f"{_name}(bigint, bigint) bigint")
sql("(~{0})", "bitwise_not(bigint) bigint")


def _signed(number: int, bits: int) -> int:
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


def _shift(way: str, bits: int) -> Any:
    def run_shift(value: int, by: int) -> int:
        unsigned = value & ((1 << bits) - 1)
        if way == "left":
            return _signed(unsigned << by, bits) if 0 <= by < bits else 0
        if way == "right":
            return _signed(unsigned >> by, bits) if 0 <= by < bits else 0
        return value >> min(by, bits) if by >= 0 else value

    run_shift.__qualname__ = f"shift_{way}_{bits}"
    return run_shift


for _kind, _bits in zip(_INTEGERS, (8, 16, 32, 64)):
    python(f"bitwise_left_shift({_kind}, bigint) {_kind}")(_shift("left", _bits))
    python(f"bitwise_right_shift({_kind}, bigint) {_kind}")(_shift("right", _bits))
    python(f"bitwise_right_shift_arithmetic({_kind}, bigint) {_kind}")(_shift("arithmetic", _bits))


@python("bit_count(bigint, bigint) bigint")
def bit_count(value: int, bits: int) -> int:
    if bits <= 1 or bits > 64:
        fault(f"Bits specified in bit_count must be between 2 and 64, got {bits}")
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        fault(f"Number must be representable with the bits specified. {value} cannot be represented with {bits} bits")
    return (value & ((1 << bits) - 1)).bit_count()


# --- Bases, random numbers, the larger and the smaller -------------------------------------------------------------------


@python("from_base(varchar, bigint) bigint")
def from_base(text: str, base: int) -> int:
    if not 2 <= base <= 36:
        fault("Radix must be between 2 and 36")
    try:
        if not text or "_" in text or text != text.strip():
            raise ValueError(text)
        found = int(text, base)
        if not -(2**63) <= found < 2**63:
            raise ValueError(text)
        return found
    except ValueError:
        fault(f"Not a valid base-{base} number: {text}")


@python("to_base(bigint, bigint) varchar(64)")
def to_base(number: int, base: int) -> str:
    if not 2 <= base <= 36:
        fault("Radix must be between 2 and 36")
    digits, rest = "", abs(number)
    while rest or not digits:
        rest, digit = divmod(rest, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"{'-' if number < 0 else ''}{digits}"


for _name in ("random", "rand"):
    sql("random()", f"{_name}() double")

    @python(f"{_name}(bigint) bigint", f"{_name}(integer) integer", volatile=True)
    def random_below(limit: int) -> int:
        if limit <= 0:
            fault("bound must be positive")
        return random.randrange(limit)

    @python(f"{_name}(bigint, bigint) bigint", f"{_name}(integer, integer) integer", volatile=True)
    def random_between(start: int, stop: int) -> int:
        if start >= stop:
            fault("start value must be less than stop value")
        return random.randrange(start, stop)


def _extreme(way: int) -> Any:
    def compute(values: list[Value], returns: Type, tail: Any) -> Value:
        kind = values[0].type
        if kind.name in (*INTEGERS, "decimal", "varchar", "date", "timestamp", "time", "boolean", "char"):
            nulls = " OR ".join(f"{each.sql} IS NULL" for each in values if not each.is_literal) or "false"
            return Value(f"(CASE WHEN {nulls} THEN NULL ELSE {'greatest' if way > 0 else 'least'}({', '.join(each.sql for each in values)}) END)", kind)

        def run_extreme(*given: Any) -> Any:
            from sandbox.services.athena.trino.operators import ordering

            found = given[0]
            for each in given[1:]:
                if isinstance(found, float) and found != found or ordering(each, found, kind) * way > 0 and not (isinstance(each, float) and each != each):
                    found = each
            return found

        return Value(python_call(run_extreme, values, kind, key=f"{way}{kind}"), kind)

    return compute


typed("greatest(T...) T|T:orderable")(_extreme(1))
typed("least(T...) T|T:orderable")(_extreme(-1))

__all__ = ["BIGINT", "DOUBLE", "INTEGER"]
