"""What has no other place: casts with names of their own, words for durations and sizes, versions.

Source: trinodb/trino docs/src/main/sphinx/functions/conversion.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.services.athena.trino.functions.defining import python, sql
from sandbox.services.athena.trino.library import Function, functions
from sandbox.services.athena.trino.parser import parse_type
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.values import fault

_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}


@python("parse_duration(varchar) interval day to second")
def parse_duration(text: str) -> int:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text)
    if not found or found[2] not in _SECONDS:
        fault(f"duration is not a valid data duration string: {text}" if not found else f"Unknown time unit: {found[2]}")
    return round(float(found[1]) * _SECONDS[found[2]] * 1000)


sql("{0}", "to_milliseconds(interval day to second) bigint")


@python("human_readable_seconds(double) varchar")
def human_readable_seconds(seconds: float) -> str:
    if seconds != seconds or seconds in (float("inf"), float("-inf")):
        fault(f"Invalid argument found: {seconds}")
    rest = abs(int(seconds + (0.5 if seconds >= 0 else -0.5)))
    parts = []
    for name, size in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, size)
        if count or name == "second" and not parts:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return ", ".join(parts)


_SIZES = {"B": 0, "kB": 1, "MB": 2, "GB": 3, "TB": 4, "PB": 5, "EB": 6, "ZB": 7, "YB": 8}


@python("parse_data_size(varchar) decimal(38, 0)", "parse_presto_data_size(varchar) decimal(38, 0)")
def parse_data_size(text: str) -> Any:
    from decimal import Decimal

    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text)
    if not found or found[2] not in _SIZES:
        fault(f"Invalid data size: '{text}'")
    return Decimal(int(Decimal(found[1]) * 1024 ** _SIZES[found[2]]))


@python("format_number(double) varchar", "format_number(bigint) varchar")
def format_number(number: float) -> str:
    sign, rest = ("-" if number < 0 else ""), abs(number)
    for unit in ("", "K", "M", "B", "T", "Q"):
        if rest < 1000 or unit == "Q":
            break
        rest = rest / 1000 if isinstance(rest, float) or rest % 1000 else rest // 1000
    from decimal import ROUND_HALF_UP, Decimal

    exact = Decimal(str(rest))
    digits = 0 if exact >= 100 else 1 if exact >= 10 else 2
    found = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = format(found, "f")
    return f"{sign}{text.rstrip('0').rstrip('.') if '.' in text else text}{unit}"


sql("CAST(uuid() AS VARCHAR)", "uuid() uuid")



def _deeper(depth: int) -> int:
    if depth >= 10:
        fault("Recursion depth limit exceeded (10). Use 'max_recursion_depth' session property to modify the limit.", "NOT_SUPPORTED")
    return depth + 1


functions["$deeper"] = [Function("$deeper", [parse_type("integer")], parse_type("integer"), lambda values, returns, tail: python_call(_deeper, values, returns, volatile=True))]
