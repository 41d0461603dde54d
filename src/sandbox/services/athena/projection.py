"""Partition projection: partitions that a table's properties describe, and nobody registers.

Source: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

import datetime
import itertools
import re
from typing import Any

from sandbox.kernel.engine import Refusal

#: More partitions than these are listed by nobody.
MOST = 100_000

_UNITS = {"SECONDS": datetime.timedelta(seconds=1), "MINUTES": datetime.timedelta(minutes=1), "HOURS": datetime.timedelta(hours=1), "DAYS": datetime.timedelta(days=1), "WEEKS": datetime.timedelta(weeks=1)}
_JAVA = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


def is_projected(table: dict[str, Any]) -> bool:
    return (table.get("Parameters") or {}).get("projection.enabled", "").lower() == "true"


def projected(table: dict[str, Any]) -> list[tuple[list[str], str]]:
    """The values and the location of each partition that there may be."""
    parameters = {name.lower(): value for name, value in (table.get("Parameters") or {}).items()}
    keys = [each["Name"].lower() for each in table.get("PartitionKeys") or []]
    root = (table.get("StorageDescriptor") or {}).get("Location", "").rstrip("/") + "/"
    template = parameters.get("storage.location.template")
    choices = [_values(key, parameters) for key in keys]
    count = 1
    for each in choices:
        count *= len(each)
    if count > MOST:
        raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena projects at most {MOST} partitions, and this table's properties describe {count}.")
    found = []
    for values in itertools.product(*choices):
        if template:
            location = re.sub(r"\$\{(\w+)\}", lambda match: dict(zip(keys, values)).get(match[1].lower(), match[0]), template)
        else:
            location = root + "".join(f"{key}={value}/" for key, value in zip(keys, values))
        found.append((list(values), location if location.endswith("/") else f"{location}/"))
    return found


def _wrong(key: str, what: str) -> Refusal:
    return Refusal("INVALID_TABLE_PROPERTY", f"Table's partition projection is wrong: column projection for column '{key}' failed. {what}")


def _values(key: str, parameters: dict[str, str]) -> list[str]:
    kind = parameters.get(f"projection.{key}.type", "").lower()
    wanted = lambda name: f"projection.{key}.{name}"  # noqa: E731
    if kind == "enum":
        if wanted("values") not in parameters:
            raise _wrong(key, f"Missing required property: '{wanted('values')}'")
        return [each.strip() for each in parameters[wanted("values")].split(",")]
    if kind == "integer":
        low, high = _range(key, parameters)
        step, digits = int(parameters.get(wanted("interval"), "1")), int(parameters.get(wanted("digits"), "0"))
        return [f"{each:0{digits}}" if digits else str(each) for each in range(int(low), int(high) + 1, step)]
    if kind == "date":
        return _dates(key, parameters)
    if kind == "injected":
        raise Refusal("CONSTRAINT_VIOLATION", f"For the injected projected partition column {key}, the WHERE clause must contain only static equality conditions; the sandbox's Athena does not project injected columns.")
    raise _wrong(key, f"Missing or unknown property: '{wanted('type')}'")


def _range(key: str, parameters: dict[str, str]) -> tuple[str, str]:
    parts = [each.strip() for each in parameters.get(f"projection.{key}.range", "").split(",")]
    if len(parts) != 2:
        raise _wrong(key, f"Property: 'projection.{key}.range' needs to be list of 2 valid values")
    return parts[0], parts[1]


def _dates(key: str, parameters: dict[str, str]) -> list[str]:
    pattern = parameters.get(f"projection.{key}.format")
    if not pattern:
        raise _wrong(key, f"Missing required property: 'projection.{key}.format'")
    form = re.sub("|".join(_JAVA), lambda match: _JAVA[match[0]], pattern).replace("'", "")
    low, high = (_moment(key, each, form) for each in _range(key, parameters))
    unit = parameters.get(f"projection.{key}.interval.unit", "SECONDS" if "%S" in form else "MINUTES" if "%M" in form else "HOURS" if "%H" in form else "DAYS" if "%d" in form else "MONTHS" if "%m" in form else "YEARS").upper()
    step = int(parameters.get(f"projection.{key}.interval", "1"))
    found, at = [], low
    while at <= high and len(found) <= MOST:
        found.append(at.strftime(form))
        if unit in ("MONTHS", "YEARS"):
            months = at.year * 12 + at.month - 1 + step * (12 if unit == "YEARS" else 1)
            at = at.replace(year=months // 12, month=months % 12 + 1)
        elif unit in _UNITS:
            at += _UNITS[unit] * step
        else:
            raise _wrong(key, f"Property: 'projection.{key}.interval.unit' value '{unit}' is invalid")
    return found


def _moment(key: str, text: str, form: str) -> datetime.datetime:
    relative = re.fullmatch(r"\s*NOW\s*(?:([+-])\s*(\d+)\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?\s*)?", text, flags=re.I)
    if relative:
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        if not relative[1]:
            return now
        unit, count = f"{relative[3].upper()}S", int(relative[2]) * (1 if relative[1] == "+" else -1)
        if unit in ("MONTHS", "YEARS"):
            months = now.year * 12 + now.month - 1 + count * (12 if unit == "YEARS" else 1)
            return now.replace(year=months // 12, month=months % 12 + 1, day=min(now.day, 28))
        return now + _UNITS[unit] * count
    try:
        return datetime.datetime.strptime(text, form)
    except ValueError:
        raise _wrong(key, f"Property: 'projection.{key}.range' has the value '{text}', which the format does not read") from None
