"""Amazon S3: what moto does not judge of buckets."""

from __future__ import annotations

import datetime
import re
from typing import Any

import flask
from moto.core.utils import utcnow
from moto.s3.exceptions import InvalidBucketName
from moto.s3.models import FakeBucket, S3Backend

import sandbox.services.s3.listing  # noqa: F401
import sandbox.services.s3.objects  # noqa: F401
from sandbox.kernel.extend import REPLAYED, around


@around(FakeBucket, "__init__")
def bucket_init(original: Any, self: FakeBucket, *args: Any, **kwargs: Any) -> None:
    """A bucket's date comes from the clock that the journal replays.

    Source: our own (the clock that the journal replays), 2026-11-28
    """
    original(*args, **kwargs)
    self.creation_date = utcnow().replace(tzinfo=datetime.timezone.utc)


#: Three to 63 characters, and no address of a machine.
BUCKET_NAME = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@around(S3Backend, "create_bucket")
def create_bucket(original: Any, self: S3Backend, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
    """moto looks at the length of a bucket's name only. What was made before this was looked at stays.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, 2026-11-28
    Source: localstack/localstack tests/aws/services/s3/test_s3.snapshot.json, 2026-11-28
    """
    replayed = flask.has_request_context() and flask.request.environ.get(REPLAYED)
    if not replayed and not BUCKET_NAME.fullmatch(bucket_name):
        raise InvalidBucketName
    return original(bucket_name, *args, **kwargs)
