"""How operations are added to moto: as methods of its own classes, so that there is one store of truth."""

from __future__ import annotations

import functools
import json
from typing import Any, Callable, NoReturn

ACCOUNT = "000000000000"

#: In an environ: a request of the journal, whose answer nobody reads.
REPLAYED = "sandbox.replayed"

#: Who calls with credentials that the sandbox's IAM did not issue: an administrator of the account, as the learner is.
CALLER_ARN = f"arn:aws:iam::{ACCOUNT}:user/sandbox"


class Refusal(Exception):
    """An error of AWS, to be written in the shape of the service's protocol."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def refuse(code: str, message: str) -> NoReturn:
    """Answers with an error of AWS."""
    raise Refusal(code, message)


class Hollow(NotImplementedError):
    """An operation that moto answers without doing it. A pretended success teaches nothing: it is refused instead."""


def operation(owner: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds a function to a class of moto, under its own name; replaces what is there."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(owner, function.__name__, function)
        return function

    return add


def around(owner: type, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Puts a function around a method of moto. It gets the original as its first argument."""
    original = getattr(owner, name)

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return function(functools.partial(original, self), self, *args, **kwargs)

        setattr(owner, name, method)
        return function

    return add


def hollow(owner: type, *names: str) -> None:
    """Refuses operations that moto would only pretend to do."""
    for name in names:

        def method(self: Any, name: str = name) -> NoReturn:
            raise Hollow(name)

        getattr(owner, name)  # a rename in moto must not go unnoticed
        setattr(owner, name, method)


def body_of(response: Any) -> dict[str, Any]:
    """The JSON body of a request in the hands of a response class."""
    return json.loads(response.body or "{}")


def with_body(response: Any, body: dict[str, Any], method: Callable[[], Any]) -> Any:
    """Runs a method of a response class as if the request had this body."""
    kept = response.body
    response.body = json.dumps(body)
    try:
        return method()
    finally:
        response.body = kept


def epoch(moment: Any) -> float:
    """A time of moto's (naive UTC) as the seconds that JSON protocols carry."""
    import datetime

    return moment.replace(tzinfo=datetime.timezone.utc).timestamp()
