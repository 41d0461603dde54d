"""Trino's operators on its types.

Source: trinodb/trino docs/src/main/sphinx/functions/comparison.md, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/functions/math.md, 2026-11-28 (whole file)
Source: trinodb/trino docs/src/main/sphinx/functions/datetime.md, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from sandbox.services.athena.trino import times
from sandbox.services.athena.trino.casts import cast
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.types import BIGINT, BOOLEAN, DATE, DAY_TO_SECOND, DIGITS, INTEGERS, NUMBERS, TIMESTAMPS, YEAR_TO_MONTH, Type, common, decimal, engine_type, is_comparable, is_orderable, parts_of
from sandbox.services.athena.trino.values import Value, fault, let, null

NAMES = {"+": "addition", "-": "subtraction", "*": "multiplication", "/": "division", "%": "modulus"}


class NoOperator(Exception):
    """The operator does not take these types."""


class Ambiguous(NoOperator):
    """More than one operator may be meant: of a NULL."""


def _is_open(operator: str, known: Type, null_first: bool) -> bool:
    if known.name == "double":
        return operator == "*" or operator == "/" and null_first
    if known.name in NUMBERS:
        return False
    if known in (DAY_TO_SECOND, YEAR_TO_MONTH):
        return operator == "+" or operator == "-" and null_first
    return known.name == "unknown" or known.name in (*TIMESTAMPS, "time") and operator in "+-"


# --- Arithmetic ----------------------------------------------------------------------------------------------------------


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    a, b = left.type, right.type
    if a.name == "unknown" or b.name == "unknown":
        known = b if a.name == "unknown" else a
        if _is_open(operator, known, a.name == "unknown"):
            raise Ambiguous
        if known.name == "decimal":
            known = decimal(1, 0)
        if known == DATE or known in (DAY_TO_SECOND, YEAR_TO_MONTH):
            return null(known)
        left, right = cast(left, known) if a.name == "unknown" else left, cast(right, known) if b.name == "unknown" else right
        a, b = left.type, right.type
    if a.name in NUMBERS and b.name in NUMBERS:
        return _numbers(operator, left, right)
    found = _times(operator, left, right)
    if found is None and operator in "+*":
        found = _times(operator, right, left)
    if found is None:
        raise NoOperator
    return found


def _numbers(operator: str, left: Value, right: Value) -> Value:
    kind = common(left.type, right.type)
    assert kind
    if kind.name == "decimal":
        return _decimals(operator, left, right)
    a, b = cast(left, kind).sql, cast(right, kind).sql
    if kind.name in INTEGERS:
        return Value(f"({a} {'//' if operator == '/' else operator} {b})", kind)
    if operator == "/":
        if right.is_literal and right.literal:
            return Value(f"({a} / {b})", kind)
        return Value(let(b, lambda v: f"(CASE WHEN {v} = 0 THEN {python_call(_by_zero, [Value(a, kind), Value(v, kind)], kind)} ELSE {a} / {v} END)"), kind)
    if operator == "%":
        return Value(python_call(_remainder, [Value(a, kind), Value(b, kind)], kind), kind)
    return Value(f"({a} {operator} {b})", kind)


def _by_zero(a: float, b: float) -> float:
    import math

    return math.nan if not a or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


def _remainder(a: float, b: float) -> float:
    import math

    return math.fmod(a, b) if b and not math.isinf(a) else float("nan")


def _as_decimal(value: Value) -> Value:
    return value if value.type.name == "decimal" else cast(value, decimal(DIGITS[value.type.name], 0))


def _decimals(operator: str, left: Value, right: Value) -> Value:
    left, right = _as_decimal(left), _as_decimal(right)
    (p, s), (q, t) = left.type.args, right.type.args
    scale = max(s, t)
    if operator in "+-":
        kind = decimal(min(38, max(p - s, q - t) + scale + 1), scale)
    elif operator == "*":
        if s + t > 38:
            fault("DECIMAL scale must be in range [0, 38]", "NUMERIC_VALUE_OUT_OF_RANGE")
        kind = decimal(min(38, p + q), s + t)
    elif operator == "/":
        kind = decimal(min(38, p + t + max(t - s, 0)), scale)
        return Value(python_call(_ratio, [left, right, Value(str(scale), Type("integer"))], kind), kind)
    else:
        kind = decimal(min(38, min(p - s, q - t) + scale), scale)
        wide = decimal(min(38, max(p - s, q - t) + scale), scale)
        return Value(f"CAST({cast(left, wide).sql} % {cast(right, wide).sql} AS {engine_type(kind)})", kind)
    if operator in "+-" and kind.args[0] == 38:
        a, b = (f"CAST({each.sql} AS {engine_type(kind)})" for each in (left, right))
        return Value(f"({a} {operator} {b})", kind)
    return Value(f"CAST({left.sql} {operator} {right.sql} AS {engine_type(kind)})", kind)


def _ratio(a: Decimal, b: Decimal, scale: int) -> Decimal:
    if not b:
        fault("Division by zero", "DIVISION_BY_ZERO")
    with localcontext() as context:
        context.prec = 120
        return within((a / b).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP))


def within(number: Decimal) -> Decimal:
    """A decimal, if it has no more digits than Trino's may have."""
    if len(number.as_tuple().digits) > 38:
        fault("Decimal overflow", "NUMERIC_VALUE_OUT_OF_RANGE")
    return number


