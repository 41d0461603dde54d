"""Trino's functions on dates, times, time stamps and intervals.

Source: trinodb/trino docs/src/main/sphinx/functions/datetime.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.services.athena.trino import patterns, times
from sandbox.services.athena.trino.casts import cast
from sandbox.services.athena.trino.functions.defining import python, sql, typed
from sandbox.services.athena.trino.operators import date_months
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.types import DATE, VARCHAR, Type, varchar
from sandbox.services.athena.trino.values import Value, fault

_STAMPS = ("timestamp(p)", "timestamp(p) with time zone")
_ALL = ("date", "timestamp(p)", "timestamp(p) with time zone")

# --- Parts ---------------------------------------------------------------------------------------------------------------

_PARTS = {
    ("year",): "year", ("quarter",): "quarter", ("month",): "month", ("week", "week_of_year"): "week", ("day", "day_of_month"): "day",
    ("day_of_week", "dow"): "isodow", ("day_of_year", "doy"): "doy", ("year_of_week", "yow"): "isoyear",
}  # fmt: skip
_CLOCK = {"hour": "hour", "minute": "minute", "second": "second", "millisecond": "millisecond"}

for _names, _part in _PARTS.items():
    for _name in _names:
        sql(f"CAST(date_part('{_part}', {{0}}) AS BIGINT)", f"{_name}(date) bigint", f"{_name}(timestamp(p)) bigint")
for _name, _part in _CLOCK.items():
    _template = f"CAST(date_part('{_part}', {{0}}) AS BIGINT)" if _part != "millisecond" else "CAST(epoch_us({0}) // 1000 % 1000 + CASE WHEN epoch_us({0}) // 1000 % 1000 < 0 THEN 1000 ELSE 0 END AS BIGINT)"
    sql(_template, f"{_name}(timestamp(p)) bigint")


def _part_of(name: str) -> Any:
    def run_part(value: dict[str, Any]) -> int:
        shown = times.local(value["t"], value["z"])
        at, days = times.civil(shown), shown // times.DAY
        return {
            "year": at.year, "quarter": (at.month + 2) // 3, "month": at.month, "week": patterns.week_of(days)[1], "day": at.day, "isodow": (days + 3) % 7 + 1, "doy": patterns.day_of_year(days),
            "isoyear": patterns.week_of(days)[0], "hour": at.hour, "minute": at.minute, "second": at.second, "millisecond": at.micros // 1000,
        }[name]  # fmt: skip

    run_part.__qualname__ = f"part_{name}"
    return run_part


for _names, _part in [*_PARTS.items(), *(((name,), part) for name, part in _CLOCK.items())]:
    for _name in _names:
        python(f"{_name}(timestamp(p) with time zone) bigint")(_part_of(_part))

for _name, _unit, _most in (("hour", 3600 * 10**12, 24), ("minute", 60 * 10**12, 60), ("second", 10**12, 60), ("millisecond", 10**9, 1000)):
    sql(f"({{0}} // {_unit} % {_most})", f"{_name}(time(p)) bigint")
    sql(f"(({{0}}).t // {_unit} % {_most})", f"{_name}(time(p) with time zone) bigint")
for _name, _unit, _most in (("day", 86_400_000, 10**9), ("hour", 3_600_000, 24), ("minute", 60_000, 60), ("second", 1000, 60), ("millisecond", 1, 1000)):
    sql(f"({{0}} // {_unit} % {_most})", f"{_name}(interval day to second) bigint")
sql("CAST({0} // 12 AS BIGINT)", "year(interval year to month) bigint")
sql("CAST({0} % 12 AS BIGINT)", "month(interval year to month) bigint")


def _offset(value: dict[str, Any]) -> int:
    return times.offset_at(value["t"], value["z"])


@python("timezone_hour(timestamp(p) with time zone) bigint")
def timezone_hour(value: dict[str, Any]) -> int:
    return int(_offset(value) / 3600)


@python("timezone_minute(timestamp(p) with time zone) bigint")
def timezone_minute(value: dict[str, Any]) -> int:
    seconds = _offset(value)
    return (abs(seconds) // 60 % 60) * (1 if seconds >= 0 else -1)


sql("({0}).z", "timezone(timestamp(p) with time zone) varchar")


# --- Now -----------------------------------------------------------------------------------------------------------------

sql("'UTC'", "current_timezone() varchar")


# --- Truncating, adding, counting ----------------------------------------------------------------------------------------

_CLOCK_UNITS = {"millisecond": 1000, "second": times.SECOND, "minute": 60 * times.SECOND, "hour": 3600 * times.SECOND}
_DAY_UNITS = ("day", "week", "month", "quarter", "year")


def _truncated_day(days: int, unit: str) -> int:
    year, month, day = times.date_of(days)
    if unit == "week":
        return days - (days + 3) % 7
    if unit == "month":
        return days - day + 1
    if unit == "quarter":
        return times.days_of(year, (month - 1) // 3 * 3 + 1, 1)
    return times.days_of(year, 1, 1) if unit == "year" else days


@python("date_trunc(varchar(x), date) date")
def date_trunc_date(unit: str, days: int) -> int:
    if unit.lower() not in _DAY_UNITS:
        fault(f"'{unit}' is not a valid DATE field")
    return _truncated_day(days, unit.lower())


def _truncated(unit: str, micros: int) -> int:
    low = unit.lower()
    if low in _CLOCK_UNITS:
        return micros // _CLOCK_UNITS[low] * _CLOCK_UNITS[low]
    if low not in _DAY_UNITS:
        fault(f"'{unit}' is not a valid Timestamp field")
    return _truncated_day(micros // times.DAY, low) * times.DAY


@typed("date_trunc(varchar(x), timestamp(p)) timestamp(p)")
def date_trunc_timestamp(values: list[Value], returns: Type, tail: Any) -> str:
    unit = values[0].literal
    if isinstance(unit, str) and unit.lower() in ("second", "minute", "hour", *_DAY_UNITS):
        return f"date_trunc('{unit.lower()}', {values[1].sql})" if unit.lower() not in _DAY_UNITS else f"CAST(date_trunc('{unit.lower()}', {values[1].sql}) AS TIMESTAMP)"
    return python_call(_truncated, values, returns)


@python("date_trunc(varchar(x), timestamp(p) with time zone) timestamp(p) with time zone")
def date_trunc_zoned(unit: str, value: dict[str, Any]) -> dict[str, Any]:
    if unit.lower() in ("millisecond", "second"):
        return {**value, "t": _truncated(unit, value["t"])}
    shown = times.local(value["t"], value["z"])
    if unit.lower() in ("minute", "hour"):
        return {**value, "t": value["t"] - (shown - _truncated(unit, shown))}
    return {**value, "t": times.instant_of(_truncated(unit, shown), value["z"])}


@python("date_trunc(varchar(x), time(p)) time(p)")
def date_trunc_time(unit: str, picos: int) -> int:
    if unit.lower() not in _CLOCK_UNITS:
        fault(f"'{unit}' is not a valid TIME field")
    return picos // (_CLOCK_UNITS[unit.lower()] * 10**6) * (_CLOCK_UNITS[unit.lower()] * 10**6)


_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}


@python("date_add(varchar(x), bigint, date) date")
def date_add_date(unit: str, count: int, days: int) -> int:
    low = unit.lower()
    if low in _MONTHS:
        return date_months(days, count * _MONTHS[low])
    if low not in _DAYS:
        fault(f"'{unit}' is not a valid DATE field")
    return days + count * _DAYS[low]


def _added(unit: str, count: int, micros: int) -> int:
    low = unit.lower()
    if low in _CLOCK_UNITS:
        return micros + count * _CLOCK_UNITS[low]
    if low in _DAYS:
        return micros + count * _DAYS[low] * times.DAY
    if low not in _MONTHS:
        fault(f"'{unit}' is not a valid Timestamp field")
    days, rest = divmod(micros, times.DAY)
    return date_months(days, count * _MONTHS[low]) * times.DAY + rest


@typed("date_add(varchar(x), bigint, timestamp(p)) timestamp(p)")
def date_add_timestamp(values: list[Value], returns: Type, tail: Any) -> str:
    digits = returns.args[0]

    def run_added(unit: str, count: int, micros: int) -> int:
        return times.rounded(_added(unit, count, micros), digits)

    return python_call(run_added, values, returns, key=str(digits))


@typed("date_add(varchar(x), bigint, timestamp(p) with time zone) timestamp(p) with time zone")
def date_add_zoned(values: list[Value], returns: Type, tail: Any) -> str:
    digits = returns.args[0]

    def run_added_zoned(unit: str, count: int, value: dict[str, Any]) -> dict[str, Any]:
        found = _added_zoned(unit, count, value)
        return {**found, "t": times.rounded(found["t"], digits)}

    return python_call(run_added_zoned, values, returns, key=str(digits))


def _added_zoned(unit: str, count: int, value: dict[str, Any]) -> dict[str, Any]:
    if unit.lower() in _CLOCK_UNITS:
        return {**value, "t": _added(unit, count, value["t"])}
    return {**value, "t": times.instant_of(_added(unit, count, times.local(value["t"], value["z"])), value["z"])}


@python("date_add(varchar(x), bigint, time(p)) time(p)")
def date_add_time(unit: str, count: int, picos: int) -> int:
    if unit.lower() not in _CLOCK_UNITS:
        fault(f"'{unit}' is not a valid TIME field")
    return (picos + count * _CLOCK_UNITS[unit.lower()] * 10**6) % times.PICOS_OF_DAY


def _months_between(start: int, end: int) -> int:
    """Whole months: as many as may be added to the first without passing the second. In microseconds."""
    (a_days, a_rest), (b_days, b_rest) = divmod(start, times.DAY), divmod(end, times.DAY)
    a, b = times.date_of(a_days), times.date_of(b_days)
    months = (b[0] - a[0]) * 12 + b[1] - a[1]
    reached = date_months(a_days, months) * times.DAY + a_rest
    if months > 0 and reached > end:
        months -= 1
    if months < 0 and reached < end:
        months += 1
    return months


def _quotient(number: int, by: int) -> int:
    return abs(number) // by * (1 if number >= 0 else -1)


def _difference(unit: str, start: int, end: int, what: str) -> int:
    low = unit.lower()
    if low in _MONTHS:
        return _quotient(_months_between(start, end), _MONTHS[low])
    if low in _DAYS:
        return _quotient(end - start, _DAYS[low] * times.DAY)
    if low in _CLOCK_UNITS and what != "DATE":
        return _quotient(end - start, _CLOCK_UNITS[low])
    fault(f"'{unit}' is not a valid {what} field")


@python("date_diff(varchar(x), date, date) bigint")
def date_diff_date(unit: str, start: int, end: int) -> int:
    return _difference(unit, start * times.DAY, end * times.DAY, "DATE")


@python("date_diff(varchar(x), timestamp(p), timestamp(p)) bigint")
def date_diff_timestamp(unit: str, start: int, end: int) -> int:
    return _difference(unit, start, end, "Timestamp")


@python("date_diff(varchar(x), timestamp(p) with time zone, timestamp(p) with time zone) bigint")
def date_diff_zoned(unit: str, start: dict[str, Any], end: dict[str, Any]) -> int:
    if unit.lower() in _CLOCK_UNITS:
        return _difference(unit, start["t"], end["t"], "Timestamp")
    return _difference(unit, times.local(start["t"], start["z"]), times.local(end["t"], start["z"]), "Timestamp")


@python("date_diff(varchar(x), time(p), time(p)) bigint")
def date_diff_time(unit: str, start: int, end: int) -> int:
    if unit.lower() not in _CLOCK_UNITS:
        fault(f"'{unit}' is not a valid TIME field")
    return _quotient(end - start, _CLOCK_UNITS[unit.lower()] * 10**6)


sql("last_day({0})", "last_day_of_month(date) date", "last_day_of_month(timestamp(p)) date")


@python("last_day_of_month(timestamp(p) with time zone) date")
def last_day_zoned(value: dict[str, Any]) -> int:
    days = times.local(value["t"], value["z"]) // times.DAY
    return date_months(_truncated_day(days, "month"), 1) - 1


# --- Making --------------------------------------------------------------------------------------------------------------


@typed("date(varchar(x)) date", "date(timestamp(p)) date", "date(timestamp(p) with time zone) date")
def date_of(values: list[Value], returns: Type, tail: Any) -> Value:
    return cast(values[0], DATE)


def _zoned(instant: int, zone: str) -> dict[str, Any]:
    try:
        return {"t": instant, "z": times.zone_named(zone)}
    except ValueError:
        fault(f"'{zone}' is not a valid time zone")


def _unix(seconds: float) -> int:
    import math

    if math.isnan(seconds) or math.isinf(seconds) or abs(seconds) > 9e15:
        fault("Millis overflow: 9223372036854775807")
    return math.floor(seconds * 1000 + 0.5) * 1000


@python("from_unixtime(double) timestamp(3) with time zone")
def from_unixtime(seconds: float) -> dict[str, Any]:
    return {"t": _unix(seconds), "z": "UTC"}


@python("from_unixtime(double, varchar) timestamp(3) with time zone")
def from_unixtime_zone(seconds: float, zone: str) -> dict[str, Any]:
    return _zoned(_unix(seconds), zone)


@python("from_unixtime(double, bigint, bigint) timestamp(3) with time zone")
def from_unixtime_offset(seconds: float, hours: int, minutes: int) -> dict[str, Any]:
    return _zoned(_unix(seconds), times.minutes_text(hours * 60 + minutes))


@python("from_unixtime_nanos(bigint) timestamp(9) with time zone")
def from_unixtime_nanos(nanos: int) -> dict[str, Any]:
    return {"t": nanos // 1000, "z": "UTC"}


@python("from_unixtime_nanos(decimal(p, s)) timestamp(9) with time zone")
def from_unixtime_nanos_decimal(nanos: Any) -> dict[str, Any]:
    return {"t": int(nanos) // 1000, "z": "UTC"}


sql("(epoch_us({0}) / 1000000.0::DOUBLE)", "to_unixtime(timestamp(p)) double")
sql("(({0}).t / 1000000.0::DOUBLE)", "to_unixtime(timestamp(p) with time zone) double")


@python("with_timezone(timestamp(p), varchar) timestamp(p) with time zone")
def with_timezone(micros: int, zone: str) -> dict[str, Any]:
    found = _zoned(0, zone)
    return {"t": times.instant_of(micros, found["z"]), "z": found["z"]}


@python("at_timezone(timestamp(p) with time zone, varchar) timestamp(p) with time zone")
def at_timezone(value: dict[str, Any], zone: str) -> dict[str, Any]:
    return _zoned(value["t"], zone)


_ISO_DATE = r"([+-]?\d{1,9})(?:-(?:(\d\d?)(?:-(\d\d?))?|W(\d\d?)(?:-(\d))?|(\d{3})))?"
_ISO = re.compile(rf"{_ISO_DATE}(?:T(?:(\d\d?)(?::(\d\d?)(?::(\d\d?)(?:[.,](\d+))?)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?")


def _iso_day(found: re.Match[str]) -> int:
    year, month, day, week, weekday, ordinal = found.groups()[:6]
    if week:
        first = times.days_of(int(year), 1, 4)
        return first - (first + 3) % 7 + (int(week) - 1) * 7 + int(weekday or 1) - 1
    if ordinal and len(ordinal) == 3:
        return times.days_of(int(year), 1, 1) + int(ordinal) - 1
    return times.days_of(int(year), int(month or 1), int(day or 1))


@python("from_iso8601_date(varchar(x)) date")
def from_iso8601_date(text: str) -> int:
    found = re.fullmatch(_ISO_DATE, text)
    try:
        if not found:
            raise ValueError(text)
        return _iso_day(found)
    except ValueError:
        fault(f'Invalid format: "{text}"')


def _iso(text: str) -> dict[str, Any]:
    found = _ISO.fullmatch(text)
    try:
        if not found:
            raise ValueError(text)
        hour, minute, second, fraction, zone = found.groups()[6:]
        if int(hour or 0) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
            raise ValueError(text)
        micros = int((fraction or "0").ljust(6, "0")[:6])
        shown = _iso_day(found) * times.DAY + (int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)) * times.SECOND + micros
        name = times.zone_named(zone) if zone else "UTC"
        return {"t": times.instant_of(shown, name), "z": name}
    except ValueError:
        fault(f'Invalid format: "{text}"')


@python("from_iso8601_timestamp(varchar(x)) timestamp(3) with time zone")
def from_iso8601_timestamp(text: str) -> dict[str, Any]:
    found = _iso(text)
    return {**found, "t": found["t"] // 1000 * 1000}


@python("from_iso8601_timestamp_nanos(varchar(x)) timestamp(9) with time zone")
def from_iso8601_timestamp_nanos(text: str) -> dict[str, Any]:
    return _iso(text)


# --- To text and from it -------------------------------------------------------------------------------------------------


@typed("to_iso8601(date)", "to_iso8601(timestamp(p))", "to_iso8601(timestamp(p) with time zone)")
def to_iso8601(values: list[Value], returns: Type, tail: Any) -> Value:
    source = values[0].type
    if source == DATE:
        return Value(cast(values[0], VARCHAR).sql, varchar(16))
    digits = source.args[0]
    if source.name == "timestamp":
        return Value(f"replace({cast(values[0], VARCHAR).sql}, ' ', 'T')", varchar(22 + (digits + 1 if digits else 0)))

    def run_iso(value: dict[str, Any]) -> str:
        shown = times.timestamp_text(times.local(value["t"], value["z"]), digits).replace(" ", "T")
        return shown + ("Z" if value["z"] == "UTC" else times.minutes_text(_offset(value) // 60))

    kind = varchar(28 + (digits + 1 if digits else 0))
    return Value(python_call(run_iso, values, kind, key=str(digits)), kind)


@python("date_format(timestamp(p), varchar(x)) varchar")
def date_format(micros: int, pattern: str) -> str:
    return patterns.write(patterns.mysql(pattern), micros, micros, "UTC")


@python("date_format(timestamp(p) with time zone, varchar(x)) varchar")
def date_format_zoned(value: dict[str, Any], pattern: str) -> str:
    return patterns.write(patterns.mysql(pattern), times.local(value["t"], value["z"]), value["t"], value["z"])


@python("format_datetime(timestamp(p), varchar(x)) varchar")
def format_datetime(micros: int, pattern: str) -> str:
    if any(field.what.startswith(("zone", "offset")) for field in patterns.joda(pattern)):
        fault("format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information")
    return patterns.write(patterns.joda(pattern), micros, micros, "UTC")


@python("format_datetime(timestamp(p) with time zone, varchar(x)) varchar")
def format_datetime_zoned(value: dict[str, Any], pattern: str) -> str:
    return patterns.write(patterns.joda(pattern), times.local(value["t"], value["z"]), value["t"], value["z"])


@python("date_parse(varchar(x), varchar(y)) timestamp(3)")
def date_parse(text: str, pattern: str) -> int:
    return patterns.read(patterns.mysql(pattern), text)[0] // 1000 * 1000


@python("parse_datetime(varchar(x), varchar(y)) timestamp(3) with time zone")
def parse_datetime(text: str, pattern: str) -> dict[str, Any]:
    shown, zone = patterns.read(patterns.joda(pattern), text)
    return {"t": times.instant_of(shown // 1000 * 1000, zone or "UTC"), "z": zone or "UTC"}
