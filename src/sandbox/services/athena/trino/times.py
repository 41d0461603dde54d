"""Days, microseconds and zones: what Trino's dates and times are made of, as numbers. Instants are microseconds since 1970, times of day picoseconds.

Source: trinodb/trino docs/src/main/sphinx/functions/datetime.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import datetime
import functools
import re
import zoneinfo
from typing import NamedTuple

from sandbox.services.athena.trino.values import fault

SECOND = 1_000_000
DAY = 86_400 * SECOND
PICOS_OF_DAY = 86_400 * 10**12
_EPOCH = datetime.date(1970, 1, 1).toordinal()

_DATE = re.compile(r"([+-]?\d{1,9})-(\d{1,2})-(\d{1,2})")
_TIMESTAMP = re.compile(r"([+-]?\d{4,9})-(\d{1,2})-(\d{1,2})(?:(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?)?(?:\s*(?<! )(?= |[+-])\s*([^\s].*)|(?<=\d)(Z))?)?")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?(?:\s*([+-])(\d\d):?(\d\d)?)?")
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d\d))?")


class Civil(NamedTuple):
    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    micros: int = 0


def days_of(year: int, month: int, day: int) -> int:
    """Days since 1970; ValueError if there is no such day."""
    if 1 <= year <= 9999:
        return datetime.date(year, month, day).toordinal() - _EPOCH
    cycles = (year - 2000) // 400
    return datetime.date(year - cycles * 400, month, day).toordinal() - _EPOCH + cycles * 146_097


def date_of(days: int) -> tuple[int, int, int]:
    ordinal = days + _EPOCH
    if 1 <= ordinal <= 3_652_059:
        found = datetime.date.fromordinal(ordinal)
        return found.year, found.month, found.day
    cycles = (days - 10_957) // 146_097
    found = datetime.date.fromordinal(ordinal - cycles * 146_097)
    return found.year + cycles * 400, found.month, found.day


def civil(micros: int) -> Civil:
    """What a clock without a zone shows."""
    days, rest = divmod(micros, DAY)
    seconds, fraction = divmod(rest, SECOND)
    return Civil(*date_of(days), seconds // 3600, seconds // 60 % 60, seconds % 60, fraction)


def micros_of(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micros: int = 0) -> int:
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise ValueError("no such time")
    return days_of(year, month, day) * DAY + (hour * 3600 + minute * 60 + second) * SECOND + micros


def rounded(micros: int, digits: int) -> int:
    """To so many digits of the second, half away from nothing as Trino does: half up."""
    if digits >= 6:
        return micros
    unit = 10 ** (6 - digits)
    return (micros + unit // 2) // unit * unit


# --- Zones ---------------------------------------------------------------------------------------------------------------


@functools.cache
def _names() -> dict[str, str]:
    return {each.lower(): each for each in zoneinfo.available_timezones()}


@functools.lru_cache(512)
def zone_named(text: str) -> str:
    """A zone as Trino writes it; ValueError if there is none of the name."""
    if text.upper() in ("UTC", "Z", "GMT", "UT", "ETC/UTC", "UCT", "ZULU", "GMT0", "ETC/GMT", "ETC/UCT", "ETC/ZULU", "ETC/GREENWICH", "GREENWICH", "UNIVERSAL", "ETC/UNIVERSAL"):
        return "UTC"
    found = _OFFSET.fullmatch(text.upper())
    if found:
        hours, minutes = int(found[2]), int(found[3] or 0)
        if hours > 14 or minutes > 59 or hours == 14 and minutes:
            raise ValueError(text)
        return "UTC" if hours == minutes == 0 else f"{found[1]}{hours:02}:{minutes:02}"
    name = _names().get(text.lower())
    if not name:
        raise ValueError(text)
    return name


@functools.lru_cache(512)
def _zone(name: str) -> datetime.tzinfo:
    if name == "UTC":
        return datetime.timezone.utc
    if name[0] in "+-":
        return datetime.timezone(datetime.timedelta(seconds=offset_seconds(name)))
    return zoneinfo.ZoneInfo(name)


def offset_seconds(name: str) -> int:
    """The seconds of a zone such as `+02:00`."""
    return (1 if name[0] == "+" else -1) * (int(name[1:3]) * 3600 + int(name[4:6]) * 60)


def offset_at(instant: int, name: str) -> int:
    """Seconds that a zone's clocks are ahead of UTC at an instant."""
    if name == "UTC":
        return 0
    if name[0] in "+-":
        return offset_seconds(name)
    seconds = min(max(instant // SECOND, -62_000_000_000), 253_000_000_000)
    found = (datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).astimezone(_zone(name)).utcoffset()
    return int(found.total_seconds()) if found else 0


def local(instant: int, name: str) -> int:
    """What the clocks of a zone show at an instant."""
    return instant + offset_at(instant, name) * SECOND


def instant_of(shown: int, name: str) -> int:
    """The instant at which a zone's clocks show this: the first, if there are two, and later by as much as was skipped, if there is none."""
    if name == "UTC":
        return shown
    if name[0] in "+-":
        return shown - offset_seconds(name) * SECOND
    at = civil(shown)
    if not 1 <= at.year <= 9999:
        return shown
    found = datetime.datetime(at.year, at.month, at.day, at.hour, at.minute, at.second, tzinfo=_zone(name)).utcoffset()
    return shown - (int(found.total_seconds()) if found else 0) * SECOND


# --- From text -----------------------------------------------------------------------------------------------------------


def read_date(text: str) -> int:
    found = _DATE.fullmatch(text.strip())
    try:
        if not found:
            raise ValueError(text)
        return days_of(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        fault(f"Value cannot be cast to date: {text}", "INVALID_CAST_ARGUMENT")


def _fraction(text: str | None, digits: int) -> int:
    """Microseconds of a fraction, rounded to the digits wanted; it may be a whole second."""
    if not text:
        return 0
    picos = int(text.ljust(12, "0"))
    unit = 10 ** (12 - min(digits, 6))
    return (picos + unit // 2) // unit * unit // 10**6


def split_timestamp(text: str, digits: int) -> tuple[int, str | None]:
    """What a text shows as date and time, rounded, and its zone if it names one. ValueError if it is none."""
    found = _TIMESTAMP.fullmatch(text)
    if not found:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, zone, zulu = found.groups()
    shown = micros_of(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)) + _fraction(fraction, digits)
    named = zone or zulu
    return shown, zone_named(named) if named else None


def read_timestamp(text: str, digits: int) -> int:
    try:
        return split_timestamp(text.strip(), digits)[0]
    except ValueError:
        fault(f"Value cannot be cast to timestamp: {text}", "INVALID_CAST_ARGUMENT")


def read_zoned(text: str, digits: int) -> dict[str, object]:
    try:
        shown, zone = split_timestamp(text.strip(), digits)
    except ValueError:
        fault(f"Value cannot be cast to timestamp: {text}", "INVALID_CAST_ARGUMENT")
    return zoned(instant_of(shown, zone or "UTC"), zone or "UTC")


def zoned(instant: int, zone: str) -> dict[str, object]:
    return {"t": instant, "z": zone}


def split_time(text: str, digits: int) -> tuple[int, int | None]:
    """Picoseconds of the day and the zone's minutes."""
    found = _TIME.fullmatch(text.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise ValueError(text)
    picos = int((found[4] or "0").ljust(12, "0"))
    unit = 10 ** (12 - digits)
    picos = (picos + unit // 2) // unit * unit
    whole = (int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)) * 10**12 + picos
    minutes = (1 if found[5] == "+" else -1) * (int(found[6]) * 60 + int(found[7] or 0)) if found[5] else None
    return whole % PICOS_OF_DAY, minutes


def read_time(text: str, digits: int) -> int:
    try:
        return split_time(text, digits)[0]
    except ValueError:
        fault(f"Value cannot be cast to time: {text}", "INVALID_CAST_ARGUMENT")


def read_zoned_time(text: str, digits: int) -> dict[str, object]:
    try:
        picos, minutes = split_time(text, digits)
    except ValueError:
        fault(f"Value cannot be cast to time with time zone: {text}", "INVALID_CAST_ARGUMENT")
    return {"t": picos, "z": minutes or 0}


# --- To text -------------------------------------------------------------------------------------------------------------


def date_text(days: int) -> str:
    year, month, day = date_of(days)
    return f"{year:04}-{month:02}-{day:02}" if 0 <= year <= 9999 else f"{'+' if year > 0 else '-'}{abs(year):04}-{month:02}-{day:02}"


def timestamp_text(micros: int, digits: int) -> str:
    at = civil(micros)
    fraction = f"{at.micros:06}".ljust(12, "0")[:digits]
    return f"{date_text(micros // DAY)} {at.hour:02}:{at.minute:02}:{at.second:02}{'.' if digits else ''}{fraction}"


def zoned_text(value: dict[str, object], digits: int) -> str:
    instant, zone = int(str(value["t"])), str(value["z"])
    return f"{timestamp_text(local(instant, zone), digits)} {zone}"


def time_text(picos: int, digits: int) -> str:
    seconds, fraction = divmod(picos, 10**12)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{'.' if digits else ''}{f'{fraction:012}'[:digits]}"


def minutes_text(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def day_interval_text(milliseconds: int) -> str:
    sign, rest = ("-" if milliseconds < 0 else ""), abs(milliseconds)
    days, rest = divmod(rest, 86_400_000)
    return f"{sign}{days} {rest // 3_600_000:02}:{rest // 60_000 % 60:02}:{rest // 1000 % 60:02}.{rest % 1000:03}"


def month_interval_text(months: int) -> str:
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"


# --- Intervals -----------------------------------------------------------------------------------------------------------

_PARTS = {"DAY": r"(?P<day>\d+)", "HOUR": r"(?P<hour>\d+)", "MINUTE": r"(?P<minute>\d+)", "SECOND": r"(?P<second>\d+)(?:\.(?P<fraction>\d{1,9}))?"}
_BETWEEN = {"DAY": r"\s+", "HOUR": ":", "MINUTE": ":"}


def read_interval(text: str, unit: str, to: str | None) -> tuple[str, int]:
    """`month` and a number of months, or `day` and one of milliseconds; ValueError if the text is no such interval."""
    sign = -1 if text.startswith("-") else 1
    text = text.lstrip("+-") if text[:1] in "+-" else text
    if unit in ("YEAR", "MONTH"):
        found = re.fullmatch(r"(\d+)-(\d+)" if to == "MONTH" and unit == "YEAR" else r"(\d+)", text)
        if not found:
            raise ValueError(text)
        months = int(found[1]) * 12 + int(found[2]) if found.re.groups == 2 else int(found[1]) * (12 if unit == "YEAR" else 1)
        return "month", sign * months
    units = [*_PARTS]
    wanted = units[units.index(unit) : units.index(to or unit) + 1]
    if not wanted:
        raise ValueError(text)
    pattern = "".join((_BETWEEN[wanted[at - 1]] if at else "") + _PARTS[each] for at, each in enumerate(wanted))
    match = re.fullmatch(pattern, text)
    if not match:
        raise ValueError(text)
    got = match.groupdict()
    whole = ((int(got.get("day") or 0) * 24 + int(got.get("hour") or 0)) * 60 + int(got.get("minute") or 0)) * 60 + int(got.get("second") or 0)
    return "day", sign * (whole * 1000 + int((got.get("fraction") or "0").ljust(3, "0")[:3]))