# --- Times ---------------------------------------------------------------------------------------------------------------


def _times(operator: str, left: Value, right: Value) -> Value | None:
    a, b = left.type, right.type
    if b == DAY_TO_SECOND and operator in "+-":
        if a == DAY_TO_SECOND:
            return Value(f"({left.sql} {operator} {right.sql})", a)
        if a == DATE:
            return Value(python_call(_day_moved, [left, Value(f"{'-' if operator == '-' else ''}({right.sql})", BIGINT)], DATE), DATE)
        if a.name in (*TIMESTAMPS, "time", "time with time zone"):
            kind = Type(a.name, (max(3, a.args[0]),))
            return moved(cast(left, kind), f"{'-' if operator == '-' else ''}({right.sql})")
    if b == YEAR_TO_MONTH and operator in "+-":
        if a == YEAR_TO_MONTH:
            return Value(f"({left.sql} {operator} {right.sql})", a)
        if a == DATE or a.name in TIMESTAMPS:
            return months_added(left, Value(f"CAST({'-' if operator == '-' else ''}({right.sql}) AS BIGINT)", BIGINT))
    if a == b == DATE and operator == "-":
        return Value(f"(CAST({left.sql} - {right.sql} AS BIGINT) * 86400000)", DAY_TO_SECOND)
    if operator == "-" and (a.name in TIMESTAMPS and (b.name in TIMESTAMPS or b == DATE) or a == DATE and b.name in TIMESTAMPS):
        kind = common(a, b)
        assert kind
        return Value(f"(({instant(cast(left, kind))} - {instant(cast(right, kind))}) // 1000)", DAY_TO_SECOND)
    if a.name == b.name == "time" and operator == "-":
        return Value(f"(({left.sql} - {right.sql}) // 1000000000)", DAY_TO_SECOND)
    if a in (DAY_TO_SECOND, YEAR_TO_MONTH) and b.name in NUMBERS:
        if operator == "*":
            # Trino multiplies in doubles only by a double.
            if b.name in INTEGERS:
                return Value(f"CAST({left.sql} * {right.sql} AS {engine_type(a)})", a)
            return Value(f"CAST({python_call(_interval_times, [left, cast(right, Type('double'))], BIGINT)} AS {engine_type(a)})", a)
        if operator == "/":
            return Value(f"CAST({python_call(_interval_by, [left, cast(right, Type('double'))], BIGINT)} AS {engine_type(a)})", a)
    return None


