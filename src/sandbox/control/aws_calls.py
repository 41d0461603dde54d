"""Makes calls of AWS as the AWS CLI writes them, at one endpoint: a JSON document a line in, one a line out.

botocore knows every operation and its parameters; what the CLI adds to it (names with hyphens, shorthand, --query, pages put
together) is small and here. Nothing of the user's AWS setup is read, and no files.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import jmespath
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, UnknownServiceError
from botocore.parsers import ResponseParserError
from botocore.session import Session

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.model import OperationModel, Shape

# The CLI has these services under another name than the SDK.
SERVICES = {"s3api": "s3", "configservice": "config", "deploy": "codedeploy"}
# Flags of the CLI itself: those that take a value, and those that do not.
WITH_VALUE = {"--output", "--region", "--query", "--profile", "--color", "--max-items", "--page-size", "--starting-token", "--cli-read-timeout", "--cli-connect-timeout"}
ALONE = {"--no-paginate", "--no-cli-pager", "--no-cli-auto-prompt", "--debug", "--no-verify-ssl", "--no-sign-request"}


class Usage(Exception):
    """What was asked for is no call that AWS has: a code, for which the caller has words, and what they are about."""

    def __init__(self, code: str, *about: str, meant: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.about = about
        self.meant = meant


def close(word: str, among: list[str]) -> str:
    """The nearest of some words, as a hint."""
    return next(iter(difflib.get_close_matches(word, among, 1)), "")


def split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand outside of brackets and quotes."""
    parts, depth, quote, at = [], 0, "", 0
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        elif character == separator and depth == 0:
            parts.append(text[at:index])
            at = index + 1
    return [*parts, text[at:]]


def shorthand(text: str, shape: Shape) -> Any:
    """The CLI's shorthand: `Name=tag:a,Values=b,c`."""
    if shape.type_name == "structure" or shape.type_name == "map":
        body = text[1:-1] if text.startswith("{") and text.endswith("}") else text
        pairs: list[list[str]] = []
        for part in split(body, ","):
            name, equals, value = part.partition("=")
            if equals and not name.startswith(("[", "{", '"', "'")):
                pairs.append([name.strip(), value])
            elif pairs:
                # Further items of a list.
                pairs[-1].append(part)
            else:
                raise Usage("shorthand", part)
        result: dict[str, Any] = {}
        for name, *values in pairs:
            if shape.type_name == "map":
                member = shape.value  # type: ignore[attr-defined]
            elif name in shape.members:  # type: ignore[attr-defined]
                member = shape.members[name]  # type: ignore[attr-defined]
            else:
                names = list(shape.members)  # type: ignore[attr-defined]
                raise Usage("member", name, ", ".join(names), meant=close(name, names))
            if member.type_name == "list":
                first = values[0]
                items = split(first[1:-1], ",") if len(values) == 1 and first.startswith("[") and first.endswith("]") else values
                result[name] = [scalar(item, member.member) for item in items]
            else:
                result[name] = scalar(",".join(values), member)
        return result
    return scalar(text, shape)


def scalar(text: str, shape: Shape) -> Any:
    """A value as its type has it."""
    kind = shape.type_name
    if kind in ("structure", "map"):
        return shorthand(text, shape)
    if kind == "list":
        body = text[1:-1] if text.startswith("[") and text.endswith("]") else text
        return [scalar(item, shape.member) for item in split(body, ",")]  # type: ignore[attr-defined]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except ValueError:
        raise Usage("number", text) from None
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise Usage("boolean", text)
        return text.lower() == "true"
    return text.encode() if kind == "blob" else text


def value_of(texts: list[str], shape: Shape, flag: str) -> Any:
    """What follows a flag, as its parameter's type has it."""
    for text in texts:
        if text.startswith(("file://", "fileb://", "http://", "https://")):
            raise Usage("file", flag)
    if not texts:
        raise Usage("value", flag)
    if shape.type_name in ("list", "structure", "map") and texts[0].lstrip().startswith(("[", "{")):
        try:
            value = json.loads(texts[0])
        except ValueError:
            pass
        else:
            return [value] if shape.type_name == "list" and isinstance(value, dict) else value
    if shape.type_name == "list":
        return [shorthand(text, shape.member) for text in texts]  # type: ignore[attr-defined]
    if len(texts) > 1:
        raise Usage("one-value", flag)
    return shorthand(texts[0], shape)


def is_flag(word: str) -> bool:
    return word.startswith("--") and len(word) > 2


