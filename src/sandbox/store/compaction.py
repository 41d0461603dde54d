"""Shortens the journal: leaves out what was done to objects of S3 that have been replaced or deleted since.

Why the shorter journal is the same lake. Each request is replayed with its own seed and time, so what is left out moves
nothing of what stays. An object's key is a cell of its own: putting or deleting it writes that cell and reads no other,
and reads of its bucket only what no left-out request changes. So a request that wrote a cell can go if a later one wrote
it anew without looking, and nothing in between looked into it. Deleting an empty cell does nothing.

Whatever is not surely such a request counts as one that looked into all cells it might have: what they held then stays,
and so does all that they held before a look. Buckets that remember more than the last object (versions, locks), or
tell others of changes (notifications, replication, logging), are left as they are.

Log events of one stream that were put within an hour become one request, as if they had been put together: a function
that is invoked every two minutes puts some each time, and each request takes its time to replay.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from typing import Any, Callable

from sandbox.store.journal_file import Item, Put

Entry = dict[str, Any]
Items = list[Item]
Cell = tuple[str, str]

#: Methods that change nothing.
READ_METHODS = ("GET", "HEAD", "OPTIONS")

#: Services whose part of moto does not know S3, and actions that do of others.
APART = {"iam", "sts", "glue", "lakeformation", "events", "ssm", "quicksight", "budgets"}
APART_BUT = {
    "logs": {"CreateExportTask"},
    "athena": {"StartQueryExecution", "GetQueryExecution", "GetQueryResults"},
    "ec2": {"CreateFlowLogs"},
    "lambda": {"POST", "PUT"},
}
#: Services that look into objects and write none.
LOOKS_ONLY = {"lambda"}

#: Settings of a bucket that objects come and go without regard to.
SETTINGS = {"publicAccessBlock", "lifecycle", "tagging", "policy", "encryption", "cors", "website", "ownershipControls", "accelerate", "acl", "requestPayment"}

#: Parts of the query of a plain request for an object.
PLAIN_QUERY = re.compile(r"x-id|X-Amz-.*")

#: Headers that make a request for an object look at what is there, or leave more than the object.
LOOKING = ("HTTP_IF_MATCH", "HTTP_X_AMZ_IF_MATCH_LAST_MODIFIED_TIME", "HTTP_X_AMZ_IF_MATCH_SIZE", "HTTP_X_AMZ_TAGGING")


def compacted(entries: Items, content: Callable[[Entry], bytes]) -> Items:
    """The entries that the same lake can be made of, in their order."""
    return _joined(_Compaction(entries, content).kept())


#: Logs that are put together: not too much for one request, and not too far from its time, or they are refused.
MOST_PUTS = 200
LARGEST_PUT = 48 * 1024
LONGEST_PUT = 3_600.0
#: Beginnings of actions that change nothing of what was put. What a read answered nobody asks again.
APART_LOGS = ("CreateLogGroup", "CreateLogStream", "Get", "Describe", "List", "Filter")


def _joined(entries: Items) -> Items:
    """The entries, with what was put into one log stream put at once."""
    kept: list[Any] = []
    #: By region, group and stream: where in `kept` its last put is, and how many bytes it has come to.
    last: dict[tuple[str, str, str], tuple[int, int]] = {}
    puts: dict[int, list[dict[str, Any]]] = {}
    for entry in entries:
        if isinstance(entry, Put):
            kept.append(entry)
            continue
        service, region, action = entry["kind"].split("/", 2)
        put = _log_put(entry) if (service, action) == ("logs", "PutLogEvents") else None
        if put is None:
            if service == "logs" and not action.startswith(APART_LOGS):
                last.clear()  # who knows what it does to what was put before, or looks for in it
            kept.append(entry)
            continue
        stream, size = (region, put["logGroupName"], put["logStreamName"]), len(entry["body"])
        at, before = last.get(stream, (-1, 0))
        if at < 0 or len(puts[at]) + 1 > MOST_PUTS or before + size > LARGEST_PUT or entry["time"] - kept[at]["time"] > LONGEST_PUT:
            last[stream], puts[len(kept)] = (len(kept), size), [put]
            kept.append(entry)
        else:
            last[stream] = (at, before + size)
            puts[at].append(put)
    for at, joined in puts.items():
        if len(joined) > 1:
            events = sorted((event for put in joined for event in put["logEvents"]), key=lambda event: event["timestamp"])
            body = json.dumps({**joined[0], "logEvents": events}).encode()
            environ = {**kept[at]["environ"], "CONTENT_LENGTH": str(len(body))}
            kept[at] = {**kept[at], "environ": environ, "body": base64.b64encode(body).decode("ascii")}
    return kept


def _log_put(entry: Entry) -> dict[str, Any] | None:
    """What a request puts into a log stream, if it is a plain one that was answered."""
    if entry.get("after", {}).get("status") != 200 or "body" not in entry or "HTTP_CONTENT_ENCODING" in entry["environ"]:
        return None
    put = json.loads(base64.b64decode(entry["body"]))
    return put if set(put) == {"logGroupName", "logStreamName", "logEvents"} else None


class _Compaction:
    def __init__(self, entries: Items, content: Callable[[Entry], bytes]) -> None:
        self._entries, self._content = entries, content
        self._dropped: set[int] = set()
        #: What made the object that a cell holds.
        self._made: dict[Cell, list[int]] = {}
        #: Cells that a kept entry wrote, and which therefore need their deletion.
        self._pinned: set[Cell] = set()
        #: Someone else may have written any cell; those are sure that were deleted since.
        self._strange = False
        self._sure: set[Cell] = set()
        self._uploads: dict[str, tuple[Cell, list[int]]] = {}
        self._left_alone: set[str] = set()

    def kept(self) -> Items:
        for index, entry in enumerate(self._entries):
            if not isinstance(entry, Put):
                self._take(index, entry)
            elif entry.bucket not in self._left_alone:
                self._put((entry.bucket, entry.key), [index])
        return [entry for index, entry in enumerate(self._entries) if index not in self._dropped]

    def _take(self, index: int, entry: Entry) -> None:
        environ = entry["environ"]
        service, _, action = entry["kind"].split("/", 2)
        if service in APART or (service in APART_BUT and action not in APART_BUT[service]):
            return
        method = environ["REQUEST_METHOD"]
        if service == "s3" and method in READ_METHODS:
            return
        status = entry.get("after", {}).get("status", 0)
        if service != "s3" or not 200 <= status < 300:
            # What was refused wrote nothing. What was cut short may have.
            self._look(lambda _cell: True, strange=status < 400 and service not in LOOKS_ONLY)
            return
        path = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
        bucket, _, key = urllib.parse.unquote(path.split("?")[0].lstrip("/")).partition("/")
        query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        if "://" in path or path.startswith("//") or not re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", environ.get("HTTP_HOST", "")):
            self._look(lambda _cell: True, strange=True)
        elif bucket in self._left_alone:
            self._source(environ)
        elif key:
            self._object(index, entry, method, (bucket, key), query)
        elif method == "POST" and set(query) == {"delete"}:
            self._delete_many(index, entry, bucket)
        else:
            self._look(lambda cell: cell[0] == bucket)
            plain = method == "DELETE" and not query or method in ("PUT", "DELETE") and set(query) and set(query) <= SETTINGS
            created = method == "PUT" and not query and environ.get("HTTP_X_AMZ_BUCKET_OBJECT_LOCK_ENABLED", "false").lower() == "false"
            if not plain and not created:
                self._left_alone.add(bucket)

    def _object(self, index: int, entry: Entry, method: str, cell: Cell, query: dict[str, list[str]]) -> None:
        environ = entry["environ"]
        extra = {name for name in query if not PLAIN_QUERY.fullmatch(name)}
        looking = any(name in environ for name in LOOKING)
        self._source(environ)
        if extra == {"uploads"} and method == "POST" and not looking:
            made = entry["after"].get("known", {}).get("upload")
            if made:
                self._uploads[made] = (cell, [index])
                return
        elif extra in ({"uploadId"}, {"uploadId", "partNumber"}) and query["uploadId"][0] in self._uploads:
            upload, entries = self._uploads[query["uploadId"][0]]
            entries.append(index)
            if extra == {"uploadId"}:
                del self._uploads[query["uploadId"][0]]
            if upload == cell and extra == {"uploadId"} and method == "POST" and not looking:
                self._put(upload, entries)
                return
            if upload == cell and extra == {"uploadId"} and method == "DELETE":
                self._dropped.update(entries)
                return
            if upload == cell and method == "PUT":
                return
        elif not extra and not looking and method == "PUT":
            self._put(cell, [index])
            return
        elif not extra and not looking and method == "DELETE":
            self._delete(index, [cell])
            return
        self._look(lambda other: other == cell)
        self._pinned.add(cell)

    def _put(self, cell: Cell, entries: list[int]) -> None:
        self._dropped.update(self._made.pop(cell, ()))
        self._made[cell] = entries

    def _delete(self, index: int, cells: list[Cell]) -> None:
        for cell in cells:
            self._dropped.update(self._made.pop(cell, ()))
        if not self._pinned.intersection(cells) and (not self._strange or self._sure.issuperset(cells)):
            self._dropped.add(index)
        else:
            self._pinned.difference_update(cells)
            self._sure.update(cells)

    def _delete_many(self, index: int, entry: Entry, bucket: str) -> None:
        import xmltodict

        listed = xmltodict.parse(self._content(entry), strip_whitespace=False, force_list={"Object"})["Delete"].get("Object", [])
        if any(set(item) != {"Key"} for item in listed):
            self._look(lambda cell: cell[0] == bucket)
            self._pinned.update((bucket, item["Key"]) for item in listed)
        else:
            self._delete(index, [(bucket, item["Key"]) for item in listed])

    def _source(self, environ: dict[str, str]) -> None:
        """A copy looks into what it copies."""
        copied = environ.get("HTTP_X_AMZ_COPY_SOURCE")
        if copied:
            bucket, _, key = urllib.parse.unquote(copied.split("?")[0]).lstrip("/").partition("/")
            self._look(lambda cell: cell == (bucket, key))

    def _look(self, into: Callable[[Cell], bool], strange: bool = False) -> None:
        """What the cells hold now must be made by the replay too. With `strange` there may be more in them than is known."""
        if strange:
            self._strange = True
            self._sure.clear()
        for cell in [cell for cell in self._made if into(cell)]:
            del self._made[cell]
            self._pinned.add(cell)
