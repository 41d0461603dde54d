"""Holds recorded calls against AWS's own models: members, types, enums, lengths, patterns; and says what each asks IAM for.

Reads a JSON list of calls (service, region, method, path, headers, body in base64) and writes
``{"problems": [...], "checks": [[call, action, resource]...], "calls": n}``.
"""

from __future__ import annotations

import base64
import functools
import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree
from datetime import datetime
from pathlib import Path
from typing import Any, Iterator

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

sys.path.append(str(Path(__file__).resolve().parents[3] / "src"))

from sandbox.services.iam.calls import asked, checks  # noqa: E402


@functools.lru_cache
def model_of(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def numbered(shape: Shape, given: dict[str, str], ec2: bool) -> Any:
    """The value that members of a form, less their common beginning, stand for; what is no member is kept under `?`."""
    if shape.type_name == "structure":
        found: dict[str, Any] = {}
        known = {}
        for name, member in shape.members.items():
            flat = member.type_name == "list" and member.serialization.get("flattened")
            written = member.serialization.get("queryName") if ec2 else None
            own = member.serialization.get("name") or (member.member.serialization.get("name") if flat and not ec2 else None) or name
            known[written or (own[0].upper() + own[1:] if ec2 else own)] = name, member
        rest: dict[str, dict[str, str]] = {}
        for key, value in given.items():
            head, _, tail = key.partition(".")
            rest.setdefault(head, {})[tail] = value
        for head, inner in rest.items():
            if head in known:
                name, member = known[head]
                found[name] = numbered(member, inner, ec2)
            else:
                found[f"?{head}"] = inner
        return found
    if shape.type_name == "list":
        items: dict[str, dict[str, str]] = {}
        for key, value in given.items():
            key = key.removeprefix("member.") if not ec2 else key
            head, _, tail = key.partition(".")
            items.setdefault(head, {})[tail] = value
        return [numbered(shape.member, inner, ec2) for inner in items.values()]
    value = given.get("", "")
    if shape.type_name in ("integer", "long"):
        return int(value)
    return {"true": True, "false": False}.get(value, value) if shape.type_name == "boolean" else value


def from_xml(shape: Shape, element: Any) -> Any:
    if shape.type_name == "structure":
        found: dict[str, Any] = {}
        for child in element:
            tag = child.tag.split("}")[-1]
            named = next(((name, member) for name, member in shape.members.items() if tag in (member.serialization.get("name", name), name)), None)
            if named is None:
                found[f"?{tag}"] = child.text
            elif named[1].type_name == "list" and named[1].serialization.get("flattened"):
                found.setdefault(named[0], []).append(from_xml(named[1].member, child))
            else:
                found[named[0]] = from_xml(named[1], child)
        return found
    if shape.type_name == "list":
        return [from_xml(shape.member, child) for child in element]
    text = element.text or ""
    return int(text) if shape.type_name in ("integer", "long") else {"true": True, "false": False}.get(text, text) if shape.type_name == "boolean" else text


def read(call: dict[str, Any]) -> tuple[str, Shape | None, dict[str, Any]]:
    """Operation, shape and members of a call."""
    model = model_of(call["service"])
    protocol = model.metadata["protocol"]
    body = base64.b64decode(call["body"])
    if protocol in ("query", "ec2"):
        form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        operation = model.operation_model(form.pop("Action"))
        assert form.pop("Version") == model.api_version
        return operation.name, operation.input_shape, numbered(operation.input_shape, form, protocol == "ec2") if operation.input_shape else {}
    if protocol == "json":
        operation = model.operation_model(call["headers"]["x-amz-target"].split(".")[-1])
        return operation.name, operation.input_shape, json.loads(body or b"{}")
    found = asked(call["service"], call["region"], "", call["method"], call["path"], call["headers"], {})
    assert found, f"no operation of {call['service']}: {call['method']} {call['path']}"
    operation = model.operation_model(found.operation)
    shape = operation.input_shape
    given: dict[str, Any] = {}
    path, _, query = call["path"].partition("?")
    words = {key: values for key, values in urllib.parse.parse_qs(query, keep_blank_values=True).items() if key != "x-id"}
    for key in urllib.parse.parse_qs(operation.http["requestUri"].partition("?")[2], keep_blank_values=True):
        words.pop(key, None)
    for name, member in (shape.members if shape else {}).items():
        where, written = member.serialization.get("location"), member.serialization.get("name", name)
        if where == "uri":
            given[name] = typed(member, found.input.get(written, found.input.get(name)))
        elif where == "querystring" and written in words:
            values = words.pop(written)
            given[name] = [typed(member.member, each) for each in values] if member.type_name == "list" else typed(member, values[0])
        elif where == "header" and written.lower() in call["headers"]:
            given[name] = typed(member, call["headers"][written.lower()])
    given |= {f"?{word}": values for word, values in words.items()}
    payload = shape.serialization.get("payload") if shape else None
    if payload and shape.members[payload].type_name == "structure":
        given[payload] = from_xml(shape.members[payload], xml.etree.ElementTree.fromstring(body)) if protocol == "rest-xml" else json.loads(body or b"{}")
    elif not payload and protocol == "rest-json":
        given |= json.loads(body or b"{}")
    return operation.name, shape, given


def typed(shape: Shape, text: Any) -> Any:
    if shape.type_name in ("integer", "long"):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if shape.type_name == "boolean" else text


KINDS: dict[str, tuple[type, ...]] = {
    "structure": (dict,), "map": (dict,), "list": (list,), "string": (str,), "character": (str,), "boolean": (bool,), "integer": (int,), "long": (int,),
    "double": (int, float), "float": (int, float), "timestamp": (int, float, str), "blob": (str, bytes),
}  # fmt: skip


def problems(shape: Shape, value: Any, where: str) -> Iterator[str]:
    kind = shape.type_name
    if not isinstance(value, KINDS[kind]) or (kind != "boolean" and isinstance(value, bool)):
        yield f"{where}: {value!r} is no {kind}"
        return
    limits = shape.metadata
    size = value if kind in ("integer", "long", "double", "float") else len(value) if kind in ("string", "list", "map") else None
    if size is not None and not limits.get("min", size) <= size <= limits.get("max", size):
        yield f"{where}: {value!r} is not within {limits.get('min')} and {limits.get('max')}"
    if kind == "structure":
        names = {member.serialization.get("name", name) if member.serialization.get("location") is None else name: name for name, member in shape.members.items()}
        for key, inner in value.items():
            name = key if key in shape.members else names.get(key)
            if name is None:
                yield f"{where}.{key}: no such member"
            elif inner is not None:
                yield from problems(shape.members[name], inner, f"{where}.{name}")
        present = {names.get(key, key) for key in value}
        yield from (f"{where}.{name}: is missing" for name in shape.required_members if name not in present and not shape.members[name].metadata.get("idempotencyToken"))
    elif kind == "list":
        for at, each in enumerate(value):
            yield from problems(shape.member, each, f"{where}[{at}]")
    elif kind == "map":
        for key, each in value.items():
            yield from problems(shape.key, key, f"{where} key")
            yield from problems(shape.value, each, f"{where}[{key}]")
    elif kind == "string":
        if getattr(shape, "enum", None) and value not in shape.enum:
            yield f"{where}: {value!r} is none of {shape.enum[:8]}"
        pattern = limits.get("pattern")
        if pattern and not matches(pattern, value):
            yield f"{where}: {value!r} does not match {pattern}"
    elif kind == "timestamp" and isinstance(value, str):
        datetime.fromisoformat(value.replace("Z", "+00:00"))


def matches(pattern: str, value: str) -> bool:
    """Java's and JavaScript's patterns, as far as Python spells them otherwise."""
    python = pattern.replace("\\p{L}", "^\\W\\d_").replace("\\p{Z}", "\\s").replace("\\p{N}", "\\d").replace("\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\U00010000-\\U0010FFFF").replace("\\p{Alpha}", "A-Za-z").replace("\\/", "/")
    if "^\\W" in python:
        # Letters, separators, numbers and what stands beside them in such a class.
        python = re.sub(r"\[\^\\W\\d_", r"[\\w", python.replace("([^\\W", "([^\\W"))
    try:
        return re.fullmatch(python, value, re.S) is not None or re.match(python, value, re.S) is not None and python.startswith("^")
    except re.error:
        print(f"not a pattern of Python's: {pattern}", file=sys.stderr)
        return True


def main() -> None:
    calls = json.load(sys.stdin)
    wrong: list[str] = []
    needed: list[list[str]] = []
    for call in calls:
        operation, shape, given = read(call)
        label = f"{call['service']}.{operation}"
        if shape is not None:
            wrong += list(problems(shape, given, label))
        elif given:
            wrong.append(f"{label}: takes nothing, and was given {given!r}")
        what = call["service"] in ("iam", "sts", "ec2") and base64.b64decode(call["body"]).decode()
        action = operation if what or "x-amz-target" in call["headers"] or call["service"] == "lakeformation" else ""
        ask = asked(call["service"], call["region"], action, call["method"], call["path"], call["headers"], what or given)
        if ask:
            needed += [[label, each.action, each.resource] for each in checks(ask, call["headers"], [])]
    json.dump({"problems": sorted({*wrong}), "checks": needed, "calls": len(calls)}, sys.stdout)


if __name__ == "__main__":
    main()
