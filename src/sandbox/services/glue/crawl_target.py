"""What the crawls of all targets share: the error that a crawl ends with, the names of tables, and exclude patterns."""

from __future__ import annotations

import re
from typing import Iterable


class CrawlError(Exception):
    """Why a crawl failed, for whoever started it."""


#: What a crawl has to say in its log.
notes: list[str] = []


def note(line: str) -> None:
    notes.append(line)


def catalog_name(name: str) -> str:
    """A name with the characters that the catalog allows."""
    return re.sub(r"[^a-z0-9_]", "_", name.lower())


def is_excluded(path: str, patterns: Iterable[str]) -> bool:
    """Glue's exclude patterns: ``*`` stays within a folder, ``**`` does not, ``{a,b}`` are alternatives."""
    return any(re.fullmatch(_regex_of(pattern), path) for pattern in patterns)


def _regex_of(pattern: str) -> str:
    found, depth, at = "", 0, 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            found, at = found + ".*", at + 1
        elif char == "*":
            found += "[^/]*"
        elif char == "?":
            found += "[^/]"
        elif char == "{":
            found, depth = found + "(?:", depth + 1
        elif char == "}" and depth:
            found, depth = found + ")", depth - 1
        elif char == "," and depth:
            found += "|"
        elif char == "[" and "]" in pattern[at:]:
            end = pattern.index("]", at)
            found, at = found + "[" + pattern[at + 1 : end].replace("!", "^", 1) + "]", end
        else:
            found += re.escape(char)
        at += 1
    return found
