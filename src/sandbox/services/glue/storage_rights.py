"""What a job's role may do with what Spark reads and writes.

Spark runs in a server of its own, which reaches the sandbox's S3 with a key that nobody judges: on Glue it would be the job's. So before a
plan is sent there, the paths in it are asked for with the key of the job, in requests that are judged and not carried out.
"""

from __future__ import annotations

import os
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Iterator

from sandbox.services.glue.glue_library import when_loaded

CLIENT = "pyspark.sql.connect.client.core"

#: Asks the gateway to judge a request and do no more.
ONLY_JUDGED = "x-lake-only-judged"

_allowed: set[tuple[str, str]] = set()


def watch() -> None:
    """Watches Spark's client."""
    when_loaded(CLIENT, _patch)


def _patch(module: Any) -> None:
    client = module.SparkConnectClient
    for name in ("_execute", "_execute_and_fetch_as_iterator"):

        def method(self: Any, request: Any, *args: Any, original: Any = getattr(client, name), **kwargs: Any) -> Any:
            check(request.plan)
            return original(self, request, *args, **kwargs)

        setattr(client, name, method)


def check(plan: Any) -> None:
    """Refuses a plan whose paths the role may not read or write.

    Source: https://repost.aws/knowledge-center/glue-403-access-denied-error, 2026-11-28
    Source: schubergphilis/terraform-aws-mcaf-securityhub-findings-manager#64, 2026-11-28
    """
    for kind, path in paths_in(plan):
        check_place(kind, path)


def check_place(kind: str, path: str) -> None:
    """Refuses a place that the role may not `read` or `write`.

    Source: https://repost.aws/knowledge-center/glue-403-access-denied-error, 2026-11-28
    """
    found = re.match(r"s3[an]?://([^/]+)/?(.*)", path)
    if not found or (kind, path) in _allowed:
        return
    bucket, key = found[1], re.split(r"[*?\[{]", found[2])[0]
    if kind == "write":
        requests = [("PUT", f"/{bucket}/{urllib.parse.quote(key.rstrip('/'))}/part-00000")]
    else:
        listing = urllib.parse.urlencode({"list-type": "2", "prefix": key})
        requests = [("GET", f"/{bucket}?{listing}"), ("GET", f"/{bucket}/{urllib.parse.quote(key)}")]
    for method, where in requests:
        why = _refusal(method, where)
        if why:
            from pyspark.errors import PySparkException

            raise PySparkException(f"java.nio.file.AccessDeniedException: {path}: {why} (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)")
    _allowed.add((kind, path))


def _refusal(method: str, where: str) -> str | None:
    region, key = os.environ.get("AWS_REGION", ""), os.environ.get("AWS_ACCESS_KEY_ID", "")
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + where, method=method, data=b"" if method == "PUT" else None)
    request.add_header("Authorization", f"AWS4-HMAC-SHA256 Credential={key}/20200101/{region}/s3/aws4_request, SignedHeaders=host, Signature=0")
    request.add_header(ONLY_JUDGED, "1")
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except urllib.error.HTTPError as error:
        said = error.read().decode("utf-8", "replace")
        found = re.search(r"<Message>(.*?)</Message>", said, re.S)
        return (found[1] if found else "Access Denied").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"') if error.code == 403 else None
    return None


def paths_in(message: Any) -> Iterator[tuple[str, str]]:
    """The places that a plan reads (`read`) and writes (`write`)."""
    name = message.DESCRIPTOR.name
    if name == "DataSource":
        yield from (("read", path) for path in message.paths)
    elif name == "WriteOperation" and message.WhichOneof("save_type") == "path":
        yield "write", message.path
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE and not (field.message_type and field.message_type.GetOptions().map_entry):
            for each in [value] if hasattr(value, "ListFields") else value:
                yield from paths_in(each)
