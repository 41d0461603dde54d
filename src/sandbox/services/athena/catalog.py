"""The control plane as a client sees it: Glue's Data Catalog and the files in S3, for Athena.

Source: botocore glue 1.44.5 GetTable, 2026-11-28 (whole file)
Source: trinodb/trino plugin/trino-hive/src/main/java/io/trino/plugin/hive/HiveErrorCode.java, 2026-11-28 (whole file)
"""

from __future__ import annotations

import contextvars
import html
import http.client
import json
import os
import re
import urllib.parse
import xml.etree.ElementTree
from typing import Any, Iterator

from sandbox.kernel.engine import Refusal


#: The key with which a query asks for what it reads and writes: of whoever started it, where that is somebody who is judged.
caller: contextvars.ContextVar[str | None] = contextvars.ContextVar("caller", default=None)


def _send(region: str, service: str, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, bytes]:
    endpoint = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
    connection = http.client.HTTPConnection(endpoint.hostname or "", endpoint.port, timeout=120)
    scope = f"Credential={caller.get() or os.environ['AWS_ACCESS_KEY_ID']}/20200101/{region}/{service}/aws4_request"
    try:
        connection.request(method, path, body, {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0", **headers})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class Missing(Exception):
    """The catalog has no such thing."""


def glue(region: str, action: str, **body: Any) -> dict[str, Any]:
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AWSGlue.{action}"}
    status, text = _send(region, "glue", "POST", "/", headers, json.dumps(body).encode())
    answer = json.loads(text or b"{}")
    if status < 300:
        return answer
    code, message = str(answer.get("__type", "")).split("#")[-1], answer.get("message") or answer.get("Message") or ""
    if code == "EntityNotFoundException":
        raise Missing(message)
    if code == "AccessDeniedException":
        # Source: https://docs.aws.amazon.com/athena/latest/ug/troubleshooting-athena.html (permissions), 2026-11-28
        raise Refusal("PERMISSION_DENIED", f"Insufficient permissions to execute the query. {message}")
    raise Refusal("GENERIC_USER_ERROR", f"Glue {action}: {code}: {message}")


def all_of(region: str, action: str, key: str, **body: Any) -> Iterator[dict[str, Any]]:
    token: str | None = None
    while True:
        page = glue(region, action, **body, **({"NextToken": token} if token else {}))
        yield from page.get(key, [])
        token = page.get("NextToken")
        if not token:
            return


def split_uri(uri: str) -> tuple[str, str]:
    found = re.match(r"s3[an]?://([^/]+)/?(.*)", uri or "")
    if not found:
        raise Refusal("HIVE_INVALID_METADATA", f"Table location must be a path in S3, not '{uri}'")
    return found[1], found[2]


def files_under(region: str, location: str) -> list[tuple[str, int]]:
    """URI and size of the data files of a folder, as Athena sees them: no empty ones, none hidden by `_` or `.`."""
    bucket, prefix = split_uri(location)
    prefix = prefix if prefix.endswith("/") or not prefix else f"{prefix}/"
    found, token = [], None
    while True:
        query = {"list-type": "2", "prefix": prefix, **({"continuation-token": token} if token else {})}
        status, text = _send(region, "s3", "GET", f"/{bucket}?{urllib.parse.urlencode(query)}", {})
        if status == 404:
            raise Refusal("GENERIC_USER_ERROR", f"The specified bucket does not exist: {bucket}")
        if status == 403:
            # Source: aws/context-ontology-accelerator#38, 2026-11-28
            said = re.search(rb"<Message>(.*?)</Message>", text, re.S)
            raise Refusal("PERMISSION_DENIED", f"Access Denied (Service: S3, Status Code: 403): {html.unescape(said[1].decode()) if said else bucket}")
        root = xml.etree.ElementTree.fromstring(text)
        space = root.tag.split("}")[0] + "}" if "}" in root.tag else ""
        for each in root.iter(f"{space}Contents"):
            key, size = each.findtext(f"{space}Key") or "", int(each.findtext(f"{space}Size") or 0)
            if size and not any(part.startswith(("_", ".")) for part in key[len(prefix) :].split("/")):
                found.append((f"s3://{bucket}/{key}", size))
        token = root.findtext(f"{space}NextContinuationToken")
        if not token:
            return found
