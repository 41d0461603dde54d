"""Patterns of dates and times, to write and to read by: MySQL's (`date_format`) and Joda's (`format_datetime`). Both become lists of fields.

Source: trinodb/trino docs/src/main/sphinx/functions/datetime.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from sandbox.services.athena.trino import times
from sandbox.services.athena.trino.values import fault

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Field(NamedTuple):
    """A field of a time with the digits that it is written by at least and read by at most, or a text."""

    what: str
    least: int = 1
    most: int = 9
    text: str = ""


_MYSQL: dict[str, tuple[Field, ...]] = {
    "a": (Field("day name short"),), "b": (Field("month name short"),), "c": (Field("month", 1, 2),), "d": (Field("day", 2, 2),), "e": (Field("day", 1, 2),), "f": (Field("fraction", 6, 9),),
    "H": (Field("hour", 2, 2),), "h": (Field("hour12", 2, 2),), "I": (Field("hour12", 2, 2),), "i": (Field("minute", 2, 2),), "j": (Field("day of year", 3, 3),), "k": (Field("hour", 1, 2),), "l": (Field("hour12", 1, 2),),
    "M": (Field("month name"),), "m": (Field("month", 2, 2),), "p": (Field("half"),), "S": (Field("second", 2, 2),), "s": (Field("second", 2, 2),), "v": (Field("week", 2, 2),), "W": (Field("day name"),),
    "x": (Field("week year", 4, 4),), "Y": (Field("year", 4, 4),), "y": (Field("year2", 2, 2),), "%": (Field("text", text="%"),),
    "r": (Field("hour12", 2, 2), Field("text", text=":"), Field("minute", 2, 2), Field("text", text=":"), Field("second", 2, 2), Field("text", text=" "), Field("half")),
    "T": (Field("hour", 2, 2), Field("text", text=":"), Field("minute", 2, 2), Field("text", text=":"), Field("second", 2, 2)),
}  # fmt: skip


@functools.lru_cache(500)
def mysql(pattern: str) -> tuple[Field, ...]:
    fields: list[Field] = []
    at = 0
    while at < len(pattern):
        c = pattern[at]
        if c == "%" and at + 1 < len(pattern):
            letter = pattern[at + 1]
            if letter in "DUuVwX":
                fault(f"%{letter} not supported in date format string")
            fields += _MYSQL.get(letter, (Field("text", text=letter),))
            at += 2
        else:
            fields.append(Field("text", text=c))
            at += 1
    return tuple(fields)


_NUMBERS = {"y": "year", "Y": "year", "x": "week year", "w": "week", "e": "day of week", "D": "day of year", "d": "day", "H": "hour", "h": "hour12", "K": "hour11", "k": "hour24", "m": "minute", "s": "second", "C": "century"}


@functools.lru_cache(500)
def joda(pattern: str) -> tuple[Field, ...]:
    fields: list[Field] = []
    pieces = re.findall(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|([^A-Za-z']+)|(')", pattern)
    for at, (quoted, run, letter, other, lone) in enumerate(pieces):
        if not run:
            fields.append(Field("text", text="'" if quoted == "" and not other else (quoted.replace("''", "'") if quoted else other or lone)))
            continue
        size = len(run)
        following = pieces[at + 1][2] if at + 1 < len(pieces) else ""
        numeric = following in _NUMBERS or following in ("S", "M") and not (following == "M" and len(pieces[at + 1][1]) > 2)
        if letter in "yYx":
            if size == 2:
                fields.append(Field("year2" if letter != "x" else "week year2", 2, 2))
            else:
                fields.append(Field(_NUMBERS[letter], 1 if size < 4 and letter != "x" else size, size if numeric else 9))
                if size < 4 and letter != "x":
                    fields[-1] = Field(_NUMBERS[letter], size if size > 1 else 1, size if numeric else 9)
        elif letter == "M":
            fields.append(Field("month name") if size >= 4 else Field("month name short") if size == 3 else Field("month", size, 2))
        elif letter == "E":
            fields.append(Field("day name") if size >= 4 else Field("day name short"))
        elif letter == "S":
            fields.append(Field("fraction", size, size))
        elif letter == "a":
            fields.append(Field("half"))
        elif letter == "G":
            fields.append(Field("era"))
        elif letter == "z":
            fields.append(Field("zone name long") if size >= 4 else Field("zone name"))
        elif letter == "Z":
            fields.append(Field("zone id") if size >= 3 else Field("offset colon") if size == 2 else Field("offset"))
        elif letter in _NUMBERS:
            fields.append(Field(_NUMBERS[letter], size, max(size, 3 if letter == "D" else 2)))
        else:
            fault(f"Illegal pattern component: {run}")
    return tuple(fields)


# --- Writing -------------------------------------------------------------------------------------------------------------


def week_of(days: int) -> tuple[int, int]:
    """ISO's year and week of a day."""
    thursday = days - (days + 3) % 7 + 3
    year = times.date_of(thursday)[0]
    return year, (thursday - times.days_of(year, 1, 1)) // 7 + 1


