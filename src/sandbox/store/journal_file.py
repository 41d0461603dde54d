"""The journal's file, read: plain uploads by where they stand in it, everything else as it is; what cannot be read, apart.

Of a large lake nearly every line is a plain upload, and to read them all takes longer than all else of a start. So a start
and a stop leave an index of them beside the journal. It holds nothing that the journal does not: one that is torn or not of
this journal is put aside, and the journal is read.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple, Union

from sandbox.store.journal_lines import entry_of

#: Fewer uploads are read sooner than an index of them is written.
FEW = 1_000
FORMAT = 1


class Put(NamedTuple):
    """A plain upload: where its line is, and what a start must know of it."""

    place: int
    size: int
    bucket: str
    key: str
    region: str
    access_key: str
    time: float
    #: The file of its body, if that is not in the line.
    file: str | None


Item = Union[dict[str, Any], Put]
#: Bucket, key, region and access key of an entry, if that is a plain upload.
Reader = Callable[[dict[str, Any]], Union[tuple[str, str, str, str], None]]


class JournalFile:
    """The lines that were written to the end, and the index of the plain uploads among them."""

    def __init__(self, folder: Path, plain: Reader) -> None:
        self.path, self._index, self._aside = folder / "journal.jsonl", folder / "journal.index", folder / "journal.damaged"
        self._plain = plain
        #: Lines that could not be read in this start.
        self.damaged: list[int] = []
        self.next = 1
        #: Uploads that the index tells of.
        self.indexed = 0

    def read(self) -> list[Item]:
        """What the journal holds. A last line that was cut off by a kill is dropped: its request was never answered."""
        self.damaged, self.indexed = [], 0
        if not self.path.exists():
            self._index.unlink(missing_ok=True)
            return []
        puts, covered, number = self._from_index()
        self.indexed = len(puts)
        items: list[Item] = []
        whole = line_number = 0
        with open(self.path, "rb") as lines:
            for put in puts:
                if whole < put.place:
                    lines.seek(whole)
                    for line, place in _lines(lines, whole, put.place):
                        line_number += 1
                        self._take(items, line, place, line_number)
                items.append(put)
                line_number += 1
                whole = put.place + put.size
            lines.seek(whole)
            for line, place in _lines(lines, whole, sys.maxsize):
                if not line.endswith(b"\n"):
                    break
                line_number += 1
                self._take(items, line, place, line_number)
                whole = place + len(line)
        if whole < self.path.stat().st_size:
            os.truncate(self.path, whole)
        self.next = max(self.next, number if covered else 1)
        return items

    def _take(self, items: list[Item], line: bytes, place: int, number: int) -> None:
        try:
            entry = entry_of(line)
            self.next = max(self.next, entry["n"] + 1)
            kind, time = entry["kind"], entry["time"]
            found = self._plain(entry) if kind.startswith("s3/") and kind.endswith("/PUT") and entry.get("after", {}).get("status") == 200 else None
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            self._put_aside(line, number, error)
            return
        if found:
            bucket, key, region, access_key = found
            items.append(Put(place, len(line), sys.intern(bucket), key, sys.intern(region), sys.intern(access_key), time, entry.get("file")))
        else:
            # A hundred thousand requests have few different headers.
            entry["environ"] = {sys.intern(name): sys.intern(value) for name, value in entry["environ"].items()}
            items.append(entry)

    def _put_aside(self, line: bytes, number: int, error: Exception) -> None:
        """Keeps a line that cannot be read, and says which it is: all else comes back without it."""
        self.damaged.append(number)
        with open(self._aside, "ab") as out:
            out.write(line)
        print(f"line {number} of {self.path} cannot be read ({error}): what it did is missing; the line is kept in {self._aside}", file=sys.stderr)

    def line_of(self, put: Put) -> dict[str, Any]:
        """The entry of an upload."""
        with open(self.path, "rb") as lines:
            lines.seek(put.place)
            return entry_of(lines.read(put.size))

    def rewrite(self, items: list[Item], line_of: Callable[[dict[str, Any]], bytes]) -> list[Item] | None:
        """Puts a shorter journal in the place of the journal. None where that does not fit: the longer one does as well."""
        shorter = self.path.with_name("journal.new")
        moved: list[Item] = []
        place = 0
        try:
            with open(shorter, "wb") as out, open(self.path, "rb") as lines:
                for item in items:
                    if isinstance(item, Put):
                        lines.seek(item.place)
                        line = lines.read(item.size)
                        moved.append(item._replace(place=place))
                    else:
                        line = line_of(item)
                        moved.append(item)
                    out.write(line)
                    place += len(line)
                out.flush()
                os.fsync(out.fileno())
            self._index.unlink(missing_ok=True)
            self.indexed = 0
            os.replace(shorter, self.path)
            return moved
        except OSError as error:
            print(f"the journal was not compacted: {error}", file=sys.stderr)
            shorter.unlink(missing_ok=True)
            return None

    def write_index(self, puts: list[Put], size: int, following: int) -> None:
        """Tells the next start of the plain uploads among the first bytes of the journal. It does without where that does not fit."""
        if len(puts) - self.indexed < FEW:
            return
        fresh = self._index.with_name("journal.index.new")
        try:
            body = json.dumps(puts, separators=(",", ":")).encode()
            head = {"format": FORMAT, "journal": size, "sum": self._sum(size), "next": following, "puts": zlib.crc32(body)}
            with open(fresh, "wb") as out:
                out.write(json.dumps(head).encode() + b"\n" + body)
                out.flush()
                os.fsync(out.fileno())
            os.replace(fresh, self._index)
            self.indexed = len(puts)
        except OSError as error:
            print(f"the journal has no new index: {error}", file=sys.stderr)
            fresh.unlink(missing_ok=True)

    def _from_index(self) -> tuple[list[Put], int, int]:
        """The uploads that the index tells of, how much of the journal it is of, and the number of the next request."""
        try:
            with open(self._index, "rb") as file:
                head, body = json.loads(file.readline()), file.read()
            if head["format"] != FORMAT or zlib.crc32(body) != head["puts"] or self._sum(head["journal"]) != head["sum"]:
                raise ValueError("it is torn, or of another journal")
            bucket = sys.intern
            puts = [Put(place, size, bucket(name), key, bucket(region), bucket(access), time, file) for place, size, name, key, region, access, time, file in json.loads(body)]
            return puts, head["journal"], head["next"]
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError) as error:
            print(f"{self._index} is put aside ({error}): the journal itself is read", file=sys.stderr)
            os.replace(self._index, self._index.with_name("journal.index.damaged"))
        return [], 0, 1

    def _sum(self, size: int) -> int:
        total = 0
        with open(self.path, "rb") as file:
            while size > 0:
                chunk = file.read(min(size, 1 << 20))
                if not chunk:
                    raise ValueError("the journal is shorter than it was")
                total = zlib.crc32(chunk, total)
                size -= len(chunk)
        return total


def _lines(file: Any, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Lines of a file between two places, each with where it starts."""
    while start < end and (line := file.readline()):
        yield line, start
        start += len(line)
