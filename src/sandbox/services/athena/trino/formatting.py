"""Java's String.format, as Trino's format() has it.

Source: trinodb/trino docs/src/main/sphinx/functions/conversion.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from sandbox.services.athena.trino import text as texts
from sandbox.services.athena.trino import times
from sandbox.services.athena.trino.types import INTEGERS, Type
from sandbox.services.athena.trino.values import fault

_SPECIFIER = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([tT])?([a-zA-Z%])?")
_CLASS = {"varchar": "java.lang.String", "char": "java.lang.String", "boolean": "java.lang.Boolean", "double": "java.lang.Double", "real": "java.lang.Float", "decimal": "java.math.BigDecimal", "date": "java.time.LocalDate", "timestamp": "java.time.LocalDateTime"}


def formatted(pattern: str, given: list[tuple[Any, Type]]) -> str:
    out, at, index, last = "", 0, 0, 0
    while at < len(pattern):
        if pattern[at] != "%":
            out += pattern[at]
            at += 1
            continue
        found = _SPECIFIER.match(pattern, at)
        assert found
        position, flags, width, precision, timed, how = found.groups()
        if not how:
            fault(f"Invalid format string: {pattern} (UnknownFormatConversion: Conversion = '%')")
        at = found.end()
        if how == "n":
            out += "\n"
            continue
        if how == "%":
            out += "%".ljust(int(width or 0)) if "-" in flags else "%".rjust(int(width or 0))
            continue
        if "<" in flags:
            which = last
        elif position:
            which = int(position) - 1
        else:
            which, index = index, index + 1
        if which >= len(given):
            fault(f"Invalid format string: {pattern} (MissingFormatArgument: Format specifier '{found[0]}')")
        last = which
        value, kind = given[which]
        piece = _date(value, kind, how, pattern) if timed else _one(value, kind, how, flags, precision, int(width or 0), pattern)
        if width and len(piece) < int(width):
            piece = piece.ljust(int(width)) if "-" in flags else piece.rjust(int(width))
        out += piece.upper() if how.isupper() or timed == "T" else piece
    return out


def _mismatch(how: str, kind: Type, pattern: str) -> None:
    java = "java.lang.Long" if kind.name in INTEGERS else _CLASS.get(kind.name, "java.lang.Object")
    fault(f"Invalid format string: {pattern} (IllegalFormatConversion: {how} != {java})")


def _one(value: Any, kind: Type, how: str, flags: str, precision: str | None, width: int, pattern: str) -> str:
    low = how.lower()
    if low == "s":
        shown = "null" if value is None else _string(value, kind)
        return shown[: int(precision)] if precision else shown
    if low == "b":
        return str(value).lower() if kind.name == "boolean" and value is not None else "false" if value is None else "true"
    if value is None:
        return "null"
    if low == "d":
        if kind.name not in INTEGERS:
            _mismatch(how, kind, pattern)
        return _signed(f"{abs(value):,}" if "," in flags else str(abs(value)), value < 0, flags, width)
    if low in ("x", "o"):
        if kind.name not in INTEGERS:
            _mismatch(how, kind, pattern)
        # Trino hands all integers over as long.
        number = value & (2**64 - 1)
        shown = f"{number:{low}}"
        if "#" in flags:
            shown = ("0x" if low == "x" else "0") + shown
        return shown.rjust(width, "0") if "0" in flags else shown
    if low == "c":
        if kind.name not in INTEGERS:
            _mismatch(how, kind, pattern)
        return chr(value)
    if low in ("f", "e", "g"):
        if kind.name not in ("double", "real", "decimal"):
            _mismatch(how, kind, pattern)
        return _float(value, kind, low, flags, 6 if precision is None else int(precision), width)
    if low == "h":
        return f"{_java_hash(str(value)) & 0xFFFFFFFF:x}"
    fault(f"Invalid format string: {pattern} (UnknownFormatConversion: Conversion = '{how}')")


def _java_hash(text: str) -> int:
    found = 0
    for each in text:
        found = (31 * found + ord(each)) & 0xFFFFFFFF
    return found


def _string(value: Any, kind: Type) -> str:
    if kind.name == "timestamp":
        at = times.civil(value)
        shown = f"{times.date_text(value // times.DAY)}T{at.hour:02}:{at.minute:02}"
        if at.second or at.micros:
            shown += f":{at.second:02}"
        if at.micros:
            shown += f".{at.micros // 1000:03}" if at.micros % 1000 == 0 else f".{at.micros:06}"
        return shown
    if kind.name == "timestamp with time zone":
        offset = times.offset_at(value["t"], value["z"])
        base = _string(times.local(value["t"], value["z"]), Type("timestamp", (3,)))
        if value["z"] == "UTC":
            return f"{base}Z[UTC]"
        return f"{base}{times.minutes_text(offset // 60)}" + ("" if value["z"][0] in "+-" else f"[{value['z']}]")
    if kind.name == "time":
        shown = times.time_text(value, 12).rstrip("0").rstrip(".")
        return shown[:5] if shown.endswith(":00") and len(shown) == 8 else shown
    if kind.name in ("double", "real", "decimal", "varchar", "boolean", "date", "char", *INTEGERS, "uuid", "json"):
        return texts.shown(value, kind)
    return texts.shown(value, kind)


def _signed(shown: str, negative: bool, flags: str, width: int) -> str:
    before, after = ("(", ")") if negative and "(" in flags else ("-" if negative else "+" if "+" in flags else " " if " " in flags else "", "")
    if "0" in flags:
        shown = shown.rjust(width - len(before) - len(after), "0")
    return before + shown + after


def _float(value: Any, kind: Type, how: str, flags: str, precision: int, width: int) -> str:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "NaN" if value != value else ("-" if value < 0 else "+" if "+" in flags else "") + "Infinity"
    number = value if isinstance(value, Decimal) else Decimal(repr(texts.single(value) if kind.name == "real" else value))
    negative = number.is_signed() and (number != 0 or isinstance(value, float))
    number = abs(number)
    with localcontext() as context:
        context.prec = 400
        if how == "g":
            precision = precision or 1
            if number and not Decimal("0.0001") <= number < Decimal(10) ** precision:
                how, precision = "e", precision - 1
            else:
                precision = precision - 1 - (number.adjusted() if number else 0)
                how = "f"
        if how == "f":
            rounded = number.quantize(Decimal(1).scaleb(-precision), rounding=ROUND_HALF_UP)
            shown = f"{rounded:,f}" if "," in flags else f"{rounded:f}"
        else:
            exponent = number.adjusted() if number else 0
            mantissa = number.scaleb(-exponent).quantize(Decimal(1).scaleb(-precision), rounding=ROUND_HALF_UP)
            if mantissa >= 10:
                mantissa, exponent = (mantissa / 10).quantize(Decimal(1).scaleb(-precision), rounding=ROUND_HALF_UP), exponent + 1
            shown = f"{mantissa:f}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"
    return _signed(shown, negative, flags, width)


def _date(value: Any, kind: Type, how: str, pattern: str) -> str:
    if value is None:
        return "null"
    if kind.name == "date":
        at = times.civil(value * times.DAY)
    elif kind.name == "timestamp":
        at = times.civil(value)
    elif kind.name == "timestamp with time zone":
        at = times.civil(times.local(value["t"], value["z"]))
    elif kind.name == "time":
        at = times.civil(value // 10**6)
    else:
        _mismatch(how, kind, pattern)
        raise AssertionError
    moment = datetime.datetime(max(1, at.year), at.month, at.day, at.hour, at.minute, at.second, at.micros)
    plain = {
        "Y": "%Y", "y": "%y", "m": "%m", "d": "%d", "B": "%B", "b": "%b", "h": "%b", "A": "%A", "a": "%a", "j": "%j", "H": "%H", "I": "%I", "M": "%M", "S": "%S",
        "F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y", "r": "%I:%M:%S %p",
    }  # fmt: skip
    if how in plain:
        return moment.strftime(plain[how])
    if how == "e":
        return str(at.day)
    if how == "k":
        return str(at.hour)
    if how == "l":
        return str((at.hour - 1) % 12 + 1)
    if how == "L":
        return f"{at.micros // 1000:03}"
    if how == "N":
        return f"{at.micros * 1000:09}"
    if how == "p":
        return "am" if at.hour < 12 else "pm"
    fault(f"Invalid format string: {pattern} (UnknownFormatConversion: Conversion = 't')")
