"""The standard's path language of JSON: `lax $.a[0 to last] ? (@.b > 1)`.

Source: trinodb/trino docs/src/main/sphinx/functions/json.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import functools
import math
import re
from typing import Any, NoReturn


class PathError(Exception):
    """A path that is none, or that a value does not go along."""


_TOKEN = re.compile(r'\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|"((?:[^"\\]|\\.)*)"|([A-Za-z_][\w]*|\$[A-Za-z_]\w*)|(\.\.|\*\*|&&|\|\||==|<>|!=|<=|>=|[$@.\[\](),*?!<>=+\-/%]))')

Step = tuple[Any, ...]
#: Whether the path is strict, and what it does.
Steps = tuple[bool, Step]


@functools.lru_cache(500)
def path_of(text: str) -> Steps:
    """A path's steps; PathError if it is none."""
    return _Parser(text).path()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if not found:
                self.fail(at)
            number, string, word, sign = found.groups()
            self.tokens.append(("number", number) if number else ("string", re.sub(r"\\(.)", r"\1", string)) if string is not None else ("word", word) if word else ("sign", sign))
            at = found.end()
        self.tokens.append(("end", ""))
        self.at = 0

    def fail(self, at: int = 0) -> NoReturn:
        raise PathError(f"JSON path is not valid: {self.text}")

    def sees(self, *signs: str) -> bool:
        kind, text = self.tokens[self.at]
        return kind in ("sign", "word") and text in signs

    def take(self, *signs: str) -> str:
        if self.sees(*signs):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def need(self, sign: str) -> None:
        if not self.take(sign):
            self.fail()

    def path(self) -> Steps:
        mode = self.take("lax", "strict")
        if not mode:
            self.fail()
        found = self.sum()
        if self.tokens[self.at][0] != "end":
            self.fail()
        return mode == "strict", found

    def sum(self) -> Step:
        left = self.product()
        while self.sees("+", "-"):
            sign = self.take("+", "-")
            left = ("arithmetic", sign, left, self.product())
        return left

    def product(self) -> Step:
        left = self.unary()
        while self.sees("*", "/", "%"):
            sign = self.take("*", "/", "%")
            left = ("arithmetic", sign, left, self.unary())
        return left

    def unary(self) -> Step:
        if self.sees("-", "+"):
            return ("sign", self.take("-", "+"), self.unary())
        return self.accessors(self.primary())

    def primary(self) -> Step:
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return ("literal", float(text) if re.search(r"[.eE]", text) else int(text))
        if kind == "string":
            return ("literal", text)
        if text == "$":
            return ("root",)
        if text == "@":
            return ("current",)
        if text == "last":
            return ("last",)
        if kind == "word" and text.startswith("$"):
            return ("variable", text[1:])
        if text in ("true", "false", "null"):
            return ("literal", {"true": True, "false": False, "null": None}[text])
        if text == "(":
            found = self.sum()
            self.need(")")
            return found
        self.fail()

    def accessors(self, base: Step) -> Step:
        while True:
            if self.take(".."):
                kind, name = self.tokens[self.at]
                self.at += 1
                base = ("descend", base, name)
            elif self.take("."):
                if self.take("*"):
                    base = ("members", base)
                    continue
                kind, name = self.tokens[self.at]
                if kind not in ("word", "string"):
                    self.fail()
                self.at += 1
                if kind == "word" and self.take("("):
                    self.need(")")
                    base = ("method", base, name)
                else:
                    base = ("member", base, name)
            elif self.take("["):
                if self.take("*"):
                    self.need("]")
                    base = ("elements", base)
                    continue
                parts = []
                while True:
                    low = self.sum()
                    high = self.sum() if self.take("to") else None
                    parts.append((low, high))
                    if not self.take(","):
                        break
                self.need("]")
                base = ("subscript", base, tuple(parts))
            elif self.take("?"):
                self.need("(")
                base = ("filter", base, self.either())
                self.need(")")
            else:
                return base

    # Predicates ------------------------------------------------------------------------------------------------------

    def either(self) -> Step:
        left = self.both()
        while self.take("||"):
            left = ("or", left, self.both())
        return left

    def both(self) -> Step:
        left = self.single()
        while self.take("&&"):
            left = ("and", left, self.single())
        return left

    def single(self) -> Step:
        if self.take("!"):
            return ("not", self.single())
        if self.take("exists"):
            self.need("(")
            found = self.sum()
            self.need(")")
            return ("exists", found)
        if self.sees("("):
            keep = self.at
            try:
                self.take("(")
                found = self.either()
                self.need(")")
                if self.take("is"):
                    self.need("unknown")
                    return ("unknown", found)
                return found
            except PathError:
                self.at = keep
        left = self.sum()
        sign = self.take("==", "=", "<>", "!=", "<=", ">=", "<", ">")
        if sign:
            return ("compare", sign, left, self.sum())
        if self.take("starts"):
            self.need("with")
            return ("starts", left, self.sum())
        if self.take("like_regex"):
            kind, text = self.tokens[self.at]
            self.at += 1
            if kind != "string":
                self.fail()
            return ("regex", left, text)
        self.fail()


