"""JSON as Trino keeps it (a text of one form: no blanks, keys in order, numbers as Java writes them), and what it becomes and is made of.

Source: trinodb/trino docs/src/main/sphinx/functions/json.md, 2026-11-28 (whole file)
Source: trinodb/trino core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, NoReturn

from sandbox.services.athena.trino import text as texts
from sandbox.services.athena.trino import times
from sandbox.services.athena.trino.types import INTEGERS, LIMITS, Type
from sandbox.services.athena.trino.values import fault


class Written(float):
    """A number with a point or an exponent, and how it was written."""

    text: str

    def __new__(cls, text: str) -> "Written":
        found = super().__new__(cls, float(text))
        found.text = text
        return found


def _none(text: str) -> NoReturn:
    raise ValueError(text)


decoder = json.JSONDecoder(parse_float=Written, parse_constant=_none)


def parsed(text: str) -> Any:
    """What a JSON text says; ValueError if it is none."""
    if "\t" in text or "\r" in text or "\n" in text:
        return decoder.decode(text)
    return decoder.decode(text)


def written(value: Any, ordered: bool = True) -> str:
    """The text of a JSON value, in the one form; its keys in order, or as they came."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        found = texts.double_text(value)
        return found if found[-1].isdigit() else f'"{found}"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[" + ",".join(written(each, ordered) for each in value) + "]"
    return "{" + ",".join(f"{quoted(key)}:{written(value[key], ordered)}" for key in (sorted(value) if ordered else value)) + "}"


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def normal(text: str) -> str:
    """A JSON text in the one form; ValueError if it is none."""
    return written(parsed(text))


# --- CAST … AS JSON ------------------------------------------------------------------------------------------------------


def to_json(value: Any, kind: Type) -> str:
    if value is None:
        return "null"
    name = kind.name
    if name == "json":
        return str(value)
    if name in ("double", "real"):
        return written(texts.single(value) if name == "real" else value)
    if name == "varchar":
        return quoted(value)
    if name == "array":
        return "[" + ",".join(to_json(each, kind.args[0]) for each in value) + "]"
    if name == "map":
        pairs = sorted((_key(key, kind.args[0]), each) for key, each in [(k, to_json(v, kind.args[1])) for k, v in value])
        return "{" + ",".join(f"{quoted(key)}:{each}" for key, each in pairs) + "}"
    if name == "row":
        return "{" + ",".join(f"{quoted(field or '')}:{to_json(value[f'f{at}'], each)}" for at, (field, each) in enumerate(kind.args)) + "}"
    if name == "timestamp":
        return quoted(times.timestamp_text(value, kind.args[0]))
    if name == "date":
        return quoted(times.date_text(value))
    return texts.shown(value, kind)


def _key(key: Any, kind: Type) -> str:
    return texts.shown(key, kind)


# --- CAST (JSON … AS …) --------------------------------------------------------------------------------------------------


def from_json(text: str, kind: Type) -> Any:
    return _of(parsed(text), kind, text, kind)


def _refuse(value: Any, kind: Type, whole: str, outer: Type) -> NoReturn:
    if kind == outer and not isinstance(value, (list, dict)) or kind == outer and kind.name not in ("array", "map", "row"):
        fault(f"Cannot cast '{value if isinstance(value, str) else written(value)}' to {kind}", "INVALID_CAST_ARGUMENT")
    fault(f"Cannot cast to {outer}. Unexpected value when cast to {kind}: {written(value)}", "INVALID_CAST_ARGUMENT")


def _of(value: Any, kind: Type, whole: str, outer: Type) -> Any:
    name = kind.name
    if name == "json":
        return written(value)
    if value is None:
        return None
    if name == "array":
        if not isinstance(value, list):
            fault(f"Cannot cast to {outer}. Expected a json array, but got {written(value)}", "INVALID_CAST_ARGUMENT")
        return [_of(each, kind.args[0], whole, outer) for each in value]
    if name == "map":
        if not isinstance(value, dict):
            fault(f"Cannot cast to {outer}. Expected a json object, but got {written(value)}", "INVALID_CAST_ARGUMENT")
        return [(_of(key, kind.args[0], whole, outer), _of(each, kind.args[1], whole, outer)) for key, each in value.items()]
    if name == "row":
        return _row_of(value, kind, whole, outer)
    if isinstance(value, (list, dict)):
        _refuse(value, kind, whole, outer)
    return _scalar(value, kind, whole, outer)


def _row_of(value: Any, kind: Type, whole: str, outer: Type) -> Any:
    if isinstance(value, list):
        if len(value) != len(kind.args):
            fault(f"Cannot cast to {outer}. Unexpected number of elements when cast to {kind}", "INVALID_CAST_ARGUMENT")
        return {f"f{at}": _of(each, one, whole, outer) for at, (each, (_, one)) in enumerate(zip(value, kind.args))}
    if not isinstance(value, dict):
        fault(f"Cannot cast to {outer}. Expected a json array or object, but got {written(value)}", "INVALID_CAST_ARGUMENT")
    lowered = {key.lower(): each for key, each in value.items()}
    return {f"f{at}": _of(lowered.get((field or "").lower()), one, whole, outer) for at, (field, one) in enumerate(kind.args)}


def _scalar(value: Any, kind: Type, whole: str, outer: Type) -> Any:
    name = kind.name
    if name == "varchar":
        found = value if isinstance(value, str) else texts.scientific(value) if isinstance(value, float) else written(value)
        return found[: kind.args[0]]
    if name == "boolean":
        if isinstance(value, str):
            if value.lower() not in ("true", "t", "1", "false", "f", "0"):
                fault(f"Cannot cast '{value}' to BOOLEAN", "INVALID_CAST_ARGUMENT")
            return value.lower() in ("true", "t", "1")
        return bool(value)
    if name in INTEGERS:
        return _integer(value, kind)
    if name in ("double", "real"):
        try:
            return texts.read_double(value) if isinstance(value, str) else float(value)
        except ValueError:
            fault(f"Cannot cast '{value}' to {name.upper()}", "INVALID_CAST_ARGUMENT")
    try:
        number = Decimal(value.text if isinstance(value, Written) else int(value) if not isinstance(value, str) else value)
        found_number = number.quantize(Decimal(1).scaleb(-kind.args[1]), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        fault(f"Cannot cast '{value}' to {str(kind).upper()}", "INVALID_CAST_ARGUMENT")
    if abs(found_number) >= Decimal(10) ** (kind.args[0] - kind.args[1]):
        fault(f"Cannot cast input json to DECIMAL({kind.args[0]},{kind.args[1]})", "INVALID_CAST_ARGUMENT")
    return found_number


def _integer(value: Any, kind: Type) -> int:
    if isinstance(value, str):
        if not value.strip().lstrip("+-").isdigit():
            fault(f"Cannot cast '{value}' to {'INT' if kind.name == 'integer' else kind.name.upper()}", "INVALID_CAST_ARGUMENT")
        number = int(value)
    elif isinstance(value, float):
        number = int(Decimal(value).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    else:
        number = int(value)
    if not -LIMITS[kind.name] <= number < LIMITS[kind.name]:
        fault(f"Cannot cast '{written(value)}' to {kind}", "INVALID_CAST_ARGUMENT")
    return number