def day_of_year(days: int) -> int:
    return days - times.days_of(times.date_of(days)[0], 1, 1) + 1


def write(fields: tuple[Field, ...], shown: int, instant: int, zone: str) -> str:
    """A time by a pattern: `shown` is what the clocks of its zone show."""
    at = times.civil(shown)
    days = shown // times.DAY
    out = []
    for field in fields:
        what = field.what
        if what == "text":
            out.append(field.text)
        elif what == "fraction":
            out.append(f"{at.micros // 1000:03}".ljust(max(field.least, 3), "0")[: field.least])
        elif what in _WRITTEN:
            out.append(_WRITTEN[what](at, days, instant, zone))
        else:
            number = _number(what, at, days)
            out.append(f"{'-' if number < 0 else ''}{abs(number):0{field.least}}")
    return "".join(out)


_NAMES = {
    "UTC": ("UTC", "Coordinated Universal Time"),
}


def _zone_name(instant: int, zone: str) -> str:
    import datetime

    if zone == "UTC" or zone[0] in "+-":
        return zone if zone == "UTC" else zone
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=instant)
    found = moment.astimezone(times._zone(zone)).tzname() or zone
    return found if found[0] not in "+-" else times.minutes_text(times.offset_at(instant, zone) // 60)


def _unknown_long(zone: str) -> str:
    if zone == "UTC":
        return "Coordinated Universal Time"
    from sandbox.kernel.engine import Refusal

    raise Refusal("NOT_SUPPORTED", "The sandbox's Athena does not know the long names of time zones (zzzz in a pattern), which AWS's does. Write ZZZ for the zone's id.")


_WRITTEN = {
    "day name": lambda at, days, instant, zone: DAYS[(days + 3) % 7],
    "day name short": lambda at, days, instant, zone: DAYS[(days + 3) % 7][:3],
    "month name": lambda at, days, instant, zone: MONTHS[at.month - 1],
    "month name short": lambda at, days, instant, zone: MONTHS[at.month - 1][:3],
    "half": lambda at, days, instant, zone: "AM" if at.hour < 12 else "PM",
    "era": lambda at, days, instant, zone: "AD" if at.year > 0 else "BC",
    "zone id": lambda at, days, instant, zone: zone,
    "zone name": lambda at, days, instant, zone: _zone_name(instant, zone),
    "zone name long": lambda at, days, instant, zone: _unknown_long(zone),
    "offset": lambda at, days, instant, zone: times.minutes_text(times.offset_at(instant, zone) // 60).replace(":", ""),
    "offset colon": lambda at, days, instant, zone: times.minutes_text(times.offset_at(instant, zone) // 60),
}


def _number(what: str, at: times.Civil, days: int) -> int:
    return {
        "year": lambda: at.year, "year2": lambda: at.year % 100, "month": lambda: at.month, "day": lambda: at.day, "hour": lambda: at.hour, "minute": lambda: at.minute, "second": lambda: at.second,
        "hour12": lambda: (at.hour - 1) % 12 + 1, "hour11": lambda: at.hour % 12, "hour24": lambda: at.hour or 24, "day of year": lambda: day_of_year(days), "week": lambda: week_of(days)[1], "week year": lambda: week_of(days)[0],
        "week year2": lambda: week_of(days)[0] % 100, "day of week": lambda: (days + 3) % 7 + 1, "century": lambda: at.year // 100,
    }[what]()  # fmt: skip


# --- Reading -------------------------------------------------------------------------------------------------------------

_LIMITS = {"month": (1, 12, "MonthOfYear"), "day": (1, 31, "DayOfMonth"), "hour": (0, 23, "HourOfDay"), "minute": (0, 59, "MinuteOfHour"), "second": (0, 59, "SecondOfMinute"), "hour12": (1, 12, "ClockHourOfAmPm"), "day of year": (1, 366, "DayOfYear"), "week": (1, 53, "WeekOfWeekBasedYear"), "hour24": (1, 24, "ClockHourOfDay"), "hour11": (0, 11, "HourOfAmPm"), "day of week": (1, 7, "DayOfWeek")}


def read(fields: tuple[Field, ...], text: str) -> tuple[int, str | None]:
    """The time that a text shows by a pattern, and its zone."""
    got: dict[str, int] = {}
    zone: str | None = None
    at = 0

    def wrong() -> None:
        fault(f'Invalid format: "{text}"' + (f' is malformed at "{text[at:]}"' if 0 < at < len(text) else " is too short" if at and at >= len(text) else ""))

    for field in fields:
        what = field.what
        if what == "text":
            if text[at : at + len(field.text)].lower() != field.text.lower():
                wrong()
            at += len(field.text)
        elif what in ("month name", "month name short", "day name", "day name short"):
            known = MONTHS if what.startswith("month") else DAYS
            for index, name in enumerate(known):
                found_name = next((each for each in (name, name[:3]) if text[at : at + len(each)].lower() == each.lower()), None)
                if found_name:
                    got["month" if known is MONTHS else "day of week"] = index + 1
                    at += len(found_name)
                    break
            else:
                wrong()
        elif what == "half":
            half = text[at : at + 2].upper()
            if half not in ("AM", "PM"):
                wrong()
            got["half"] = int(half == "PM")
            at += 2
        elif what == "era":
            at += 2
        elif what == "fraction":
            found = re.compile(r"\d{1,%d}" % max(field.most, 1)).match(text, at)
            if not found:
                wrong()
                raise AssertionError
            got["fraction"] = int(found[0].ljust(6, "0")[:6])
            at = found.end()
        elif what in ("offset", "offset colon", "zone id", "zone name"):
            found = re.compile(r"Z|[+-]\d\d:?\d\d|[+-]\d\d|[A-Za-z][A-Za-z_/+-]*(?:\d+)?").match(text, at)
            try:
                if not found or what.startswith("offset") and found[0][0].isalpha() and found[0] != "Z":
                    raise ValueError(text)
                zone = times.zone_named(found[0])
                at = found.end()
            except ValueError:
                wrong()
        else:
            found = re.compile(r"[+-]?\d{1,%d}" % field.most if what == "year" and field.most > 4 else r"\d{%d,%d}" % (2 if what == "year2" else 1, field.most)).match(text, at)
            if not found:
                wrong()
                raise AssertionError
            number = int(found[0])
            low, high, name = _LIMITS.get(what, (-(10**9), 10**9, what))
            if not low <= number <= high:
                fault(f"Invalid value for {name} (valid values {low} - {high}): {number}")
            got[what] = number
            at = found.end()
    if at < len(text):
        wrong()
    return _moment(got, text), zone


def _moment(got: dict[str, int], text: str) -> int:
    year = got.get("year", 1970)
    if "year2" in got:
        year = 1970 + (got["year2"] - 70) % 100
    hour = got.get("hour", 0)
    if "hour12" in got:
        hour = got["hour12"] % 12 + 12 * got.get("half", 0)
    elif "hour11" in got:
        hour = got["hour11"] + 12 * got.get("half", 0)
    elif "hour24" in got:
        hour = got["hour24"] % 24
    try:
        if "week" in got or "week year" in got:
            first = times.days_of(got.get("week year", year), 1, 4)
            days = first - (first + 3) % 7 + (got.get("week", 1) - 1) * 7 + got.get("day of week", 1) - 1
        elif "day of year" in got:
            days = times.days_of(year, 1, 1) + got["day of year"] - 1
        else:
            days = times.days_of(year, got.get("month", 1), got.get("day", 1))
    except ValueError:
        fault(f"Invalid date '{MONTHS[got.get('month', 1) - 1].upper()} {got.get('day', 1)}'")
    return days * times.DAY + (hour * 3600 + got.get("minute", 0) * 60 + got.get("second", 0)) * times.SECOND + got.get("fraction", 0)