def evaluate(steps: Steps, root: Any, variables: dict[str, Any]) -> list[Any]:
    """The items that a path leads to."""
    return _Evaluation(steps[0], root, variables).items(steps[1], root, None)


class _Evaluation:
    def __init__(self, strict: bool, root: Any, variables: dict[str, Any]) -> None:
        self.strict, self.root, self.variables = strict, root, variables

    def items(self, step: Step, current: Any, last: int | None) -> list[Any]:
        return getattr(self, f"_{step[0]}")(step, current, last)

    def _unwrapped(self, items: list[Any]) -> list[Any]:
        return items if self.strict else [one for each in items for one in (each if isinstance(each, list) else [each])]

    def _root(self, step: Step, current: Any, last: int | None) -> list[Any]:
        return [self.root]

    def _current(self, step: Step, current: Any, last: int | None) -> list[Any]:
        return [current]

    def _literal(self, step: Step, current: Any, last: int | None) -> list[Any]:
        return [step[1]]

    def _last(self, step: Step, current: Any, last: int | None) -> list[Any]:
        return [last]

    def _variable(self, step: Step, current: Any, last: int | None) -> list[Any]:
        if step[1] not in self.variables:
            raise PathError(f"no value passed for parameter {step[1]}")
        return [self.variables[step[1]]]

    def _member(self, step: Step, current: Any, last: int | None) -> list[Any]:
        found = []
        for each in self._unwrapped(self.items(step[1], current, last)):
            if not isinstance(each, dict):
                if self.strict:
                    raise PathError("invalid item type. Expected: OBJECT")
            elif step[2] in each:
                found.append(each[step[2]])
            elif self.strict:
                raise PathError(f"missing member '{step[2]}' in JSON object")
        return found

    def _members(self, step: Step, current: Any, last: int | None) -> list[Any]:
        found = []
        for each in self._unwrapped(self.items(step[1], current, last)):
            if isinstance(each, dict):
                found += each.values()
            elif self.strict:
                raise PathError("invalid item type. Expected: OBJECT")
        return found

    def _descend(self, step: Step, current: Any, last: int | None) -> list[Any]:
        found: list[Any] = []

        def walk(value: Any) -> None:
            if isinstance(value, dict):
                if step[2] in value:
                    found.append(value[step[2]])
                for each in value.values():
                    walk(each)
            elif isinstance(value, list):
                for each in value:
                    walk(each)

        for each in self.items(step[1], current, last):
            walk(each)
        return found

    def _elements(self, step: Step, current: Any, last: int | None) -> list[Any]:
        found = []
        for each in self.items(step[1], current, last):
            if isinstance(each, list):
                found += each
            elif self.strict:
                raise PathError("invalid item type. Expected: ARRAY")
            else:
                found.append(each)
        return found

    def _subscript(self, step: Step, current: Any, last: int | None) -> list[Any]:
        found = []
        for each in self.items(step[1], current, last):
            if not isinstance(each, list):
                if self.strict:
                    raise PathError("invalid item type. Expected: ARRAY")
                each = [each]
            for low, high in step[2]:
                start = self._index(low, current, len(each) - 1)
                stop = start if high is None else self._index(high, current, len(each) - 1)
                if self.strict and (start < 0 or stop >= len(each) or start > stop):
                    raise PathError("array subscript out of bounds")
                found += each[max(0, start) : stop + 1]
        return found

    def _index(self, step: Step, current: Any, last: int) -> int:
        found = self.items(step, current, last)
        if len(found) != 1 or not isinstance(found[0], (int, float)):
            raise PathError("array subscript is no number")
        return int(found[0])

    def _filter(self, step: Step, current: Any, last: int | None) -> list[Any]:
        return [each for each in self._unwrapped(self.items(step[1], current, last)) if self.truth(step[2], each, last) is True]

    def _numbers(self, items: list[Any]) -> list[Any]:
        for each in items:
            if isinstance(each, bool) or not isinstance(each, (int, float)):
                raise PathError("invalid item type. Expected: NUMBER")
        return items

    def _arithmetic(self, step: Step, current: Any, last: int | None) -> list[Any]:
        a, b = (self._numbers(self._unwrapped(self.items(each, current, last))) for each in step[2:])
        if len(a) != 1 or len(b) != 1:
            raise PathError("arithmetic binary expression requires singleton operands")
        x, y = a[0], b[0]
        if step[1] in "/%" and y == 0:
            raise PathError("division by zero")
        if step[1] == "/":
            return [abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1) if isinstance(x, int) and isinstance(y, int) else x / y]
        return [{"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "%": lambda: int(math.fmod(x, y)) if isinstance(x, int) and isinstance(y, int) else math.fmod(x, y)}[step[1]]()]

    def _sign(self, step: Step, current: Any, last: int | None) -> list[Any]:
        return [-each if step[1] == "-" else each for each in self._numbers(self._unwrapped(self.items(step[2], current, last)))]

    def _method(self, step: Step, current: Any, last: int | None) -> list[Any]:
        name, given = step[2], self.items(step[1], current, last)
        if name == "type":
            return [_type(each) for each in given]
        if name == "size":
            if self.strict and any(not isinstance(each, list) for each in given):
                raise PathError("invalid item type. Expected: ARRAY")
            return [len(each) if isinstance(each, list) else 1 for each in given]
        given = self._unwrapped(given)
        if name == "keyvalue":
            return [{"name": key, "value": value, "id": at} for at, each in enumerate(given) for key, value in (each.items() if isinstance(each, dict) else _refuse("OBJECT"))]
        if name == "double":
            try:
                return [float(each) if not isinstance(each, bool) and isinstance(each, (int, float, str)) else _refuse("NUMBER or TEXT") for each in given]
            except ValueError:
                raise PathError("cannot convert to double") from None
        functions = {"abs": abs, "ceiling": math.ceil, "floor": math.floor}
        if name not in functions:
            raise PathError(f"The sandbox's Athena does not know the method {name}() in a JSON path")
        return [float(functions[name](each)) if isinstance(each, float) and name != "abs" else functions[name](each) for each in self._numbers(given)]

    # Predicates: True, False, or None for what is not known ----------------------------------------------------------

    def truth(self, step: Step, current: Any, last: int | None) -> bool | None:
        kind = step[0]
        if kind == "and":
            a, b = self.truth(step[1], current, last), self.truth(step[2], current, last)
            return False if a is False or b is False else None if a is None or b is None else True
        if kind == "or":
            a, b = self.truth(step[1], current, last), self.truth(step[2], current, last)
            return True if a is True or b is True else None if a is None or b is None else False
        if kind == "not":
            found = self.truth(step[1], current, last)
            return None if found is None else not found
        if kind == "unknown":
            return self.truth(step[1], current, last) is None
        try:
            if kind == "exists":
                return bool(self.items(step[1], current, last))
            left = self._unwrapped(self.items(step[2] if kind == "compare" else step[1], current, last))
            if kind == "compare":
                right = self._unwrapped(self.items(step[3], current, last))
                answers = [_compared(step[1], a, b) for a in left for b in right]
            elif kind == "starts":
                starts = self.items(step[2], current, last)
                answers = [a.startswith(b) if isinstance(a, str) and isinstance(b, str) else None for a in left for b in starts]
            else:
                answers = [bool(re.search(step[2], each)) if isinstance(each, str) else None for each in left]
        except PathError:
            return None
        if None in answers and (self.strict or True not in answers):
            return None
        return True in answers


def _refuse(what: str) -> NoReturn:
    raise PathError(f"invalid item type. Expected: {what}")


def _type(value: Any) -> str:
    return "null" if value is None else "boolean" if isinstance(value, bool) else "number" if isinstance(value, (int, float)) else "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _compared(sign: str, a: Any, b: Any) -> bool | None:
    if _type(a) != _type(b):
        return (sign in ("<>", "!=")) if a is None or b is None else None
    if isinstance(a, (list, dict)):
        return None
    if sign in ("==", "="):
        return a == b
    if sign in ("<>", "!="):
        return a != b
    if a is None:
        return None
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]