def _interval_times(amount: int, factor: float) -> int:
    if factor != factor:
        fault("Cannot multiply by double NaN")
    return int(max(-(2.0**63), min(2.0**63 - 1024, amount * factor))) if abs(amount * factor) < 2**63 else (2**63 - 1 if amount * factor > 0 else -(2**63))


def _interval_by(amount: int, divisor: float) -> int:
    from sandbox.services.athena.trino.text import double_text

    if divisor == 0 or divisor != divisor:
        fault(f"Cannot divide by double {double_text(divisor)}")
    return _interval_times(amount, 1 / divisor) if abs(amount / divisor) >= 2**63 else int(amount / divisor)


def instant(value: Value) -> str:
    """Microseconds of a time stamp, with a zone or without."""
    return f"({value.sql}).t" if value.type.name == "timestamp with time zone" else f"epoch_us({value.sql})"


def _day_moved(days: int, milliseconds: int) -> int:
    if milliseconds % 86_400_000:
        fault("Cannot add hour, minutes or seconds to a date")
    return days + milliseconds // 86_400_000


def moved(value: Value, milliseconds: str) -> Value:
    """A time, later by so many milliseconds."""
    kind = value.type
    if kind.name == "timestamp":
        return Value(f"make_timestamp(epoch_us({value.sql}) + {milliseconds} * 1000)", kind)
    if kind.name == "timestamp with time zone":
        return Value(python_call(_zoned_moved, [value, Value(f"CAST({milliseconds} AS BIGINT)", BIGINT)], kind), kind)
    return Value(python_call(_time_moved if kind.name == "time" else _zoned_time_moved, [value, Value(f"CAST({milliseconds} AS BIGINT)", BIGINT)], kind), kind)


def _zoned_moved(value: dict[str, Any], milliseconds: int) -> dict[str, Any]:
    return {**value, "t": value["t"] + milliseconds * 1000}


def _time_moved(picos: int, milliseconds: int) -> int:
    return (picos + milliseconds * 10**9) % times.PICOS_OF_DAY


def _zoned_time_moved(value: dict[str, Any], milliseconds: int) -> dict[str, Any]:
    return {**value, "t": _time_moved(value["t"], milliseconds)}


def months_added(value: Value, months: Value) -> Value:
    kind = value.type
    function = date_months if kind == DATE else timestamp_months if kind.name == "timestamp" else _zoned_months
    return Value(python_call(function, [value, months], kind), kind)


def date_months(days: int, months: int) -> int:
    """Months later, on the last day that the month has at most."""
    year, month, day = times.date_of(days)
    years, index = divmod(year * 12 + month - 1 + months, 12)
    for last in range(day, 0, -1):
        try:
            return times.days_of(years, index + 1, last)
        except ValueError:
            continue
    return days


def timestamp_months(micros: int, months: int) -> int:
    """Months later, at the same time of day."""
    days, rest = divmod(micros, times.DAY)
    return date_months(days, months) * times.DAY + rest


def _zoned_months(value: dict[str, Any], months: int) -> dict[str, Any]:
    shown = timestamp_months(times.local(value["t"], value["z"]), months)
    return {**value, "t": times.instant_of(shown, value["z"])}


# --- Comparison ----------------------------------------------------------------------------------------------------------


def compare(operator: str, left: Value, right: Value) -> Value:
    kind = common(left.type, right.type)
    if kind is None or not (is_comparable(kind) if operator in ("=", "<>") else is_orderable(kind)):
        raise NoOperator
    left, right = cast(left, kind), cast(right, kind)
    return Value(_compared(operator, left, right), BOOLEAN)


def _compared(operator: str, left: Value, right: Value) -> str:
    kind, a, b = left.type, left.sql, right.sql
    if kind.name in ("double", "real"):
        return _floating(operator, left, right)
    if kind.name == "timestamp with time zone":
        return f"(({a}).t {operator} ({b}).t)"
    if kind.name == "time with time zone":
        return f"(({a}).t - ({a}).z * 60000000000000 {operator} ({b}).t - ({b}).z * 60000000000000)"
    if kind.name in ("array", "map", "row"):
        return f"(NOT {_nested('=', kind, left, right)})" if operator == "<>" else _nested(operator, kind, left, right)
    return f"({a} {operator} {b})"


