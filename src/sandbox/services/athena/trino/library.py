"""Trino's functions by name and signature, and which of those that share a name is meant.

Source: trinodb/trino docs/src/main/sphinx/functions/list.md, 2026-11-28 (whole file)
"""

from __future__ import annotations

import re
from typing import Any, Callable

from sandbox.services.athena.trino.parser import Parser
from sandbox.services.athena.trino.syntax import Node
from sandbox.services.athena.trino.types import NUMBERS, UNKNOWN, VARCHAR, Type, becomes, common, is_comparable, is_orderable, parts_of, type_of
from sandbox.services.athena.trino.values import Value

_VARIABLE = re.compile(r"^[A-Z]\w*$")


class Function:
    """One signature of a function and how it is computed."""

    def __init__(self, name: str, parameters: list[Node], returns: Node | None, compute: Callable[..., Any], **how: Any) -> None:
        self.name, self.parameters, self.returns, self.compute = name, parameters, returns, compute
        self.rest: bool = how.get("rest", False)
        self.aggregate: bool = how.get("aggregate", False)
        self.window: bool = how.get("window", False)
        self.constraints: dict[str, str] = how.get("constraints", {})
        self.shown: str = how.get("shown", "")

    def parameters_for(self, count: int) -> list[Node] | None:
        if self.rest and count >= len(self.parameters) - 1:
            fixed = self.parameters[:-1]
            return fixed + [self.parameters[-1]] * (count - len(fixed))
        return self.parameters if count == len(self.parameters) else None


functions: dict[str, list[Function]] = {}


def _read(signature: str) -> tuple[str, list[Node], bool, Node | None, dict[str, str]]:
    text, *wishes = signature.split("|")
    constraints = {name: wish for each in wishes for name, _, wish in [each.strip().partition(":")]}
    reader = Parser(text)
    # Type variables are told from types by their capitals, which names lose.
    name = reader.next().text
    reader.need("(")
    parameters, rest = [], False
    while not reader.take(")"):
        parameters.append(_signature_type(reader))
        if reader.take(".") and reader.take(".") and reader.take("."):
            rest = True
        reader.take(",")
    returns = None if reader.now.kind == "end" else _signature_type(reader)
    return name, parameters, rest, returns, constraints


def _signature_type(reader: Parser) -> Node:
    token = reader.now
    if token.kind == "word" and _VARIABLE.match(token.text) and len(token.text) == 1:
        reader.next()
        return Node("variable", token.at, name=token.text)
    if token.text in ("array", "map", "row", "function") and reader.ahead().word == "(":
        reader.at += 2
        parts = []
        while not reader.take(")"):
            parts.append(_signature_type(reader))
            reader.take(",")
        return Node("type", token.at, name=token.text, args=parts)
    return reader.type()


def _shown(signature: str, constraints: dict[str, str]) -> str:
    """A signature as Trino lists it: what it takes, and its variables."""
    depth, text = 0, signature.split("|")[0].strip()
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == ")" and not depth:
            text = text[: at + 1]
            break
    variables = dict.fromkeys(re.findall(r"\b[A-Z]\b", text))
    return text.replace("...", "") + ("" if not variables else " " + ", ".join(f"{each}:{constraints[each]}" if each in constraints else each for each in variables))


def function(*signatures: str, **how: Any) -> Callable[[Any], Any]:
    """Makes a function known under its signatures; `name(type, T...) type`, with capitals for any type."""

    def add(compute: Any) -> Any:
        for each in signatures:
            name, parameters, rest, returns, constraints = _read(each)
            functions.setdefault(name, []).append(Function(name, parameters, returns, compute, rest=rest, constraints=constraints, shown=_shown(each, constraints), **how))
        return compute

    return add


class Bindings(dict[str, Any]):
    """What the variables of a signature stand for."""


def bind(pattern: Node, kind: Type, bound: Bindings) -> bool:
    """Whether a type goes where a signature has this pattern; what its variables stand for is kept."""
    if pattern.kind == "variable":
        known = bound.get(pattern.name)
        found = kind if known is None else common(known, kind)
        if found is None:
            return False
        bound[pattern.name] = found
        return True
    name, args = pattern.name, pattern.args
    if kind == UNKNOWN:
        if name == "varchar" and args and isinstance(args[0], Node):
            # Of a NULL Trino makes an empty text.
            bound.setdefault(args[0].name, 0)
        return name != "function"
    if name in ("array", "map"):
        return kind.name == name and all(bind(each, part, bound) for each, part in zip(args, kind.args))
    if name == "row":
        return kind.name == "row" and len(args) == len(kind.args) and all(bind(each, part, bound) for each, (_, part) in zip(args, kind.args))
    if args and isinstance(args[0], Node):
        # `varchar(x)`, `decimal(p, s)`, `timestamp(p)`: any of the kind.
        target = _like(name, kind)
        if target is None:
            return False
        for each, value in zip(args, target.args):
            bound[each.name] = max(bound.get(each.name, 0), value)
        return True
    return becomes(kind, _concrete(pattern))