def read(words: list[str], operation: OperationModel) -> tuple[dict[str, Any], dict[str, str]]:
    """Parameters of the operation and settings of the CLI, out of what follows the operation's name."""
    shape = operation.input_shape
    members = {f"--{xform_name(name, '-')}": (name, member) for name, member in (shape.members.items() if shape else ())}
    params: dict[str, Any] = {}
    settings: dict[str, str] = {}
    streams = operation.has_streaming_output
    at = 0
    while at < len(words):
        flag, equals, joined = words[at].partition("=") if is_flag(words[at]) else (words[at], "", "")
        at += 1
        if not is_flag(flag):
            if streams:
                # The file that it would be written to: nothing is written.
                streams = False
                continue
            raise Usage("no-flag", flag)
        values = [joined] if equals else []
        takes = flag in WITH_VALUE
        name, member = members.get(flag, ("", None))
        if member is None and flag in ALONE:
            settings[flag] = ""
            continue
        if member is not None and member.type_name == "boolean" and not equals:
            if at < len(words) and words[at].lower() in ("true", "false"):
                values = [words[at]]
                at += 1
            params[name] = not values or values[0].lower() == "true"
            continue
        if member is None and flag.startswith("--no-") and members.get(f"--{flag[5:]}", ("", None))[1] is not None:
            params[members[f"--{flag[5:]}"][0]] = False
            continue
        if not equals:
            many = member is not None and member.type_name == "list"
            while at < len(words) and not is_flag(words[at]) and (many or not values):
                values.append(words[at])
                at += 1
        if member is not None:
            params[name] = value_of(values, member, flag)
        elif takes:
            if not values:
                raise Usage("value", flag)
            settings[flag] = values[0]
        else:
            raise Usage("flag", xform_name(operation.name, "-"), flag, meant=close(flag, [*members, *WITH_VALUE, *ALONE]))
    missing = [f"--{xform_name(name, '-')}" for name in (shape.required_members if shape else []) if name not in params]
    if missing:
        raise Usage("missing", xform_name(operation.name, "-"), ", ".join(missing))
    return params, settings


class Caller:
    """Clients at one endpoint, made when first needed."""

    def __init__(self, endpoint: str, region: str) -> None:
        self.endpoint = endpoint
        self.region = region
        self.session = Session()
        self.session.set_credentials("sandbox", "sandbox")
        self.clients: dict[tuple[str, str], BaseClient] = {}

    def client(self, service: str, region: str) -> BaseClient:
        key = (service, region)
        if key not in self.clients:
            # Whoever has a proxy has it for the network, not for this machine.
            config = Config(proxies={}, retries={"max_attempts": 1}, read_timeout=60, connect_timeout=10, s3={"addressing_style": "path"})
            self.clients[key] = self.session.create_client(service, region_name=region, endpoint_url=self.endpoint, config=config)
        return self.clients[key]

    def call(self, request: dict[str, Any]) -> Any:
        service = SERVICES.get(request["service"], request["service"])
        words: list[str] = request.get("words", [])
        regions = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--region"]
        try:
            client = self.client(service, regions[-1] if regions else self.region)
        except UnknownServiceError:
            names = self.session.get_available_services()
            raise Usage("service", request["service"], meant=close(service, names)) from None
        names = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
        wanted = request["operation"]
        if wanted not in names:
            raise Usage("operation", request["service"], wanted, meant=close(wanted, list(names)))
        model = client.meta.service_model.operation_model(names[wanted])
        params, settings = (request["params"], {}) if "params" in request else read(words, model)
        method = xform_name(names[wanted])
        if "params" not in request and "--no-paginate" not in settings and client.can_paginate(method):
            limits = {"MaxItems": settings.get("--max-items"), "PageSize": settings.get("--page-size"), "StartingToken": settings.get("--starting-token")}
            result = client.get_paginator(method).paginate(**params, PaginationConfig=limits).build_full_result()
        else:
            result = getattr(client, method)(**params)
        result.pop("ResponseMetadata", None)
        for name, value in result.items():
            if hasattr(value, "read"):
                result[name] = f"({len(value.read())} bytes)"
        if "--query" in settings:
            try:
                return jmespath.search(settings["--query"], result)
            except jmespath.exceptions.JMESPathError as error:
                raise Usage("query", str(error)) from None
        return result


def failure(kind: str, code: str, message: str) -> dict[str, Any]:
    return {"error": {"kind": kind, "code": code, "message": message}}


def answer(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"output": caller.call(request)}
    except Usage as error:
        return {"error": {"kind": "usage", "code": error.code, "message": "", "about": error.about, "meant": error.meant}}
    except ClientError as error:
        found = error.response.get("Error", {})
        code = str(found.get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        kind = "unimplemented" if status == 501 or code.startswith("NotImplemented") else "aws"
        return failure(kind, code, str(found.get("Message") or error))
    except ResponseParserError as error:
        # moto answers what it does not implement with a page.
        return failure("unimplemented", "NotImplemented", str(error).splitlines()[0])
    except BotoCoreError as error:
        return failure("usage", "parameters", str(error))


def main() -> None:
    endpoint, region = sys.argv[1:3]
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        os.environ[name] = os.devnull
    caller = Caller(endpoint, region)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], **answer(caller, request)}, default=str), flush=True)


if __name__ == "__main__":
    main()
