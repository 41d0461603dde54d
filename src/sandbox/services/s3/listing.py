"""S3's listings from an ordered index of each bucket's keys: a page costs what is on it, however much the bucket holds.

moto goes through the whole bucket for each page, and copies it for one of versions. It also shows common prefixes whose
objects are all deleted, does not break off ListObjects at common prefixes, and knows no token of ListObjectsV2 after a
restart.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import hashlib
import sys
import threading
from typing import Any, Callable, Iterator, Union

from moto.s3 import models
from moto.s3.exceptions import InvalidContinuationToken, MethodNotAllowed
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, FakeTableStorageBucket, S3Backend
from moto.s3.utils import _VersionedKeyStore

from sandbox.kernel.extend import operation

#: More AWS does not give at a time, whatever is asked for.
MOST_KEYS = 1000

Item = Union[FakeKey, FakeDeleteMarker, str]


class Keys(_VersionedKeyStore):
    """A bucket's keys with their versions, and their order once it has been asked for.

    In the place of an object that was not looked at since the start is what makes it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._order: list[str] | None = None
        self._lock = threading.RLock()
        self._waking: str | None = None

    def rest(self, key: str, wake: Callable[[], None]) -> None:
        """Enters an object that `wake` makes, by `setlist`, when it is looked at."""
        self._enter(key)
        dict.__setitem__(self, key, wake)

    def wake_all(self) -> None:
        """Makes all objects that are not made yet."""
        for key in [key for key, found in dict.items(self) if not isinstance(found, list)]:
            self.getlist(key)

    def __sgetitem__(self, key: str) -> list[Any]:
        found = dict.__getitem__(self, key)
        if isinstance(found, list):
            return found
        with self._lock:
            found = dict.__getitem__(self, key)
            if isinstance(found, list):
                return found
            if key == self._waking:
                raise KeyError(key)  # its upload sees what was there before it: nothing
            before, self._waking = self._waking, key
            try:
                found()
            finally:
                self._waking = before
            return dict.__getitem__(self, key)

    def item_size(self) -> int:
        """moto's measure, which counts an object as what it costs moto to know of it."""
        return sum(sys.getsizeof(found if isinstance(found, list) else [found]) for found in dict.values(self))

    def __setitem__(self, key: str, value: Any) -> None:
        self._enter(key)
        super().__setitem__(key, value)

    def setlist(self, key: str, list_: Any) -> None:
        self._enter(key)
        super().setlist(key, list_)

    def pop(self, key: str) -> None:  # type: ignore[override]
        super().pop(key)
        with self._lock:
            if self._order is not None:
                del self._order[bisect.bisect_left(self._order, key)]

    def _enter(self, key: str) -> None:
        with self._lock:
            if self._order is not None and key not in self:
                bisect.insort(self._order, key)

    def current(self, prefix: str, delimiter: str | None, after: str, most: int) -> tuple[list[Item], bool]:
        """The next objects and common prefixes after a key or a common prefix; whether there are more."""
        with self._lock:
            shown = (folder or self[name] for name, folder in self._walk(prefix, delimiter, after, lambda name: isinstance(self.get(name), FakeKey)))
            return _page(shown, most)

    def versions(self, prefix: str, delimiter: str | None, after: str, version: str | None, most: int) -> tuple[list[Item], bool]:
        """The same with all versions, the newest first; `version` is the last one seen of the key `after`."""
        with self._lock:
            return _page(self._each_version(prefix, delimiter, after, version), most)

    def _each_version(self, prefix: str, delimiter: str | None, after: str, version: str | None) -> Iterator[Item]:
        seen = self._newest_first(after) if version and after.startswith(prefix) else []
        yield from seen[1 + next((at for at, each in enumerate(seen) if each.version_id == version), len(seen)) :]
        for name, folder in self._walk(prefix, delimiter, after, lambda _name: True):
            yield from [folder] if folder else self._newest_first(name)

    def _newest_first(self, name: str) -> list[Any]:
        found = self.getlist(name, [])[::-1]
        for at, version in enumerate(found):
            version.is_latest = at == 0
        return found

    def _walk(self, prefix: str, delimiter: str | None, after: str, shown: Callable[[str], bool]) -> Iterator[tuple[str, str | None]]:
        """Keys in order; of those with a common prefix the first that is shown, with it."""
        if self._order is None:
            self._order = sorted(self)
        order = self._order
        at = bisect.bisect_right(order, after) if after >= prefix else bisect.bisect_left(order, prefix)
        while at < len(order) and order[at].startswith(prefix):
            name = order[at]
            end = name.find(delimiter, len(prefix)) if delimiter else -1
            folder = name[: end + len(delimiter or "")] if end >= 0 else None
            if not shown(name):
                at += 1
                continue
            if folder is None or folder > after:
                yield name, folder
            at = at + 1 if folder is None else bisect.bisect_right(order, folder, lo=at, key=lambda each: each[: len(folder)])


