"""What the sandbox's `awsglue` does not have, said in words."""

from __future__ import annotations

from typing import Any, Callable, NoReturn


class NotInSandbox(NotImplementedError):
    """Something of Glue's library that the sandbox lacks; its text says what to write instead."""


def lack(name: str, instead: str) -> NoReturn:
    """Source: our own (what the sandbox lacks), 2026-11-28"""
    raise NotInSandbox(f"The sandbox's awsglue has no {name}. {instead}")


def lacking(name: str, instead: str) -> Callable[..., Any]:
    """A method that is not here."""

    def method(*_: Any, **__: Any) -> NoReturn:
        lack(name, instead)

    return method