def _floating(operator: str, left: Value, right: Value) -> str:
    a, b = left.sql, right.sql
    plain = f"({a} {operator} {b})"
    # The engine takes NaN for equal to itself and more than all else.
    risky = [each for each in (left, right) if not each.is_literal]
    if not risky or operator == "=" and len(risky) == 1:
        return plain
    if operator == "<>":
        return f"(NOT {_floating('=', left, right)})"
    tests = [f"NOT isnan({each.sql})" for each in (risky[:1] if operator == "=" else risky)]
    return f"(CASE WHEN {plain} THEN {' AND '.join(tests)} ELSE {plain} END)"


def _nested(operator: str, kind: Type, left: Value, right: Value) -> str:
    return python_call(_comparer(operator, kind), [left, right], BOOLEAN, key=f"{operator}{kind}")


def _comparer(operator: str, kind: Type) -> Any:
    def nested_compare(a: Any, b: Any) -> bool | None:
        if operator == "=":
            return equal(a, b, kind)
        order = ordering(a, b, kind)
        return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]

    return nested_compare


def equal(a: Any, b: Any, kind: Type) -> bool | None:
    """Whether two values are the same; None where a NULL inside leaves it open."""
    if a is None or b is None:
        return None
    if kind.name == "array":
        if len(a) != len(b):
            return False
        return _all(equal(x, y, kind.args[0]) for x, y in zip(a, b))
    if kind.name == "row":
        return _all(equal(a[f"f{at}"], b[f"f{at}"], each) for at, each in enumerate(parts_of(kind)))
    if kind.name == "map":
        if len(a) != len(b):
            return False
        other = [(key, value) for key, value in b]
        found: list[bool | None] = []
        for key, value in a:
            match = next((one for one in other if equal(key, one[0], kind.args[0])), None)
            found.append(False if match is None else equal(value, match[1], kind.args[1]))
        return _all(iter(found))
    if kind.name == "timestamp with time zone":
        return a["t"] == b["t"]
    return a == b


def _all(results: Any) -> bool | None:
    found: bool | None = True
    for each in results:
        if each is False:
            return False
        if each is None:
            found = None
    return found


def ordering(a: Any, b: Any, kind: Type) -> int:
    """Less than 0 if a comes first, more if b does."""
    if a is None or b is None:
        fault(f"{kind} comparison not supported for NULL elements" if kind.name not in ("array", "row") else "comparison not supported for NULL elements", "NOT_SUPPORTED")
    if kind.name == "array":
        for x, y in zip(a, b):
            found = _inner(x, y, kind.args[0], kind)
            if found:
                return found
        return (len(a) > len(b)) - (len(a) < len(b))
    if kind.name == "row":
        for at, each in enumerate(parts_of(kind)):
            found = _inner(a[f"f{at}"], b[f"f{at}"], each, kind)
            if found:
                return found
        return 0
    if kind.name == "timestamp with time zone":
        a, b = a["t"], b["t"]
    if isinstance(a, float) and (a != a or b != b):
        return (a != a) - (b != b)
    return (a > b) - (a < b)


def _inner(a: Any, b: Any, kind: Type, whole: Type) -> int:
    if a is None or b is None:
        name = "Array" if whole.name == "array" else "ROW"
        fault(f"{name} comparison not supported for {'arrays' if whole.name == 'array' else 'rows'} with null elements", "NOT_SUPPORTED")
    return ordering(a, b, kind)


def distinct_from(left: Value, right: Value) -> Value:
    kind = common(left.type, right.type)
    if kind is None or not is_comparable(kind):
        raise NoOperator
    left, right = cast(left, kind), cast(right, kind)
    a, b = (f"({each.sql}).t" if kind.name == "timestamp with time zone" else each.sql for each in (left, right))
    return Value(f"({a} IS DISTINCT FROM {b})", BOOLEAN)
