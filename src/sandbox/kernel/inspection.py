"""Questions that the gateway asks about what the control plane holds: reads that no call of AWS answers in one piece.

``POST /_lake/inspect`` with ``{"what": NAME, …}`` calls the function of that name with the rest as keyword arguments.
Nothing here changes anything, so nothing is journaled; only the gateway knows this process's port.
"""

from __future__ import annotations

import json
import traceback
from typing import Any, Callable, Iterable

PATH = "/_lake/inspect"

_questions: dict[str, Callable[..., Any]] = {}


def inspection(function: Callable[..., Any]) -> Callable[..., Any]:
    """Lets the gateway ask this function. Its answer must be JSON."""
    _questions[function.__name__] = function
    return function


class Inspecting:
    """Answers the gateway's questions and passes AWS's calls on."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self._app(environ, start_response)
        question = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        try:
            status, answer = "200 OK", _ask(question)
        except Exception as error:
            traceback.print_exc()
            status, answer = "500 Internal Server Error", {"error": repr(error)}
        body = json.dumps(answer).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def _ask(question: dict[str, Any]) -> Any:
    what = _questions[question.pop("what")]
    for _ in range(20):
        try:
            return what(**question)
        except RuntimeError as error:
            # It iterates over what a change touches right now: moto has no locks. It is asked again.
            if "during iteration" not in str(error):
                raise
    return what(**question)
