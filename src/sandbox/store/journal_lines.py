"""An entry of the journal as a line of its file, with room for what its request's answer adds."""

from __future__ import annotations

import json
from typing import Any

#: Room in a line for what is known only after its request was run: written over in place, so that it always fits.
AFTERWARDS = 384
LINE_END = b"}\n"


def room_for(after: dict[str, Any]) -> bytes:
    return json.dumps(after, separators=(",", ":")).ljust(AFTERWARDS).encode()


def line_of(entry: dict[str, Any]) -> bytes:
    """An entry as a line of the journal, with room for what is known afterwards."""
    rest = json.dumps({key: value for key, value in entry.items() if key != "after"}, separators=(",", ":"))
    return rest[:-1].encode() + b',"after":' + room_for(entry.get("after", {})) + LINE_END


def entry_of(line: bytes) -> dict[str, Any]:
    """What a line of the journal holds."""
    try:
        entry = json.loads(line.decode())
    except json.JSONDecodeError:
        # Killed while that was written over in place: the request itself is whole.
        entry = json.loads(line[: -AFTERWARDS - len(LINE_END)] + b"{}" + LINE_END)
    return entry
