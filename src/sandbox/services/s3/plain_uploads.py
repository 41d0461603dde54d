"""The plain upload of an object, which most of a large lake is made of, without the way that moto takes to it.

moto takes twenty times as long to route such a request and to look into it for what is not in it as to keep the object,
and a start replays each. A request that is plain by its method, path and headers, to a bucket without settings that
concern it, is given to moto's store at once; any other goes moto's way. Object and answer are the same (`puts.py` of the
tests compares them).
"""

from __future__ import annotations

import functools
import re
import urllib.parse
import uuid
from typing import Any, Callable, Iterable

from moto.core.responses import BaseResponse
from moto.iam.models import mark_account_as_visited
from moto.s3.models import FakeBucket, FakeKey, S3Backend, s3_backends
from moto.s3.utils import metadata_from_headers
from moto.utilities.utils import get_partition

from sandbox.kernel.extend import ACCOUNT, REPLAYED

#: Headers that a plain upload may have; all others ask for more than the object, or may.
PLAIN_HEADERS = re.compile(
    r"HTTP_(HOST|AUTHORIZATION|USER_AGENT|ACCEPT|ACCEPT_ENCODING|CONNECTION|EXPECT|AMZ_SDK_INVOCATION_ID|AMZ_SDK_REQUEST"
    r"|X_AMZ_(USER_AGENT|DATE|SECURITY_TOKEN|CONTENT_SHA256|SDK_CHECKSUM_ALGORITHM|CHECKSUM_(CRC32|CRC32C|CRC64NVME|SHA1|SHA256)))"
)
OF_THIS_MACHINE = re.compile(r"(127\.0\.0\.1|localhost)(:\d+)?")
CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/,\s]+/\d+/([\w-]+)/s3/aws4_request")
#: By this moto knows a region better than by the signature.
REGION_OF_AGENT = "region/"
#: Content that is more than its bytes: a form, or one in signed chunks.
FORMS = ("application/x-www-form-urlencoded", "multipart/")
CHUNKED = "STREAMING-"


class PlainPuts:
    """Does plain uploads; passes on everything else."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PUT" and _is_plain(environ):
            path = urllib.parse.unquote((environ.get("RAW_URI") or environ["PATH_INFO"]).split("?")[0])
            bucket_name, _, key_name = path[1:].partition("/")
            credential = CREDENTIAL.match(environ["HTTP_AUTHORIZATION"])
            backend = s3_backends[ACCOUNT][get_partition(credential[1])] if credential else None
            if backend and key_name and _has_no_settings(backend.buckets.get(bucket_name)):
                key = _put(environ, backend, bucket_name, key_name, credential)  # type: ignore[arg-type]
                start_response("200 OK", [] if environ.get(REPLAYED) else _answer(environ, key))
                return []
        return self._app(environ, start_response)


def _is_plain(environ: dict[str, Any]) -> bool:
    path = environ.get("RAW_URI") or environ["PATH_INFO"]
    return (
        environ.get("QUERY_STRING", "") in ("", "x-id=PutObject")
        and path.startswith("/")
        and not path.startswith("//")
        and "HTTP_AUTHORIZATION" in environ
        and OF_THIS_MACHINE.fullmatch(environ.get("HTTP_HOST", "")) is not None
        and REGION_OF_AGENT not in environ.get("HTTP_USER_AGENT", "")
        and not environ.get("CONTENT_TYPE", "").startswith(FORMS)
        and not environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith(CHUNKED)
        # Without its value moto computes it.
        and ("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM" not in environ or _checksum(environ)[1] is not None)
        and all(map(_is_plain_name, environ))
    )


@functools.lru_cache
def _is_plain_name(name: str) -> bool:
    return not name.startswith("HTTP_") or PLAIN_HEADERS.fullmatch(name) is not None


@functools.lru_cache
def _header(name: str) -> str | None:
    """The header that an entry of an environ stands for, if it may tell something of an object."""
    return "Content-Type" if name == "CONTENT_TYPE" else name[5:].replace("_", "-").title() if name.startswith("HTTP_X_AMZ_") else None


def _has_no_settings(bucket: FakeBucket | None) -> bool:
    return (
        bucket is not None
        and bucket.versioning_status is None
        and bucket.policy is None
        and not bucket.object_lock_enabled
        and not bucket.logging
        and bucket.notification_configuration is None
    )


def _checksum(environ: dict[str, Any]) -> tuple[str, str | None]:
    algorithm = environ.get("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", "")
    return algorithm, environ.get(f"HTTP_X_AMZ_CHECKSUM_{algorithm.upper()}")


def _put(environ: dict[str, Any], backend: S3Backend, bucket_name: str, key_name: str, credential: re.Match[str]) -> FakeKey:
    access_key = BaseResponse.access_key_regex.search(credential[0])
    mark_account_as_visited(ACCOUNT, access_key[1] if access_key else "AKIAEXAMPLE", "s3", credential[1])
    algorithm, checksum = _checksum(environ)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    key = backend.put_object(bucket_name, key_name, body, storage="STANDARD", checksum_value=checksum)
    key.set_metadata(metadata_from_headers({header: value for name, value in environ.items() if (header := _header(name)) and (value or header != "Content-Type")}))
    key.set_acl(backend.buckets[bucket_name].acl)
    if algorithm:
        key.checksum_algorithm = algorithm
    backend.put_object_tagging(key, {})
    return key


def _answer(environ: dict[str, Any], key: FakeKey) -> list[tuple[str, str]]:
    algorithm, checksum = _checksum(environ)
    headers = {**({f"x-amz-checksum-{algorithm.lower()}": checksum} if checksum else {}), **key.response_dict}
    headers.pop("content-length", None)
    return [*headers.items(), ("x-amzn-requestid", uuid.uuid4().hex.upper()), ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0")]
