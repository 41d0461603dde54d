"""Trino's regular expressions, which are Java's, in Python's words.

Source: trinodb/trino docs/src/main/sphinx/functions/regexp.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import functools
import re
from typing import Any

from sandbox.kernel.engine import Refusal
from sandbox.services.athena.trino.functions.defining import python, typed
from sandbox.services.athena.trino.python_functions import python_call
from sandbox.services.athena.trino.types import VARCHAR, Type, array, row, INTEGER
from sandbox.services.athena.trino.values import fault, let

_CLASSES = {
    "Lower": "a-z", "Upper": "A-Z", "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Punct": r"!-/:-@\[-`{-~", "Space": r"\s", "XDigit": "0-9a-fA-F",
    "L": r"^\W\d_", "IsAlphabetic": r"^\W\d_", "IsLetter": r"^\W\d_", "IsL": r"^\W\d_", "N": r"\d", "Nd": r"\d", "IsDigit": r"\d", "ASCII": r"\x00-\x7f", "Cntrl": r"\x00-\x1f\x7f",
    "Lu": "A-Z\u00c0-\u00d6\u00d8-\u00de\u0100\u0102\u0104\u0106\u0108\u010a\u010c\u010e\u0110\u0112\u0114\u0116\u0118\u011a\u011c\u011e\u0120\u0122\u0124\u0126\u0128\u012a\u012c\u012e\u0130", "Ll": "a-z\u00df-\u00f6\u00f8-\u00ff\u0101\u0103\u0105\u0107\u0109\u010b\u010d\u010f\u0111\u0113\u0115\u0117\u0119\u011b\u011d\u011f\u0121\u0123\u0125\u0127\u0129\u012b\u012d\u012f\u0131", "P": r"!-#%-*,-/:;?@\[-\]_{}\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf", "IsPunctuation": r"!-#%-*,-/:;?@\[-\]_{}\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf",
    "IsLatin": "a-zA-Z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8", "Z": r"\s", "Zs": " \xa0\u2000-\u200a",
}  # fmt: skip


def _translated(pattern: str) -> str:
    out, at, inside, start = "", 0, 0, 0
    flags = re.match(r"\(\?([imsxu]+)\)", pattern)
    if flags:
        out, at = f"(?{flags[1].replace('u', '')})" if flags[1].replace("u", "") else "", flags.end()
    while at < len(pattern):
        c = pattern[at]
        if c == "\\" and at + 1 < len(pattern):
            n = pattern[at + 1]
            found = re.match(r"\\([pP])(?:\{\^?(\w+)\}|(\w))", pattern[at:])
            if found:
                body = _CLASSES.get(found[2] or found[3])
                if body is None:
                    raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena does not know the class {found[0]} in a regular expression, which AWS's may.")
                negative = found[1] == "P"
                if inside:
                    if body.startswith("^") or negative:
                        if body == r"^\W\d_" and not negative:
                            out += "a-zA-ZªµºÀ-ÖØ-öø-ˁΆΈ-ϿЀ-ҁҊ-ԯא-תء-ي一-鿿぀-ヿ가-힣"
                        else:
                            raise Refusal("NOT_SUPPORTED", f"The sandbox's Athena does not run {found[0]} within [] in a regular expression, which AWS's does.")
                    else:
                        out += body
                else:
                    opposite = body.startswith("^") != negative
                    out += f"[{'^' if opposite else ''}{body.lstrip('^')}]"
                at += len(found[0])
                continue
            if n == "Q":
                end = pattern.find("\\E", at + 2)
                out += re.escape(pattern[at + 2 : end if end >= 0 else len(pattern)])
                at = end + 2 if end >= 0 else len(pattern)
                continue
            if n in "wWdDsSbB":
                # Of ASCII only, as Java's are.
                ascii_only = {"w": "a-zA-Z0-9_", "d": "0-9", "s": r" \t\n\r\f\v"}.get(n)
                out += (ascii_only if inside else f"[{ascii_only}]") if ascii_only else f"(?a:\\{n})" if not inside else "\\" + n
                at += 2
                continue
            out += {"z": r"\Z", "Z": r"(?=\n?\Z)", "h": r"[ \t\xa0]", "R": r"(?:\r\n|[\n\r\v\f])", "e": r"\x1b"}.get(n, "\\" + n) if not inside or n not in "zZhR" else "\\" + n
            if n == "k" and pattern[at + 2 : at + 3] == "<":
                end = pattern.index(">", at)
                out = out[:-2] + f"(?P={pattern[at + 3 : end]})"
                at = end + 1
                continue
            at += 2
            continue
        if inside:
            if c == "[" and pattern[at + 1 : at + 2] == ":":
                found = re.match(r"\[:(\^?)(\w+):\]", pattern[at:])
                if found and found[2].capitalize() in _CLASSES and not found[1]:
                    out += _CLASSES[found[2].capitalize()]
                    at += len(found[0])
                    continue
            if c == "[" or pattern.startswith("&&", at):
                raise Refusal("NOT_SUPPORTED", "The sandbox's Athena does not run classes within classes ([a[b]], [a&&b]) in a regular expression, which AWS's does.")
            if c == "]" and at > start:
                inside = 0
            out += c
            at += 1
            continue
        if c == "[":
            inside = 1
            out += c
            at += 1
            if pattern[at : at + 1] == "^":
                out += "^"
                at += 1
            start = at
            if pattern[at : at + 1] == "]":
                out += "\\]"
                at += 1
                start = at
            continue
        if pattern.startswith("(?<", at) and pattern[at + 3 : at + 4] not in "=!":
            out += "(?P<"
            at += 3
            continue
        if c == "$":
            out += r"(?=\n?\Z)" if not _multiline(out) else "$"
            at += 1
            continue
        out += c
        at += 1
    if inside:
        raise re.error("premature end of char-class")
    return out


def _multiline(out: str) -> bool:
    found = re.match(r"\(\?([imsx]+)\)", out)
    return bool(found and "m" in found[1])


_PROBLEMS = (
    (r"missing \), unterminated subpattern", "end pattern with unmatched parenthesis"), (r"unbalanced parenthesis", "unmatched close parenthesis"), (r"premature end of char-class|unterminated character set", "premature end of char-class"),
    (r"nothing to repeat", "target of repeat operator is not specified"), (r"bad escape \(end of pattern\)", "end pattern at escape"), (r"multiple repeat", "target of repeat operator is invalid"),
)  # fmt: skip


@functools.lru_cache(1000)
def compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(_translated(pattern))
    except re.error as error:
        for known, said in _PROBLEMS:
            if re.search(known, str(error)):
                fault(said)
        fault(f"Invalid regular expression: {pattern}")
    except OverflowError:
        fault(f"too big number in a regular expression: {pattern}")


def _group(pattern: re.Pattern[str], group: int) -> None:
    if group < 0:
        fault("Group cannot be negative")
    if group > pattern.groups:
        fault(f"Pattern has {pattern.groups} groups. Cannot access group {group}")


@python("regexp_like(varchar, varchar) boolean")
def regexp_like(text: str, pattern: str) -> bool:
    return compiled(pattern).search(text) is not None


@python("regexp_count(varchar, varchar) bigint")
def regexp_count(text: str, pattern: str) -> int:
    return sum(1 for _ in compiled(pattern).finditer(text))


@python("regexp_extract(varchar(x), varchar) varchar(x)")
def regexp_extract(text: str, pattern: str) -> str | None:
    found = compiled(pattern).search(text)
    return found[0] if found else None


@python("regexp_extract(varchar(x), varchar, bigint) varchar(x)")
def regexp_extract_group(text: str, pattern: str, group: int) -> str | None:
    known = compiled(pattern)
    _group(known, group)
    found = known.search(text)
    return found[group] if found else None


@python("regexp_extract_all(varchar(x), varchar) array(varchar(x))")
def regexp_extract_all(text: str, pattern: str) -> list[str | None]:
    return [each[0] for each in compiled(pattern).finditer(text)]


@python("regexp_extract_all(varchar(x), varchar, bigint) array(varchar(x))")
def regexp_extract_all_group(text: str, pattern: str, group: int) -> list[str | None]:
    known = compiled(pattern)
    _group(known, group)
    return [each[group] for each in known.finditer(text)]


@python("regexp_position(varchar, varchar) integer")
def regexp_position(text: str, pattern: str) -> int:
    return regexp_position_nth(text, pattern, 1, 1)


@python("regexp_position(varchar, varchar, bigint) integer")
def regexp_position_from(text: str, pattern: str, start: int) -> int:
    return regexp_position_nth(text, pattern, start, 1)


@python("regexp_position(varchar, varchar, bigint, bigint) integer")
def regexp_position_nth(text: str, pattern: str, start: int, occurrence: int) -> int:
    if start < 1:
        fault("start position cannot be smaller than 1")
    if occurrence < 1:
        fault("occurrence cannot be smaller than 1")
    if start > len(text):
        return -1
    for count, found in enumerate(compiled(pattern).finditer(text, start - 1), 1):
        if count == occurrence:
            return found.start() + 1
    return -1


def _replacement(new: str, found: re.Match[str]) -> str:
    out, at = "", 0
    while at < len(new):
        c = new[at]
        if c == "\\":
            if at + 1 >= len(new):
                fault("Illegal replacement sequence: " + new)
            out += new[at + 1]
            at += 2
        elif c == "$":
            named = re.match(r"\$\{(\w+)\}", new[at:])
            digits = re.match(r"\$(\d+)", new[at:])
            if named:
                if named[1] not in found.re.groupindex:
                    fault(f"Illegal replacement sequence: unknown group {{ {named[1]} }}")
                out += found[named[1]] or ""
                at += len(named[0])
            elif digits:
                number = digits[1]
                while len(number) > 1 and int(number) > found.re.groups:
                    number = number[:-1]
                if int(number) > found.re.groups:
                    fault(f"Illegal replacement sequence: unknown group {number}")
                out += found[int(number)] or ""
                at += 1 + len(number)
            else:
                fault("Illegal replacement sequence: " + new)
        else:
            out += c
            at += 1
    return out


@python("regexp_replace(varchar, varchar) varchar")
def regexp_remove(text: str, pattern: str) -> str:
    return compiled(pattern).sub("", text)


@python("regexp_replace(varchar, varchar, varchar) varchar")
def regexp_replace(text: str, pattern: str, new: str) -> str:
    return compiled(pattern).sub(lambda found: _replacement(new, found), text)


@python("regexp_split(varchar, varchar) array(varchar)")
def regexp_split(text: str, pattern: str) -> list[str]:
    parts, at = [], 0
    for found in compiled(pattern).finditer(text):
        if found.end() == 0 and found.start() == 0:
            parts.append("")
            continue
        parts.append(text[at : found.start()])
        at = found.end()
    return [*parts, text[at:]]


_PIECE = row((None, VARCHAR), (None, array(VARCHAR)), (None, INTEGER))


@typed("regexp_replace(varchar, varchar, function(array(varchar), varchar)) varchar")
def regexp_replace_by(values: list[Any], returns: Type, tail: Any) -> str:
    pieces = python_call(_pieces, values[:2], array(_PIECE))
    by = values[2]
    name = by.names[0]
    body = f"e.f0 || CASE WHEN e.f2 = 1 THEN list_transform([e.f1], {by.sql})[1] ELSE '' END"
    assert name
    return let(pieces, lambda v: f"(CASE WHEN {v} IS NULL THEN NULL WHEN len(list_filter(list_transform({v}, lambda e: {body}), lambda e: e IS NULL)) > 0 THEN NULL ELSE array_to_string(list_transform({v}, lambda e: {body}), '') END)")


def _pieces(text: str, pattern: str) -> list[dict[str, Any]]:
    out, at = [], 0
    for found in compiled(pattern).finditer(text):
        out.append({"f0": text[at : found.start()], "f1": list(found.groups()), "f2": 1})
        at = found.end()
    return [*out, {"f0": text[at:], "f1": [], "f2": 0}]
