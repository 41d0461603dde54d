"""Trino's functions on text, and on the bytes that text is written in.

Source: trinodb/trino docs/src/main/sphinx/functions/string.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sandbox.services.athena.trino.functions.defining import python, sql, typed
from sandbox.services.athena.trino.formatting import formatted
from sandbox.services.athena.trino.python_functions import plain, python_call
from sandbox.services.athena.trino.types import VARCHAR, Type
from sandbox.services.athena.trino.values import Value, fault

sql("lower({0})", "lower(varchar(x)) varchar(x)", "lower(char(x)) char(x)")
# In Java a letter that has no capital of one letter stays as it is.
sql("translate(upper({0}), 'ẞ', 'ß')", "upper(varchar(x)) varchar(x)", "upper(char(x)) char(x)")
sql("CAST(length({0}) AS BIGINT)", "length(varchar(x)) bigint")
sql("CAST(octet_length({0}) AS BIGINT)", "length(varbinary) bigint")


@typed("length(char(x)) bigint")
def length_char(values: list[Value], returns: Type, tail: Any) -> str:
    return f"CASE WHEN {values[0].sql} IS NOT NULL THEN CAST({values[0].type.args[0]} AS BIGINT) END"


sql("({0} || {1})", "concat(varbinary, varbinary) varbinary")


@typed("concat(varchar, varchar...) varchar", "concat(varchar) varchar")
def concat(values: list[Value], returns: Type, tail: Any) -> str:
    return "(" + " || ".join(each.sql for each in values) + ")"


@typed("concat(char(x), char(y))")
def concat_chars(values: list[Value], returns: Type, tail: Any) -> Value:
    a, b = values
    kind = Type("char", (min(65536, a.type.args[0] + b.type.args[0]),))
    return Value(f"(rpad({a.sql}, {a.type.args[0]}, ' ') || {b.sql})", kind)


@typed("concat(varbinary, varbinary, varbinary...) varbinary")
def concat_bytes(values: list[Value], returns: Type, tail: Any) -> str:
    return "(" + " || ".join(each.sql for each in values) + ")"


@python("concat_ws(varchar, varchar...) varchar", nulls=True)
def concat_ws(mark: str | None, *parts: str | None) -> str | None:
    return None if mark is None else mark.join(each for each in parts if each is not None)


@python("concat_ws(varchar, array(varchar)) varchar")
def concat_ws_array(mark: str, parts: list[str | None]) -> str:
    return mark.join(each for each in parts if each is not None)


@python("chr(bigint) varchar(1)")
def character(code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        fault(f"Not a valid Unicode code point: {code}")
    return chr(code)


@python("codepoint(varchar(1)) integer")
def codepoint(text: str) -> int:
    if len(text) != 1:
        fault("Input string must be a single character string")
    return ord(text)


@python("hamming_distance(varchar(x), varchar(y)) bigint")
def hamming_distance(a: str, b: str) -> int:
    if len(a) != len(b):
        fault("The input strings to hamming_distance function must have the same length")
    return sum(x != y for x, y in zip(a, b))


sql("CAST(levenshtein({0}, {1}) AS BIGINT)", "levenshtein_distance(varchar(x), varchar(y)) bigint")


def _pad(text: str, size: int, padding: str, left: bool) -> str:
    if not 0 <= size <= 2**31 - 1:
        fault("Target length must be in the range [0..2147483647]")
    return _filled(text, size, padding, left, "string")


def _filled(value: Any, size: int, padding: Any, left: bool, what: str) -> Any:
    if not padding:
        fault(f"Padding {what} must not be empty")
    if len(value) >= size:
        return value[:size]
    fill = (padding * (size // len(padding) + 1))[: size - len(value)]
    return fill + value if left else value + fill


@python("lpad(varchar(x), bigint, varchar(y)) varchar")
def lpad(text: str, size: int, padding: str) -> str:
    return _pad(text, size, padding, True)


@python("rpad(varchar(x), bigint, varchar(y)) varchar")
def rpad(text: str, size: int, padding: str) -> str:
    return _pad(text, size, padding, False)


@python("lpad(varbinary, bigint, varbinary) varbinary")
def lpad_bytes(value: bytes, size: int, padding: bytes) -> bytes:
    return _filled(value, size, padding, True, "bytes")


@python("rpad(varbinary, bigint, varbinary) varbinary")
def rpad_bytes(value: bytes, size: int, padding: bytes) -> bytes:
    return _filled(value, size, padding, False, "bytes")


@python("luhn_check(varchar) boolean")
def luhn_check(text: str) -> bool:
    if not re.fullmatch(r"[0-9]+", text):
        fault("Input contains non-digit characters")
    digits = [int(each) for each in reversed(text)]
    return (sum(digits[::2]) + sum(sum(divmod(each * 2, 10)) for each in digits[1::2])) % 10 == 0


sql("CAST(strpos({0}, {1}) AS BIGINT)", "strpos(varchar(x), varchar(y)) bigint")


@python("strpos(varchar(x), varchar(y), bigint) bigint")
def strpos(text: str, part: str, instance: int) -> int:
    if instance == 0:
        fault("'instance' must not be a zero.")
    if not part:
        return 1
    at = -1 if instance > 0 else len(text)
    for _ in range(abs(instance)):
        at = text.find(part, at + 1) if instance > 0 else text.rfind(part, 0, at + len(part) - 1) if at > 0 else -1
        if at < 0:
            return 0
    return at + 1


sql("replace({0}, {1}, '')", "replace(varchar(x), varchar(y)) varchar(x)")


@python("replace(varchar(x), varchar(y), varchar(z)) varchar")
def replace(text: str, search: str, new: str) -> str:
    # Of an empty text there is one between any two characters, as in Java.
    return text.replace(search, new)


sql("reverse({0})", "reverse(varchar(x)) varchar(x)")


@python("reverse(varbinary) varbinary")
def reverse_bytes(value: bytes) -> bytes:
    return value[::-1]


@python("split(varchar(x), varchar(y)) array(varchar(x))")
def split(text: str, mark: str) -> list[str]:
    if not mark:
        fault("The delimiter may not be the empty string")
    return text.split(mark)


@python("split(varchar(x), varchar(y), bigint) array(varchar(x))")
def split_limit(text: str, mark: str, limit: int) -> list[str]:
    if limit <= 0:
        fault("Limit must be positive")
    if not mark:
        fault("The delimiter may not be the empty string")
    return text.split(mark, limit - 1)


@python("split_part(varchar(x), varchar(y), bigint) varchar(x)")
def split_part(text: str, mark: str, index: int) -> str | None:
    if index <= 0:
        fault("Index must be greater than zero")
    if not mark:
        return text[index - 1] if index <= len(text) else None
    parts = text.split(mark)
    return parts[index - 1] if index <= len(parts) else None


def _pairs(text: str, between: str, within: str) -> list[tuple[str, str]]:
    if not between:
        fault("entryDelimiter is empty")
    if not within:
        fault("keyValueDelimiter is empty")
    if between == within:
        fault("entryDelimiter and keyValueDelimiter must not be the same")
    found = []
    for each in text.split(between):
        if not each and not text:
            continue
        key, mark, value = each.partition(within)
        if not mark or within in value:
            fault(f"Key-value delimiter must appear exactly once in each entry. Bad input: '{each}'")
        found.append((key, value))
    return found


@python("split_to_map(varchar, varchar, varchar) map(varchar, varchar)")
def split_to_map(text: str, between: str, within: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for key, value in _pairs(text, between, within):
        if key in found:
            fault(f"Duplicate keys ({key}) are not allowed")
        found[key] = value
    return list(found.items())


@python("split_to_multimap(varchar, varchar, varchar) map(varchar, array(varchar))")
def split_to_multimap(text: str, between: str, within: str) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for key, value in _pairs(text, between, within):
        found.setdefault(key, []).append(value)
    return list(found.items())


sql("starts_with({0}, {1})", "starts_with(varchar(x), varchar(y)) boolean")


def _part(text: Any, start: int, length: int | None) -> Any:
    if start == 0:
        return text[:0]
    at = start - 1 if start > 0 else len(text) + start
    if at < 0 or at >= len(text):
        return text[:0]
    return text[at:] if length is None else text[at : at + length] if length > 0 else text[:0]


for _name in ("substr", "substring"):

    @python(f"{_name}(varchar(x), bigint) varchar(x)", f"{_name}(varbinary, bigint) varbinary")
    def substring_from(text: Any, start: int) -> Any:
        return _part(text, start, None)

    @python(f"{_name}(varchar(x), bigint, bigint) varchar(x)", f"{_name}(varbinary, bigint, bigint) varbinary")
    def substring_for(text: Any, start: int, length: int) -> Any:
        return _part(text, start, length)


_BLANKS = " \t\n\r\v\f\x1c\x1d\x1e\x1f\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"


@python("trim(varchar(x)) varchar(x)")
def trim(text: str) -> str:
    return text.strip(_BLANKS)


@python("ltrim(varchar(x)) varchar(x)")
def ltrim(text: str) -> str:
    return text.lstrip(_BLANKS)


@python("rtrim(varchar(x)) varchar(x)")
def rtrim(text: str) -> str:
    return text.rstrip(_BLANKS)


@python("trim(varchar(x), varchar(y)) varchar(x)")
def trim_of(text: str, what: str) -> str:
    return text.strip(what) if what else text


@python("ltrim(varchar(x), varchar(y)) varchar(x)")
def ltrim_of(text: str, what: str) -> str:
    return text.lstrip(what) if what else text


@python("rtrim(varchar(x), varchar(y)) varchar(x)")
def rtrim_of(text: str, what: str) -> str:
    return text.rstrip(what) if what else text


@python("translate(varchar, varchar, varchar) varchar")
def translate(text: str, source: str, target: str) -> str:
    table: dict[str, str] = {}
    for at, each in enumerate(source):
        table.setdefault(each, target[at] if at < len(target) else "")
    return "".join(table.get(each, each) for each in text)


@python("soundex(varchar) varchar(4)")
def soundex(text: str) -> str:
    codes = {**dict.fromkeys("BFPV", "1"), **dict.fromkeys("CGJKQSXZ", "2"), **dict.fromkeys("DT", "3"), "L": "4", **dict.fromkeys("MN", "5"), "R": "6"}
    letters = [each for each in text.upper() if each.isalpha()]
    if not letters:
        return ""
    found, last = letters[0], codes.get(letters[0], "")
    for each in letters[1:]:
        code = codes.get(each, "")
        if each in "HW":
            continue
        if code and code != last:
            found += code
        last = code
    return found[:4].ljust(4, "0")


@python("normalize(varchar(x), varchar(y)) varchar")
def normalize(text: str, form: str) -> str:
    return unicodedata.normalize(form, text)


@typed("repeat(T, bigint) array(T)")
def repeat(values: list[Value], returns: Type, tail: Any) -> str:
    return python_call(_repeated, values, returns, nulls=True)


def _repeated(value: Any, count: int | None) -> list[Any] | None:
    if count is None:
        return None
    if count > 10_000:
        fault("count argument of repeat function must be less than or equal to 10000")
    if count < 0:
        fault("count argument of repeat function must be greater than or equal to 0")
    return [value] * count


def format_call(values: list[Value]) -> Value:
    """Java's String.format on values of any types."""
    kinds = [each.type for each in values[1:]]

    def run_format(pattern: str | None, *given: Any) -> str | None:
        return None if pattern is None else formatted(pattern, list(zip(given, kinds)))

    return Value(python_call(run_format, values, VARCHAR, nulls=True, key=",".join(map(str, kinds))), VARCHAR)


__all__ = ["format_call", "plain"]
