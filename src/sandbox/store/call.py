"""Which service and action a request is for, and whether it only reads."""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

from sandbox.store.compaction import READ_METHODS

#: Actions of the JSON and query protocols that change nothing, by the verb they start with.
READ_VERBS = ("Get", "List", "Describe", "BatchGet", "Search", "Head", "Lookup", "Simulate", "Test", "Filter", "Check")

#: They give out keys, which must be known after a restart too.
GIVING = ("GetFederationToken", "GetSessionToken")


class Call:
    """What kind of request an environ is, from its signature scope, its target header or its form."""

    def __init__(self, environ: dict[str, Any], body: bytes | None) -> None:
        self.method: str = environ["REQUEST_METHOD"]
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        query = environ.get("QUERY_STRING", "")
        scope = re.search(r"Credential=[^/]+/[^/]+/([^/]+)/([^/]+)/aws4_request", authorization + "," + urllib.parse.unquote(query))
        self.region, self.service = scope.groups() if scope else ("", "s3")
        self.action = self._action(environ, body, query)

    def _action(self, environ: dict[str, Any], body: bytes | None, query: str) -> str:
        target: str = environ.get("HTTP_X_AMZ_TARGET", "")
        if target:
            return target.rsplit(".", 1)[-1]
        form = body.decode("utf-8", "replace") if body and "form-urlencoded" in environ.get("CONTENT_TYPE", "") else ""
        named = re.search(r"(?:^|&)Action=(\w+)", form) or re.search(r"(?:^|&)Action=(\w+)", query)
        if named:
            return named.group(1)
        # Lake Formation is REST with a POST per action: its path is the action.
        return environ.get("PATH_INFO", "/")[1:] if self.service == "lakeformation" else ""

    @property
    def reads(self) -> bool:
        return self.action.startswith(READ_VERBS) and self.action not in GIVING if self.action else self.method in READ_METHODS

    @property
    def kind(self) -> str:
        return f"{self.service}/{self.region}/{self.action or self.method}"