def _page(items: Iterator[Item], most: int) -> tuple[list[Item], bool]:
    page: list[Item] = []
    for item in items if most > 0 else ():
        if len(page) == most:
            return page, True
        page.append(item)
    return page, False


models._VersionedKeyStore = Keys  # type: ignore[misc]

#: What a plain upload reads of its bucket.
READ_BY_UPLOADS = {"encryption", "acl", "versioning_status", "notification_configuration"}


def _set(self: FakeBucket, name: str, value: Any) -> None:
    if name in READ_BY_UPLOADS and isinstance(keys := self.__dict__.get("keys"), Keys):
        keys.wake_all()
    object.__setattr__(self, name, value)


FakeBucket.__setattr__ = _set  # type: ignore[method-assign, assignment]


def _keys(bucket: FakeBucket) -> Keys:
    if isinstance(bucket, FakeTableStorageBucket):
        raise MethodNotAllowed()
    return bucket.keys  # type: ignore[return-value]


@operation(S3Backend)
def list_objects(
    self: S3Backend, bucket: FakeBucket, prefix: str | None, delimiter: str | None, marker: str | None, max_keys: int | None
) -> tuple[list[Item], list[Item], bool, str | None]:
    """Source: botocore s3 1.44.5 ListObjects, 2026-11-28
    Source: botocore s3 1.44.5 ListObjectsOutput, 2026-11-28
    """
    after = self._pagination_tokens.get(marker or "") or marker or ""
    page, more = _keys(bucket).current(prefix or "", delimiter, after, sys.maxsize if max_keys is None else min(max_keys, MOST_KEYS))
    token = None
    if more:
        # moto's own token: a marker is a key, but a key with signs that a client decodes would not come back as it went.
        last = self._get_name(page[-1])  # type: ignore[arg-type]
        token = hashlib.md5(last.encode(), usedforsecurity=False).hexdigest()
        self._pagination_tokens[token] = last
    return [item for item in page if not isinstance(item, str)], [item for item in page if isinstance(item, str)], more, token


@operation(S3Backend)
def list_objects_v2(
    self: S3Backend, bucket: FakeBucket, prefix: str | None, delimiter: str | None, continuation_token: str | None, start_after: str | None, max_keys: int
) -> tuple[list[Item], bool, str | None]:
    """Source: botocore s3 1.44.5 ListObjectsV2, 2026-11-28"""
    after = _after(continuation_token) if continuation_token else start_after or ""
    page, more = _keys(bucket).current(prefix or "", delimiter, after, min(max_keys, MOST_KEYS))
    return page, more, base64.urlsafe_b64encode(self._get_name(page[-1]).encode()).decode() if more else None  # type: ignore[arg-type]


def _after(token: str) -> str:
    """What a token names: the last that was given. It holds when the sandbox was started anew.

    Source: localstack/localstack tests/aws/services/s3/test_s3_list_operations.snapshot.json, 2026-11-28
    """
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidContinuationToken() from None


@operation(S3Backend)
def list_object_versions(
    self: S3Backend,
    bucket_name: str,
    delimiter: str | None = None,
    key_marker: str | None = None,
    max_keys: int | None = MOST_KEYS,
    prefix: str = "",
    version_id_marker: str | None = None,
) -> tuple[list[Item], list[Item], list[Item], str | None, str | None]:
    """Source: botocore s3 1.44.5 ListObjectVersions, 2026-11-28"""
    keys = self.get_bucket(bucket_name).keys
    most = MOST_KEYS if max_keys is None else min(max_keys, MOST_KEYS)
    page, more = keys.versions(prefix or "", delimiter, key_marker or "", version_id_marker, most)  # type: ignore[attr-defined]
    last = page[-1] if more else None
    return (
        [item for item in page if isinstance(item, FakeKey)],
        [item for item in page if isinstance(item, str)],
        [item for item in page if isinstance(item, FakeDeleteMarker)],
        last if last is None or isinstance(last, str) else last.name,
        None if last is None or isinstance(last, str) else last.version_id,
    )