def _like(name: str, kind: Type) -> Type | None:
    """A type of this name that the kind becomes."""
    if kind.name == name:
        return kind
    if name == "varchar":
        return None
    if name == "char":
        return None
    if name == "decimal":
        found = common(kind, Type("decimal", (1, 0))) if kind.name in ("tinyint", "smallint", "integer", "bigint") else None
        return found
    if name in ("timestamp", "timestamp with time zone"):
        base = Type(name, (0,))
        found = common(kind, base)
        return found if found and found.name == name else None
    if name in ("time", "time with time zone"):
        found = common(kind, Type(name, (0,)))
        return found if found and found.name == name else None
    return None


_types: dict[Any, Type] = {}


def _concrete(pattern: Node) -> Type:
    found = _types.get(pattern.key)
    if found is None:
        found = _types[pattern.key] = type_of(pattern)
    return found


def resolved(pattern: Node, bound: Bindings) -> Type:
    """The type that a pattern is, with its variables known."""
    if pattern.kind == "variable":
        return bound.get(pattern.name, UNKNOWN)
    name, args = pattern.name, pattern.args
    if name in ("array", "map"):
        return Type(name, tuple(resolved(each, bound) for each in args))
    if name == "row":
        return Type("row", tuple((None, resolved(each, bound)) for each in args))
    if args and isinstance(args[0], Node):
        if args[0].name not in bound:
            return {"varchar": VARCHAR, "char": Type("char", (1,)), "decimal": Type("decimal", (1, 0))}.get(name, Type(name, (3,)))
        return Type(name, tuple(bound.get(each.name, 0) for each in args))
    return _concrete(pattern)


class Match:
    """A signature that takes the arguments, and what it takes them as."""

    def __init__(self, function: Function, patterns: list[Node], bound: Bindings, arguments: list[Value | Node]) -> None:
        self.function, self.patterns, self.bound = function, patterns, bound
        self.targets = [None if isinstance(each, Node) else resolved(pattern, bound) for pattern, each in zip(patterns, arguments)]
        self.exact = all(target is None or isinstance(each, Node) or each.type == target for target, each in zip(self.targets, arguments))

    def is_within(self, other: "Match") -> bool:
        """Whether what this one takes goes where the other's goes."""
        return all(a is None or b is None or _goes(a, b) for a, b in zip(self.targets, other.targets))


def _goes(a: Type, b: Type) -> bool:
    if a.name in NUMBERS and b.name in NUMBERS:
        # Whatever the digits: those of a signature's decimal are those of its argument.
        return NUMBERS.index(a.name) <= NUMBERS.index(b.name)
    return becomes(a, b) or a.name == b.name and not parts_of(a)


def matches(name: str, arguments: list[Value | Node]) -> list[Match]:
    """The signatures of a name that take these arguments (a lambda comes as it was written), those that fit best."""
    found: list[Match] = []
    for each in functions.get(name, ()):
        patterns = each.parameters_for(len(arguments))
        if patterns is None:
            continue
        bound = Bindings()
        if all(_takes(pattern, argument, bound) for pattern, argument in zip(patterns, arguments)) and _holds(each, bound):
            found.append(Match(each, patterns, bound, arguments))
    exact = [each for each in found if each.exact]
    if exact:
        # One that names the type goes before one that takes any.
        return sorted(exact, key=lambda each: sum(pattern.kind == "variable" for pattern in each.patterns))[:1]
    best = [each for each in found if all(each.is_within(other) for other in found)]
    if not best and len(found) > 1:
        best = [each for each in found if not any(other is not each and other.is_within(each) and not each.is_within(other) for other in found)]
    if len(best) > 1 and any(isinstance(each, Value) and each.type == UNKNOWN for each in arguments):
        best = [each for each in best if not any(pattern.kind == "type" and pattern.name == "char" for pattern in each.patterns)] or best
    return best[:1] if best and (len(best) == 1 or all(each.targets == best[0].targets for each in best)) else best


def _takes(pattern: Node, argument: Value | Node, bound: Bindings) -> bool:
    if isinstance(argument, Node):
        return pattern.kind == "type" and pattern.name == "function" and len(argument.names) == len(pattern.args) - 1
    return bind(pattern, argument.type, bound)


def _holds(function: Function, bound: Bindings) -> bool:
    tests = {"orderable": is_orderable, "comparable": is_comparable}
    return all(name not in bound or tests[wish](bound[name]) for name, wish in function.constraints.items())
