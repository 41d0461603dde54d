"""What IAM's policies say about an action: the sandbox's one evaluator.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html, 2026-11-28 (whole file)
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html, 2026-11-28 (whole file)
"""

from __future__ import annotations

import base64
import datetime
import functools
import ipaddress
import json
import re
from typing import Any, Callable, Iterable, Mapping, Sequence
from urllib.parse import unquote

#: A statement with the name of the policy that it is of.
Statement = tuple[str, dict[str, Any]]

#: The values of a condition key, which is in lower case; nothing where the request has none.
Context = Callable[[str], "Sequence[str] | None"]


def context_of(values: Mapping[str, Sequence[str]]) -> Context:
    lower = {key.lower(): list(given) for key, given in values.items()}
    return lower.get


@functools.lru_cache(512)
def _parsed(document: str) -> tuple[dict[str, Any], ...]:
    parsed = json.loads(document if document.lstrip().startswith("{") else unquote(document))
    return tuple(as_list(parsed.get("Statement", [])))


def statements_in(name: str, document: Any) -> list[Statement]:
    text = document if isinstance(document, str) else json.dumps(document)
    return [(name, statement) for statement in _parsed(text)]


def decide(statements: Iterable[Statement], action: str, resource: str, context: Context) -> tuple[str, str | None]:
    """`explicitDeny`, `allowed` or `implicitDeny`, and the policy that says so."""
    allowed = None
    for name, statement in statements:
        if applies(statement, action, resource, context):
            if statement["Effect"] == "Deny":
                return "explicitDeny", name
            allowed = allowed or name
    return ("allowed", allowed) if allowed else ("implicitDeny", None)


def applies(statement: dict[str, Any], action: str, resource: str, context: Context) -> bool:
    wanted = action.lower()
    if "Action" in statement:
        if not any(_pattern(each.lower()).match(wanted) for each in as_list(statement["Action"])):
            return False
    elif any(_pattern(each.lower()).match(wanted) for each in as_list(statement.get("NotAction", []))):
        return False
    if "NotResource" in statement:
        if _on(as_list(statement["NotResource"]), resource, context):
            return False
    elif not _on(as_list(statement.get("Resource", "*")), resource, context):
        return False
    return all(_holds(operator, keys, context) for operator, keys in statement.get("Condition", {}).items())


def _on(patterns: list[str], resource: str, context: Context) -> bool:
    return any(pattern == "*" or _pattern(_filled(pattern, context)).match(resource) for pattern in patterns)


@functools.lru_cache(4096)
def _pattern(text: str) -> re.Pattern[str]:
    """`*` and `?` are wildcards, `${*}` and its like are not; everything else stands for itself."""
    literal = {"${*}": r"\*", "${?}": r"\?", "${$}": r"\$", "*": ".*", "?": "."}
    return re.compile("".join(literal.get(part, re.escape(part)) for part in re.split(r"(\$\{[*?$]\}|[*?])", text)) + r"\Z", re.S)


def _filled(text: str, context: Context) -> str:
    """A text with its policy variables, `${aws:username}`, filled in; an unknown one matches nothing."""
    if "${" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        key, _, default = match[1].partition(",")
        given = context(key.strip().lower())
        return given[0] if given else default.strip().strip("'") if default else "\0"

    return re.sub(r"\$\{([^*?$}][^}]*)\}", value, text)


def _holds(operator: str, keys: dict[str, Any], context: Context) -> bool:
    *quantifier, name = operator.split(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    return all(_compared(name, quantifier[0] if quantifier else "", if_exists, key, as_list(wanted), context) for key, wanted in keys.items())


def _compared(name: str, quantifier: str, if_exists: bool, key: str, wanted: list[Any], context: Context) -> bool:
    given = context(key.lower())
    if name == "Null":
        return any(str(each).lower() == ("true" if not given else "false") for each in wanted)
    negated = "Not" in name
    if not given:
        # A key that is not there is unlike everything; `ForAllValues` holds of none.
        return if_exists or quantifier == "ForAllValues" or (negated and quantifier != "ForAnyValue")
    test = _tests.get(name.replace("Not", ""))
    if test is None:
        return False
    expected = [_filled(str(each).lower() if isinstance(each, bool) else str(each), context) for each in wanted]

    def hits(value: str) -> bool:
        return any(_try(test, value, each) for each in expected) != negated

    return all(map(hits, given)) if quantifier == "ForAllValues" or (negated and quantifier == "") else any(map(hits, given))


def _try(test: Callable[[str, str], bool], value: str, expected: str) -> bool:
    try:
        return test(value, expected)
    except ValueError:
        # What is no number, time or address is like none.
        return False


def _moment(text: str) -> float:
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    parsed = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=datetime.timezone.utc)).timestamp()


def _compare(read: Callable[[str], Any]) -> dict[str, Callable[[str, str], bool]]:
    return {
        "Equals": lambda value, expected: read(value) == read(expected),
        "LessThan": lambda value, expected: read(value) < read(expected),
        "LessThanEquals": lambda value, expected: read(value) <= read(expected),
        "GreaterThan": lambda value, expected: read(value) > read(expected),
        "GreaterThanEquals": lambda value, expected: read(value) >= read(expected),
    }


def _like(value: str, expected: str) -> bool:
    return bool(_pattern(expected).match(value))


#: By the names of operators, less their `Not`.
_tests: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, expected: value == expected,
    "StringEqualsIgnoreCase": lambda value, expected: value.lower() == expected.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda value, expected: value.lower() == expected.lower(),
    "BinaryEquals": lambda value, expected: base64.b64decode(value) == base64.b64decode(expected),
    "IpAddress": lambda value, expected: ipaddress.ip_address(value) in ipaddress.ip_network(expected, strict=False),
    **{f"Numeric{name}": test for name, test in _compare(float).items()},
    **{f"Date{name}": test for name, test in _compare(_moment).items()},
}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
