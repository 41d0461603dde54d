"""The plain upload of an object, which most of a large lake is made of, without the way that moto takes to it.

moto takes twenty times as long to route such a request and to look into it for what is not in it as to keep the object,
and a start would replay each. A request that is plain by its method, path and headers, to a bucket without settings that
concern it, is given to moto's store at once; any other goes moto's way. Object and answer are the same (`puts.py` of the
tests compares them).

At a start they are not even done: their objects rest in the journal until somebody looks at them.
"""

from __future__ import annotations

import functools
import re
import urllib.parse
import uuid
from typing import Any, Callable, Iterable

from moto.core.responses import BaseResponse
from moto.iam.models import iam_backends, mark_account_as_visited
from moto.s3.models import FakeBucket, FakeKey, S3Backend, s3_backends
from moto.s3.utils import metadata_from_headers
from moto.utilities.utils import get_partition

from sandbox.kernel.extend import ACCOUNT, REPLAYED
from sandbox.store.determinism import pinned
from sandbox.store.journal_file import Put

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
        found = _found(environ)
        if found:
            bucket, name, region, access_key = found
            backend = s3_backends[ACCOUNT][get_partition(region)]
            if _has_no_settings(backend.buckets.get(bucket)):
                mark_account_as_visited(ACCOUNT, access_key, "s3", region)
                key = _put(environ, backend, bucket, name)
                start_response("200 OK", [] if environ.get(REPLAYED) else _answer(environ, key))
                return []
        return self._app(environ, start_response)

    @staticmethod
    def plain(entry: dict[str, Any]) -> tuple[str, str, str, str] | None:
        """Bucket, key, region and access key of an entry of the journal that is a plain upload."""
        return _found(entry["environ"])

    @staticmethod
    def resting(wake: Callable[[Put], None]) -> Callable[[Put], bool]:
        """Enters objects that are made when somebody looks at them. False for an upload that has to be done: something depends on it now."""
        backends = functools.lru_cache(lambda region: tuple(each[ACCOUNT][get_partition(region)] for each in (s3_backends, iam_backends)))

        def rest(put: Put) -> bool:
            s3, iam = backends(put.region)
            bucket = s3.buckets.get(put.bucket)
            if bucket is None or put.key in bucket.keys or not _has_no_settings(bucket):
                return False
            if put.access_key in iam.access_keys:
                with pinned(0, put.time):
                    mark_account_as_visited(ACCOUNT, put.access_key, "s3", put.region)
            bucket.keys.rest(put.key, functools.partial(wake, put))
            return True

        return rest

    @staticmethod
    def wake(environ: dict[str, Any]) -> None:
        """Makes an object that rested, as its upload would have then: who changes what that reads of its bucket wakes it before."""
        bucket, name, region, _ = _found(environ)  # type: ignore[misc]
        _put(environ, s3_backends[ACCOUNT][get_partition(region)], bucket, name)


def _found(environ: dict[str, Any]) -> tuple[str, str, str, str] | None:
    """Bucket, key, region and access key of a plain upload."""
    if environ["REQUEST_METHOD"] != "PUT" or not _is_plain(environ):
        return None
    path = urllib.parse.unquote((environ.get("RAW_URI") or environ["PATH_INFO"]).split("?")[0])
    bucket, _, key = path[1:].partition("/")
    credential = CREDENTIAL.match(environ["HTTP_AUTHORIZATION"])
    return (bucket, key, *_caller(credential[0])) if key and credential else None


@functools.lru_cache
def _caller(credential: str) -> tuple[str, str]:
    """Region and access key."""
    found = BaseResponse.access_key_regex.search(credential)
    return CREDENTIAL.match(credential)[1], found[1] if found else "AKIAEXAMPLE"  # type: ignore[index]


def _is_plain(environ: dict[str, Any]) -> bool:
    path = environ.get("RAW_URI") or environ["PATH_INFO"]
    return (
        _are_plain_names(tuple(environ))
        and environ.get("QUERY_STRING", "") in ("", "x-id=PutObject")
        and path.startswith("/")
        and not path.startswith("//")
        and "HTTP_AUTHORIZATION" in environ
        and _is_of_this_machine(environ.get("HTTP_HOST", ""))
        and REGION_OF_AGENT not in environ.get("HTTP_USER_AGENT", "")
        and not environ.get("CONTENT_TYPE", "").startswith(FORMS)
        and not environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith(CHUNKED)
        # Without its value moto computes it.
        and ("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM" not in environ or _checksum(environ)[1] is not None)
    )


@functools.lru_cache
def _is_of_this_machine(host: str) -> bool:
    return OF_THIS_MACHINE.fullmatch(host) is not None


@functools.lru_cache
def _are_plain_names(names: tuple[str, ...]) -> bool:
    return all(not name.startswith("HTTP_") or PLAIN_HEADERS.fullmatch(name) for name in names)


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


def _put(environ: dict[str, Any], backend: S3Backend, bucket_name: str, key_name: str) -> FakeKey:
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
